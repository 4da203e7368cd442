/**
 * Wires, spanning tree and address tables agree: what tshark reads in a run's frames is put together to a
 * topology again, and that is the site's.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Being } from '../../../world/beings/model.ts';
import { WorldCapture } from '../../../world/engine/capture.ts';
import { type ConditionsAt, undisturbed } from '../../../world/engine/network.ts';
import { World } from '../../../world/engine/world.ts';
import { UNDISTURBED } from '../../../world/happenings/conditions.ts';
import type { Site, WireEnd } from '../../../world/site/model.ts';
import { officeSite } from '../../../world/site/office.ts';
import { stadiumSite } from '../../../world/site/stadium.ts';
import { Switching } from '../../../world/site/switching.ts';
import { tsharkFields } from '../../support/tshark.ts';
import { BASE, castOf, LAPTOP, MINUTE_MS, PRINTER, START_MS } from '../../support/world-cast.ts';

const dir = mkdtempSync(join(tmpdir(), 'airherd-topology-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const FIELDS = [
  'frame.interface_name',
  'eth.src',
  'vlan.id',
  'lldp.chassis.id.mac',
  'lldp.port.id',
  'stp.root.hw',
  'stp.root.prio',
  'stp.root.cost',
  'stp.bridge.hw',
  'stp.bridge.prio',
  'stp.port',
  'stp.flags.port_role',
] as const;
type Read = Record<(typeof FIELDS)[number], string>;

let files = 0;
async function readBack(
  site: Site,
  cast: ReturnType<typeof castOf>,
  spanMs: number,
  conditionsAt: ConditionsAt = undisturbed,
): Promise<Read[]> {
  const world = new World(site, cast, { ble: false, beaconsOneIn: 1000, conditionsAt });
  const capture = new WorldCapture('test');
  for (const step of world.run(START_MS, START_MS + spanMs)) {
    if (step.type === 'frame' && step.linkType === 1) capture.add(step);
  }
  const path = join(dir, `${files++}.pcapng`);
  writeFileSync(path, capture.take());
  const rows = await tsharkFields(path, FIELDS);
  return rows.map((row) => Object.fromEntries(FIELDS.map((field, i) => [field, row[i][0] ?? ''])) as Read);
}

const edge = (a: string, b: string): string => [a, b].sort().join(' -- ');
const text = ({ device, port }: WireEnd): string => `${device}/${port}`;

/** Wires as LLDP tells them: the port that heard, and the device and port that spoke. */
function wiresBy(read: readonly Read[], site: Site): string[] {
  const names = new Map([...site.switches, ...site.accessPoints].map(({ mac, id }) => [mac, id]));
  const found = read.flatMap((frame) => {
    const chassis = frame['lldp.chassis.id.mac'];
    if (chassis === '' || !names.has(chassis)) return [];
    const port = frame['lldp.port.id'] === 'eth0' ? 'uplink' : frame['lldp.port.id'];
    return [edge(frame['frame.interface_name'], `${names.get(chassis)}/${port}`)];
  });
  return [...new Set(found)].sort();
}

/** Best BPDU that each port heard: cost, bridge, port, in the order of 802.1D-2004 17.6. */
function bpdusBy(read: readonly Read[]): Map<string, Read> {
  const heard = new Map<string, Read>();
  for (const frame of read) if (frame['stp.root.hw'] !== '') heard.set(frame['frame.interface_name'], frame);
  return heard;
}

const site = officeSite({ seed: 2, floors: 4 });
const switching = new Switching(site);
const onPort = (being: Being, index: number, device: string): Being => ({
  ...being,
  id: `wired-${index}`,
  index,
  mac: `00:80:77:00:01:0${index}`,
  wired: { device, port: 'ge-0/0/12' },
});
const roaming = (being: Being, index: number): Being => ({
  ...being,
  id: `phone-${index}`,
  index,
  mac: `00:14:22:00:02:0${index}`,
  macPolicy: { joined: 'permanent', probing: 'permanent' },
});
const beings = [
  onPort(PRINTER, 1, 'sw-f0'),
  onPort(PRINTER, 2, 'sw-f3'),
  roaming(BASE, 3),
  roaming(LAPTOP, 4),
];
const joins: Readonly<Record<string, number>> = {
  'phone-3': site.accessPoints.findIndex((ap) => ap.at.floor === 'f1'),
  'phone-4': site.accessPoints.findLastIndex((ap) => ap.at.floor === 'f2'),
};
const cast = castOf(
  beings,
  Object.fromEntries(
    Object.entries(joins).map(([id, accessPoint]) => [
      id,
      [{ kind: 'join', tMs: START_MS + 1000, accessPoint, band: '5' }],
    ]),
  ),
);
const read = await readBack(site, cast, MINUTE_MS);

