/** What goes wrong shows in the frames: each condition against the same cast without it. */
import { describe, expect, test } from 'vitest';
import { World, type WorldFrame, type WorldOptions } from '../../../world/engine/world.ts';
import { type Conditions, UNDISTURBED } from '../../../world/happenings/conditions.ts';
import { officeSite } from '../../../world/site/office.ts';
import { readByTshark } from '../../support/read-frames.ts';
import { castOf, MINUTE_MS, START_MS, smallOffice } from '../../support/world-cast.ts';

const SITE = smallOffice();
const [AP0] = SITE.accessPoints;
const PHONE = 'alice@corp.example';

function run(conditions: Partial<Conditions>, minutes = 2, options: WorldOptions = {}, site = SITE) {
  const all = { ...UNDISTURBED, ...conditions };
  const world = new World(site, castOf(), {
    beaconsOneIn: 10,
    ble: false,
    conditionsAt: () => all,
    ...options,
  });
  const steps = [...world.run(START_MS, START_MS + minutes * MINUTE_MS)];
  const frames = steps.filter((step): step is WorldFrame => step.type === 'frame');
  const outcomes = steps.flatMap(({ ...step }) =>
    step.type === 'fact' && 'outcome' in step.fact
      ? [`${step.fact.being} ${step.fact.type} ${step.fact.outcome}`]
      : [],
  );
  return { frames, outcomes };
}

/** Values of a field, those of frames that have it, where `device/interface` starts so. */
async function read(frames: readonly WorldFrame[], where: string, field: string): Promise<string[]> {
  const chosen = frames.filter((frame) => `${frame.device}/${frame.interface}`.startsWith(where));
  return (await readByTshark(chosen, [field])).flatMap(([values]) => values);
}

