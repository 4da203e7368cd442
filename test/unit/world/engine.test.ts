/** Worlds of a fixed cast: what their devices hear, by tshark and by our own observer. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dissect } from '../../../packets/dissect.ts';
import { Dissection } from '../../../packets/dissection.ts';
import { Observer } from '../../../packets/observe/observer.ts';
import { WorldCapture } from '../../../world/engine/capture.ts';
import type { Fact } from '../../../world/engine/emission.ts';
import { merge } from '../../../world/engine/merge.ts';
import { World, type WorldFrame, type WorldStep } from '../../../world/engine/world.ts';
import { tsharkComplaints } from '../../support/read-frames.ts';
import { tsharkFields } from '../../support/tshark.ts';
import { BEINGS, castOf, MINUTE_MS, START_MS, smallOffice } from '../../support/world-cast.ts';

const dir = mkdtempSync(join(tmpdir(), 'airherd-world-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const SPAN_MS = 3 * MINUTE_MS;
const newWorld = () => new World(smallOffice(), castOf(), { beaconsOneIn: 10 });
const framesOf = (steps: readonly WorldStep[]) =>
  steps.filter((step): step is WorldFrame => step.type === 'frame');
const factsOf = <T extends Fact['type']>(steps: readonly WorldStep[], type: T) =>
  steps.flatMap((step) =>
    step.type === 'fact' && step.fact.type === type ? [step.fact as Extract<Fact, { type: T }>] : [],
  );

function observe(frames: readonly WorldFrame[]): Observer {
  const observer = new Observer();
  const d = new Dissection();
  frames.forEach(({ bytes, linkType, timeUs, interface: interfaceName }, i) => {
    dissect(d, bytes, linkType);
    observer.frame(d, { timeMs: timeUs / 1000, number: i + 1, interfaceName, originalLength: bytes.length });
  });
  return observer;
}

const steps = [...newWorld().run(START_MS, START_MS + SPAN_MS)];
const frames = framesOf(steps);

describe('order and parts', () => {
  test('steps come in order of time, within the time that was asked for', () => {
    const times = steps.map(({ timeUs }) => timeUs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(START_MS * 1000);
    expect(times.at(-1)).toBeLessThan((START_MS + SPAN_MS) * 1000);
  });

  test('a second run is the same, byte for byte', () => {
    expect([...newWorld().run(START_MS, START_MS + SPAN_MS)]).toEqual(steps);
  });

  test.each(['ap0', 'ap1', 'sw-f0', 'core'])('%s alone hears what it hears in the whole', (device) => {
    const alone = framesOf([...newWorld().run(START_MS, START_MS + SPAN_MS, device)]);
    expect(alone.length).toBeGreaterThan(50);
    expect(alone).toEqual(frames.filter((frame) => frame.device === device));
  });

  test('another being more changes no frame of the others', () => {
    const fewer = new World(smallOffice(), castOf(BEINGS.filter(({ id }) => id !== 'phone-2')), {
      beaconsOneIn: 10,
    });
    const transmitters = (of: readonly WorldFrame[], mac: string) =>
      of.filter(({ bytes }) => Buffer.from(bytes).toString('hex').includes(mac.replaceAll(':', '')));
    const mac = factsOf(steps, 'join')[0].mac;
    const without = framesOf([...fewer.run(START_MS, START_MS + SPAN_MS)]);
    const own = (of: readonly WorldFrame[]) => transmitters(of, mac).filter(({ linkType }) => linkType === 1);
    expect(own(without)).toEqual(own(frames));
    expect(own(frames).length).toBeGreaterThan(10);
  });

  test('it is made as it is read: a year costs nothing until then', () => {
    const year = newWorld().run(START_MS, START_MS + 365 * 86_400_000);
    expect(Array.from({ length: 20 }, () => year.next().done)).not.toContain(true);
  });

  test('merge keeps order, and the order of streams at one instant', () => {
    const of = (...times: number[]) => times.map((timeUs, i) => ({ timeUs, i })).values();
    const merged = [...merge([of(1, 5, 5, 9), of(), of(2, 5), of(0)])].map(
      ({ timeUs, i }) => `${timeUs}/${i}`,
    );
    expect(merged).toEqual(['0/0', '1/0', '2/0', '5/1', '5/2', '5/1', '9/3']);
  });

  test('merge tells what is left to wait: what is first, and what is half a second and more away', () => {
    const waited: number[] = [];
    const times = [1, 400_000, 1_000_000, 1_000_001].map((timeUs) => ({ timeUs }));
    expect([...merge([times.values()], ({ timeUs }) => waited.push(timeUs))]).toEqual(times);
    expect(waited).toEqual([1, 1_000_000]);
  });
});

describe('what tshark reads', () => {
  const path = join(dir, 'world.pcapng');
  let rows: Record<string, string[]>[];
  const FIELDS = [
    'frame.interface_name',
    'frame.time_epoch',
    'wlan.fc.type_subtype',
    'wlan.ta',
    'wlan.seq',
    'wlan.ssid',
    'radiotap.dbm_antsignal',
    'eap.identity',
    'dhcp.option.dhcp',
    'dhcp.ip.your',
    'dhcp.hw.mac_addr',
    'dhcp.option.hostname',
    'wlan.bssid',
    'btle.advertising_address',
    'btle.crc.incorrect',
  ] as const;

  beforeAll(async () => {
    const capture = new WorldCapture('test');
    for (const frame of frames) capture.add(frame);
    writeFileSync(path, capture.take());
    const read = await tsharkFields(path, FIELDS);
    rows = read.map((values) => Object.fromEntries(FIELDS.map((field, i) => [field, values[i]])));
  });

  test('is not malformed, has no error, and every checksum is right', () => {
    expect(tsharkComplaints(path)).toEqual([]);
  });

  test('is frame by frame what the world says that it sent: when, where, how strong', () => {
    expect(rows.map((row) => [row['frame.interface_name'][0], row['frame.time_epoch'][0]])).toEqual(
      frames.map((frame) => [
        `${frame.device}/${frame.interface}`,
        `${Math.floor(frame.timeUs / 1e6)}.${String(frame.timeUs % 1e6).padStart(6, '0')}000`,
      ]),
    );
    const air = frames.flatMap((frame, i) => (frame.linkType === 127 ? [[frame, rows[i]] as const] : []));
    expect(air.map(([, row]) => row['radiotap.dbm_antsignal'][0] ?? null)).toEqual(
      air.map(([frame]) => (frame.rssiDbm === null ? null : String(frame.rssiDbm))),
    );
  });

  test('has the addresses and names that the world gave', () => {
    const given = factsOf(steps, 'address').map(({ mac, ipv4, hostName }) => `${mac} ${ipv4} ${hostName}`);
    expect(given).toHaveLength(4);
    const names = new Map<string, string>();
    for (const row of rows) {
      const [name] = row['dhcp.option.hostname'];
      if (name !== undefined) names.set(row['dhcp.hw.mac_addr'][0], name);
    }
    const acks = rows
      .filter((row) => row['dhcp.option.dhcp'][0] === '5')
      .map(
        (row) =>
          `${row['dhcp.hw.mac_addr'][0]} ${row['dhcp.ip.your'][0]} ${names.get(row['dhcp.hw.mac_addr'][0])}`,
      );
    expect(new Set(acks)).toEqual(new Set(given));
  });

  test('has the networks, access points and users of the joins and roams', () => {
    const facts = [...factsOf(steps, 'join'), ...factsOf(steps, 'roam')];
    const asked = rows
      .filter((row) => ['0x0000', '0x0002'].includes(row['wlan.fc.type_subtype'][0]))
      .map(
        (row) =>
          `${row['wlan.ta'][0]} ${row['wlan.bssid'][0]} ${Buffer.from(row['wlan.ssid'][0], 'hex').toString()}`,
      );
    expect(new Set(asked)).toEqual(new Set(facts.map(({ mac, bssid, ssid }) => `${mac} ${bssid} ${ssid}`)));
    expect(new Set(rows.flatMap((row) => row['eap.identity']))).toEqual(new Set(['alice@corp.example']));
  });

  test('has bursts of seven probe requests, each burst with a MAC of its own', () => {
    const macs = factsOf(steps, 'scan')
      .filter(({ being }) => being === 'phone-2')
      .map(({ mac }) => mac);
    expect(new Set(macs).size).toBe(3);
    const probes = rows
      .filter((row) => row['wlan.fc.type_subtype'][0] === '0x0004')
      .map((row) => row['wlan.ta'][0]);
    // Some of the seven go out on channels that none of the access points is on.
    for (const mac of macs) expect(probes.filter((ta) => ta === mac).length).toBeLessThanOrEqual(14);
    expect(probes.some((ta) => macs.includes(ta))).toBe(true);
  });

  test('has sequence numbers that count up by one for each transmitter', () => {
    const bySender = new Map<string, string[]>();
    rows.forEach((row) => {
      const [ta] = row['wlan.ta'];
      if (ta === undefined) return;
      const key = `${row['frame.time_epoch'][0]} ${row['wlan.seq'][0]}`;
      const seen = bySender.get(ta) ?? [];
      if (seen.at(-1) !== key) bySender.set(ta, [...seen, key]);
    });
    const own = new Set(
      smallOffice().accessPoints.flatMap((ap) => ap.radios.flatMap(({ bssids }) => bssids)),
    );
    const steady = [...bySender].filter(([ta]) => own.has(ta));
    expect(steady).toHaveLength(own.size);
    for (const [, keys] of steady) {
      const numbers = keys.map((key) => Number(key.split(' ')[1]));
      expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] + i) & 0xfff));
    }
  });

  test('has BLE advertisements with a right CRC, of the one tag', () => {
    const ble = rows.filter((row) => row['btle.advertising_address'].length > 0);
    expect(ble.length).toBeGreaterThan(100);
    expect(new Set(ble.map((row) => row['btle.advertising_address'][0])).size).toBe(1);
    expect(ble.flatMap((row) => row['btle.crc.incorrect'])).toEqual([]);
  });
});

describe('what our own observer learns', () => {
  test('an access point knows its clients by radio and wire: names, addresses, SSIDs', () => {
    const clients = observe(frames.filter(({ device }) => device === 'ap0')).clients();
    const [joined] = factsOf(steps, 'join').filter(({ being }) => being === 'phone-0');
    const [address] = factsOf(steps, 'address').filter(({ being }) => being === 'phone-0');
    const found = clients.find(({ mac }) => mac === joined.mac);
    expect(found).toMatchObject({
      hostName: 'Alices-iPhone',
      userName: 'alice@corp.example',
      band: '5',
      os: 'iOS 18.1',
      userAgent: BEINGS[0].userAgent,
      ip4: expect.arrayContaining([address.ipv4]),
    });
  });

  test("neighbours by LLDP are the site's wires", () => {
    const { wires } = smallOffice();
    const chassis = (id: string) => {
      const site = smallOffice();
      return [...site.accessPoints, ...site.switches].find((device) => device.id === id)?.mac;
    };
    const told = wires.flatMap(({ a, b }) => [
      `${a.device} ${a.port} ${chassis(b.device)}`,
      `${b.device} ${b.port} ${chassis(a.device)}`,
    ]);
    const heard = [...smallOffice().accessPoints, ...smallOffice().switches].flatMap(({ id: device }) =>
      observe(frames.filter((frame) => frame.device === device))
        .neighbours()
        .filter(({ systemName }) => systemName !== BEINGS[3].hostName)
        .map(({ port, chassisId }) => `${device} ${port} ${chassisId}`),
    );
    expect(heard.toSorted()).toEqual(told.toSorted());
  });

  test('a switch knows who is on which port; a printer says so itself', () => {
    const observer = observe(frames.filter(({ device }) => device === 'sw-f0'));
    const printer = observer.wiredHosts().find(({ mac }) => mac === BEINGS[3].mac);
    expect(printer).toMatchObject({ port: 'ge-0/0/6', hostName: 'BRN008077000003', ip4: ['10.10.0.23'] });
    expect(observer.neighbours().map(({ systemName }) => systemName)).toContain('BRN008077000003');
  });
});