describe('an office with two cores', () => {
  test('LLDP gives its wires back, each from both ends', () => {
    const wires = site.wires.map(({ a, b }) => edge(text(a), text(b)));
    expect(wiresBy(read, site)).toEqual(wires.sort());
  });

  test('BPDUs give its spanning tree back: root, root ports and blocked ports', () => {
    const heard = bpdusBy(read);
    const roots = new Set([...heard.values()].map((frame) => frame['stp.root.hw']));
    expect([...roots]).toEqual([switching.root?.mac]);
    const roles = new Map<string, string>();
    for (const { id: device } of site.switches) {
      const ports = [...heard].filter(([name]) => name.startsWith(`${device}/`));
      if (ports.length === 0) continue;
      // All links are alike: the cost of the own port decides nothing.
      const rank = ([, f]: [string, Read]) =>
        [f['stp.root.cost'], f['stp.bridge.prio'], f['stp.bridge.hw'], f['stp.port']]
          .map((part) => part.padStart(20, '0'))
          .join(' ');
      const [best, ...others] = ports.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
      roles.set(best[0], 'root');
      for (const [name] of others) roles.set(name, 'alternate');
    }
    const expected = site.switches.flatMap((device) =>
      device.ports.flatMap(({ id: port }) => {
        const role = switching.portRole({ device: device.id, port });
        return role === 'root' || role === 'alternate' ? [[`${device.id}/${port}`, role]] : [];
      }),
    );
    expect(expected.length).toBe(4 + 4 + 1);
    expect([...roles].sort()).toEqual(expected.sort());
  });

  test('every bridge learns every station at the port that its address table has it at', () => {
    const stations = beings.map((being) => ({
      mac: being.mac,
      vlan: being.wired === null && being.wifi?.ssid === 'guest' ? 20 : 10,
      at: being.wired ?? { device: site.accessPoints[joins[being.id]].id, port: 'uplink' },
    }));
    const macs = new Set(stations.map(({ mac }) => mac));
    for (const bridge of switching.bridges) {
      const learned = new Map<string, string>();
      for (const frame of read) {
        const [device, ...rest] = frame['frame.interface_name'].split('/');
        const isOwn = bridge.members.some(({ id }) => id === device);
        const isTalk = frame['lldp.chassis.id.mac'] === '' && frame['stp.root.hw'] === '';
        if (!isOwn || !isTalk || !macs.has(frame['eth.src'])) continue;
        learned.set(`${frame['vlan.id'] || '10'} ${frame['eth.src']}`, `${device}/${rest.join('/')}`);
      }
      const table = [...switching.macTable(bridge, stations)].map(([id, end]) => [id, text(end)]);
      expect([...learned].sort(), bridge.id).toEqual(table.sort());
    }
  });

  test('when the first core is without power, all goes by the second', async () => {
    const conditionsAt = () => ({ ...UNDISTURBED, switchesDown: ['core'] });
    const after = await readBack(site, cast, MINUTE_MS, conditionsAt);
    const second = site.switches.find(({ id }) => id === 'core2');
    expect(new Set(after.map((frame) => frame['stp.root.hw']).filter(Boolean))).toEqual(
      new Set([second?.mac]),
    );
    const talk = after.filter(
      (frame) => frame['eth.src'] === beings[1].mac && frame['lldp.chassis.id.mac'] === '',
    );
    const by = new Set(talk.map((frame) => frame['frame.interface_name'].split('/')[0]));
    expect(by).toEqual(new Set(['sw-f0', 'sw-f1', 'sw-f2', 'sw-f3', 'core2']));
    expect(wiresBy(after, site).some((wire) => /\bcore\//.test(wire))).toBe(false);
  });
});

test('ports inside a stack carry neither LLDP nor spanning tree, and the stack is one bridge', async () => {
  const stadium = stadiumSite({ seed: 1, seats: 20_000 });
  const frames = await readBack(stadium, castOf([]), MINUTE_MS / 2 + 1000);
  expect(frames.filter((frame) => /vcp/.test(frame['frame.interface_name']))).toEqual([]);
  const wires = stadium.wires.filter(({ a }) => !a.port.startsWith('vcp'));
  expect(wires.length).toBeLessThan(stadium.wires.length);
  expect(wiresBy(frames, stadium)).toEqual(wires.map(({ a, b }) => edge(text(a), text(b))).sort());
  const bridges = new Set(frames.map((frame) => frame['stp.bridge.hw']).filter(Boolean));
  expect(bridges).toEqual(new Set(new Switching(stadium).bridges.map(({ mac }) => mac)));
});