describe('conditions', () => {
  test('undisturbed, all join and are bound', async () => {
    const { frames, outcomes } = run({});
    expect(new Set(outcomes)).toEqual(
      new Set([
        'phone-0 join joined',
        'phone-0 roam joined',
        'phone-0 address bound',
        'laptop-1 join joined',
        'laptop-1 address bound',
        'printer-3 address bound',
      ]),
    );
    expect(await read(frames, 'ap0/uplink', 'dhcp.option.dhcp')).toEqual(['1', '2', '3', '5']);
  });

  test('a DHCP server that is silent: discover at 0, 4, 12 and 28 s, give or take one, and no answer', async () => {
    const { frames, outcomes } = run({ dhcp: { answer: 'silent', delayMs: 0 } }, 1);
    const times = (
      await readByTshark(
        frames.filter(({ device, interface: name }) => device === 'ap0' && name === 'uplink'),
        ['dhcp.option.dhcp', 'dhcp.secs'],
      )
    )
      .filter(([type]) => type[0] === '1')
      .map(([, secs]) => Number(secs[0]));
    expect(times.length).toBeGreaterThanOrEqual(4);
    for (const [i, expected] of [0, 4, 12, 28].entries()) {
      expect(Math.abs(times[i] - expected)).toBeLessThanOrEqual(3);
    }
    expect(await read(frames, '', 'dhcp.option.dhcp')).not.toContain('2');
    expect(outcomes).toContain('laptop-1 address no-offer');
  });

  test('a server without addresses: who asks for the old one after a roam hears no', async () => {
    const exhausted = { ...UNDISTURBED, dhcp: { answer: 'exhausted' as const, delayMs: 0 } };
    const afterMs = START_MS + 60_000;
    const { frames } = run({}, 2, { conditionsAt: (tMs) => (tMs < afterMs ? UNDISTURBED : exhausted) });
    expect(
      (await read(frames, 'ap1/uplink', 'dhcp.option.dhcp')).filter((type) => type === '6'),
    ).toHaveLength(1);
    expect(await read(frames, 'ap1/uplink', 'dhcp.option.message')).toEqual(['no addresses available']);
  });

  test('RADIUS rejects one user: EAP failure, sent away with reason 23, others not concerned', async () => {
    const radius = { answer: 'reject' as const, delayMs: 0, users: [PHONE] };
    const { frames, outcomes } = run({ radius }, 1);
    expect(outcomes.filter((text) => text.startsWith('phone-0'))).toContain('phone-0 join eap-rejected');
    expect(outcomes).not.toContain('phone-0 join joined');
    const codes = await read(frames, 'ap0/5', 'eap.code');
    expect(codes).toContain('4');
    expect(codes).not.toContain('3');
    expect(new Set(await read(frames, 'ap0/5', 'wlan.fixed.reason_code'))).toEqual(new Set(['0x0017']));
    const other = run({ radius: { ...radius, users: ['bob'] } }, 1);
    expect(other.outcomes).toContain('phone-0 join joined');
  });

  test('RADIUS is silent: the identity is asked for again, and nothing is decided', async () => {
    const { frames, outcomes } = run({ radius: { answer: 'silent', delayMs: 0, users: null } }, 1);
    expect(outcomes).toContain('phone-0 join eap-timeout');
    const identities = await read(frames, 'ap0/5', 'eap.identity');
    expect(identities.length).toBeGreaterThanOrEqual(4);
    expect((await read(frames, 'ap0/5', 'eap.code')).filter((code) => code === '3' || code === '4')).toEqual(
      [],
    );
  });

  test('DNS: silent, it is asked three times; failing, it says so', async () => {
    const silent = run({ dns: { answer: 'silent', delayMs: 0 } }, 1);
    expect(await read(silent.frames, 'ap0/uplink', 'udp.srcport')).not.toContain('53');
    expect(
      (await read(silent.frames, 'ap0/uplink', 'dns.qry.name')).filter((name) => name.startsWith('captive')),
    ).toHaveLength(3);
    const failing = run({ dns: { answer: 'servfail', delayMs: 0 } }, 1);
    expect(await read(failing.frames, 'ap0/uplink', 'dns.flags.rcode')).toContain('2');
  });

  test('a gateway that is gone is asked for three times, and nothing is opened', async () => {
    const { frames } = run({ gatewaysGone: [10, 20] }, 1);
    expect(await read(frames, 'ap0/uplink', 'tcp.flags.syn')).toEqual([]);
    const asked = await read(frames, 'ap0/uplink', 'arp.dst.proto_ipv4');
    expect(asked.filter((address) => address === '10.10.0.1').length).toBeGreaterThanOrEqual(3);
    expect(await read(frames, 'ap0/uplink', 'arp.opcode')).not.toContain('2');
  });

  test('an access point without power hears and sends nothing', () => {
    const { frames } = run({ accessPointsDown: ['ap0'] }, 1);
    expect(frames.filter(({ device, interface: name }) => device === 'ap0' && name !== 'uplink')).toEqual([]);
    expect(frames.some(({ device, interface: name }) => device === 'ap1' && name === '5')).toBe(true);
  });

  test('radar moves a radio: its beacons are on the other channel, and say so', async () => {
    const { frames } = run({ channels: [{ accessPoint: 'ap0', band: '5', channel: 48 }] }, 1);
    expect(new Set(await read(frames, 'ap0/5', 'radiotap.channel.freq'))).toEqual(new Set(['5240']));
    expect(new Set(await read(frames, 'ap0/5', 'wlan.ht.info.primarychannel'))).toEqual(new Set(['48']));
  });

  test('a cable that is cut: no LLDP at either end, and no answer from servers', async () => {
    const { frames, outcomes } = run({ uplinksDown: ['ap0'] }, 1);
    expect(frames.filter(({ device, interface: name }) => device === 'ap0' && name === 'uplink')).toEqual([]);
    expect(outcomes).not.toContain('phone-0 address bound');
    expect(frames.some(({ device, interface: name }) => device === 'ap0' && name === '5')).toBe(true);
  });

  test('a deauthentication flood in the name of a BSSID', async () => {
    const bssid = AP0.radios[1].bssids[0];
    const flood = { bssid, framesPerS: 20, powerDbm: 20, at: AP0.at, cause: 'test' };
    const { frames } = run({ deauthFloods: [flood] }, 1);
    const rows = await readByTshark(
      frames.filter(({ device, interface: name }) => device === 'ap0' && name === '5'),
      ['wlan.fc.type_subtype', 'wlan.ta', 'radiotap.dbm_antsignal'],
    );
    const deauths = rows.filter(
      ([type, ta, signal]) => type[0] === '0x000c' && ta[0] === bssid && signal.length > 0,
    );
    expect(deauths).toHaveLength(20 * 60);
  });

  test('an evil twin beacons with our name', async () => {
    const twin = {
      kind: 'evil-twin' as const,
      bssid: '02:ba:d0:00:00:01',
      ssid: 'corp',
      security: 'open' as const,
      band: '5' as const,
      channel: AP0.radios[1].channel,
      powerDbm: 20,
      at: AP0.at,
      cause: 'test',
    };
    const { frames } = run({ rogueAps: [twin] }, 1);
    const beacons = await readByTshark(
      frames.filter(({ device, interface: name }) => device === 'ap0' && name === '5'),
      ['wlan.ta', 'wlan.ssid', 'wlan.fixed.capabilities.privacy'],
    );
    expect(beacons.filter(([ta]) => ta[0] === twin.bssid)).toContainEqual([
      [twin.bssid],
      ['636f7270'],
      ['0'],
    ]);
  });

  test('a loop: the same broadcast comes in on both ports, a hundred times a second', () => {
    const { frames } = run({ loops: [{ switch: 'sw-f0', ports: ['ge-0/0/4', 'ge-0/0/5'] }] }, 1);
    const storm = frames.filter(
      ({ device, interface: name }) => device === 'sw-f0' && ['ge-0/0/4', 'ge-0/0/5'].includes(name),
    );
    expect(storm.length).toBeGreaterThanOrEqual(100 * 60);
  });

  test('somebody else claims an address: two MACs answer for it', async () => {
    const { frames } = run({ duplicateIps: [{ ipv4: '10.10.0.20', mac: '02:0d:00:00:00:01', vlan: 10 }] }, 1);
    expect(await read(frames, 'ap0/uplink', 'arp.src.hw_mac')).toContain('02:0d:00:00:00:01');
  });

  test('a bug of one OS version: offers are ignored, or the station leaves again and again', () => {
    const bug = { os: 'iOS', osVersion: '18', everyMs: 20_000, cause: 'test' };
    expect(run({ osBugs: [{ ...bug, effect: 'ignores-offers' }] }).outcomes).toContain(
      'phone-0 address offer-ignored',
    );
    expect(run({ osBugs: [{ ...bug, effect: 'ignores-offers', osVersion: '17' }] }).outcomes).toContain(
      'phone-0 address bound',
    );
    const leaves = run({ osBugs: [{ ...bug, effect: 'disconnects' }] }).outcomes;
    expect(leaves.filter((text) => text === 'phone-0 join joined').length).toBeGreaterThan(1);
  });

  test('a port in the wrong VLAN: its host has an address of that VLAN', async () => {
    const { frames } = run({ vlans: [{ switch: 'sw-f0', port: 'ge-0/0/6', vlan: 20 }] }, 1);
    const printer = frames.filter(({ device, interface: name }) => device === 'sw-f0' && name === 'ge-0/0/6');
    expect(await read(printer, '', 'dhcp.option.requested_ip_address')).toEqual(['10.20.0.23']);
  });
});

describe('spanning tree', () => {
  test('all bridges name one root, and each wire between two of them has one designated end', async () => {
    const site = officeSite({ seed: 3, floors: 3 });
    const { frames } = run({}, 1, {}, site);
    const rows = await readByTshark(
      frames.filter(({ linkType }) => linkType === 1),
      ['stp.root.hw', 'stp.root.cost', 'stp.bridge.hw'],
    );
    const bpdus = rows.filter(([root]) => root.length > 0);
    const [root] = [...site.switches].sort(
      (a, b) => a.bridgePriority - b.bridgePriority || (a.mac < b.mac ? -1 : 1),
    );
    expect(new Set(bpdus.map(([hw]) => hw[0]))).toEqual(new Set([root.mac]));
    for (const [, cost, bridge] of bpdus) expect(cost[0] === '0').toBe(bridge[0] === root.mac);
    const trunks = site.wires.filter(({ a, b }) =>
      [a, b].every((end) => site.switches.some(({ id }) => id === end.device)),
    );
    expect(trunks.length).toBeGreaterThan(1);
    for (const { a, b } of trunks) {
      const hears = [a, b].filter((end) =>
        frames.some(
          ({ device, interface: name, bytes }) =>
            device === end.device && name === end.port && bytes[0] === 1 && bytes[5] === 0,
        ),
      );
      expect(hears).toHaveLength(1);
    }
  });
});
