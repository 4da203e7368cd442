/**
 * Every kind of happening, written in a file: what tshark sees of it in the frames, and that the truth has it as the
 * cause. The same minutes without it do not show it.
 */
import { describe, expect, test } from 'vitest';
import { Deciding } from '../../../world/association/deciding.ts';
import { standing } from '../../../world/association/track.ts';
import type { Being } from '../../../world/beings/model.ts';
import { siteCast } from '../../../world/engine/cast.ts';
import type { Fact } from '../../../world/engine/emission.ts';
import type { Cast } from '../../../world/engine/world.ts';
import { World, type WorldFrame } from '../../../world/engine/world.ts';
import { readHappenings } from '../../../world/happenings/file.ts';
import type { KINDS } from '../../../world/happenings/kinds.ts';
import { Timeline } from '../../../world/happenings/timeline.ts';
import { RadioField } from '../../../world/radio/field.ts';
import { chainSite } from '../../../world/site/chain.ts';
import type { Site } from '../../../world/site/model.ts';
import { Truth } from '../../../world/truth/truth.ts';
import { readByTshark } from '../../support/read-frames.ts';
import { BASE, LAPTOP, MINUTE_MS, PRINTER, START_MS, smallOffice } from '../../support/world-cast.ts';

const SITE: Site = { ...smallOffice(), timeZone: 'UTC' };
const [AP0, AP1] = SITE.accessPoints;
const SW = 'sw-f0';
const UPLINKS = /^ap\d\/uplink$/;
const RADIOS = /^ap\d\/[25]/;
const SHORT_LEASE: Site = {
  ...SITE,
  servers: { ...SITE.servers, dhcp: { ...SITE.servers.dhcp, leaseS: 120 } },
};

/** Three hosts that are there all day, next to ap0, at their own places. */
const NEAR: Being = { ...BASE, home: { ...BASE.home, x: AP0.at.x + 0.4, y: AP0.at.y } };
const ATTACHED: Being[] = [NEAR, { ...LAPTOP, home: { ...NEAR.home, x: AP0.at.x - 2 } }, PRINTER];

/** Real decisions, fixed places. */
function castFor(site: Site, { conditionsAt }: Timeline): Cast {
  const deciding = new Deciding(site, new RadioField(site), conditionsAt);
  const trackOf = ({ home: { floor, x, y } }: Being) =>
    standing({ floor, x, y, headingRad: 0 }, START_MS, START_MS + 60 * MINUTE_MS);
  return {
    beings: ATTACHED,
    trackOf,
    *actsOf(being, fromMs, toMs) {
      if (being.wifi !== null) yield* deciding.acts(being, being.wifi, trackOf(being), fromMs, toMs);
    },
  };
}

interface Run {
  frames: WorldFrame[];
  facts: Fact[];
  timeline: Timeline;
  world: World;
}

/** Two minutes from nine o'clock; everybody comes then. */
function run(line: string, site = SITE, from = '2026-01-05T09:00'): Run {
  const text = line === '' ? 'happenings: []\n' : `happenings:\n  - { ${line}, at: ${from}, for: 2m }\n`;
  const happenings = readHappenings(text, site);
  if (!happenings.ok) throw new Error(JSON.stringify(happenings.problems));
  const timeline = new Timeline(site, happenings.value);
  const { conditionsAt } = timeline;
  const world = new World(site, castFor(site, timeline), { conditionsAt, ble: false, beaconsOneIn: 10 });
  const steps = [...world.run(START_MS, START_MS + 2 * MINUTE_MS)];
  return {
    frames: steps.filter((step) => step.type === 'frame'),
    facts: steps.flatMap((step) => (step.type === 'fact' ? [step.fact] : [])),
    timeline,
    world,
  };
}

/** Values of a field, where `device/interface` is such. */
async function read({ frames }: Run, where: RegExp, field: string): Promise<string[]> {
  const chosen = frames.filter((frame) => where.test(`${frame.device}/${frame.interface}`));
  const rows = await readByTshark(chosen, [field]);
  return rows.flatMap(([values]) => values);
}
const count = (run: Run, where: RegExp): number =>
  run.frames.filter((frame) => where.test(`${frame.device}/${frame.interface}`)).length;
const uplinkFrames = ({ frames }: Run) => frames.filter((f) => UPLINKS.test(`${f.device}/${f.interface}`));
const numbers = async (run: Run, where: RegExp, field: string) => (await read(run, where, field)).map(Number);
const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;

/** What tshark sees: a number that differs from the one of a quiet day. */
interface Seen {
  line: string;
  site?: Site;
  /** What a day with it has, and what a day without has. */
  look: (run: Run) => Promise<unknown> | unknown;
  with: unknown;
  without: unknown;
  /** A fact that names it as its cause. */
  blames?: string;
}

/** Neither the access point's own, nor from switch, gateway or servers. */
const isFromClient = ({ bytes }: WorldFrame): boolean => bytes[6] !== 0x02;

const at = (ap: typeof AP0) => `place: { floor: ${ap.at.floor}, x: ${ap.at.x + 1}, y: ${ap.at.y}, z: 2 }`;
const some = (items: unknown[]) => expect.arrayContaining(items);

const SEEN: Readonly<Record<keyof typeof KINDS, Seen>> = {
  'dhcp-dead': {
    line: 'kind: dhcp-dead',
    look: async (r) => new Set(await read(r, UPLINKS, 'dhcp.option.dhcp')),
    with: new Set(['1']),
    without: new Set(['1', '2', '3', '5']),
    blames: 'address no-offer',
  },
  'dhcp-exhausted': {
    line: 'kind: dhcp-exhausted',
    look: async (r) => new Set(await read(r, UPLINKS, 'dhcp.option.dhcp')),
    with: new Set(['1']),
    without: new Set(['1', '2', '3', '5']),
    blames: 'address no-offer',
  },
  'dhcp-slow': {
    line: 'kind: dhcp-slow, delay: 3s',
    look: async (r) => {
      const sent = uplinkFrames(r);
      const rows = await readByTshark(sent, ['dhcp.option.dhcp']);
      const timeOf = (type: string) => sent[rows.findIndex(([values]) => values[0] === type)].timeUs / 1e6;
      return Math.floor(timeOf('2') - timeOf('1'));
    },
    with: 3,
    without: 0,
    blames: 'trouble address-slow',
  },
  'radius-reject': {
    line: 'kind: radius-reject',
    look: async (r) => (await read(r, RADIOS, 'eap.code')).includes('4'),
    with: true,
    without: false,
    blames: 'join eap-rejected',
  },
  'radius-dead': {
    line: 'kind: radius-dead',
    look: async (r) => new Set(await read(r, RADIOS, 'eap.type')),
    with: new Set(['1']),
    without: new Set(['1', '25']),
    blames: 'join eap-timeout',
  },
  'radius-slow': {
    line: 'kind: radius-slow, delay: 2s',
    look: async (r) => {
      const sent = r.frames.filter((f) => RADIOS.test(`${f.device}/${f.interface}`));
      const rows = await readByTshark(sent, ['eap.code']);
      const last = sent[rows.findIndex(([code]) => code[0] === '3')].timeUs;
      const first = sent[rows.findIndex(([code]) => code[0] === '1')].timeUs;
      return last - first > 8e6;
    },
    with: true,
    without: false,
    blames: 'trouble authentication-slow',
  },
  'dns-dead': {
    line: 'kind: dns-dead',
    look: async (r) => (await read(r, UPLINKS, 'udp.srcport')).includes('53'),
    with: false,
    without: true,
    blames: 'trouble name-unknown',
  },
  'dns-failing': {
    line: 'kind: dns-failing',
    look: async (r) => (await read(r, UPLINKS, 'dns.flags.rcode')).includes('2'),
    with: true,
    without: false,
    blames: 'trouble name-unknown',
  },
  'dns-slow': {
    line: 'kind: dns-slow, delay: 2s',
    look: async (r) => {
      const sent = uplinkFrames(r);
      const rows = await readByTshark(sent, ['dns.flags.response']);
      const timeOf = (is: string) => sent[rows.findIndex(([values]) => values[0] === is)].timeUs / 1e6;
      return Math.floor(timeOf('1') - timeOf('0'));
    },
    with: 2,
    without: 0,
    blames: 'trouble name-slow',
  },
  'gateway-gone': {
    line: 'kind: gateway-gone',
    look: async (r) => (await read(r, UPLINKS, 'tcp.flags.syn')).length > 0,
    with: false,
    without: true,
    blames: 'trouble gateway-silent',
  },
  interference: {
    line: `kind: interference, ${at(AP1)}, band: "5", channels: [${AP0.radios[1].channel}], duty: 0.05, powerDbm: 0`,
    look: async (r) => ({
      isNoisy: mean(await numbers(r, /^ap0\/5/, 'radiotap.dbm_antnoise')) > -92,
      elsewhere: mean(await numbers(r, /^ap1\/2\.4/, 'radiotap.dbm_antnoise')),
    }),
    with: { isNoisy: true, elsewhere: -94 },
    without: { isNoisy: false, elsewhere: -94 },
  },
  radar: {
    line: 'kind: radar, accessPoint: ap0, channel: 48',
    look: async (r) => new Set(await read(r, /^ap0\/5/, 'radiotap.channel.freq')),
    with: new Set(['5240']),
    without: new Set([String(5000 + 5 * AP0.radios[1].channel)]),
  },
  'access-point-down': {
    line: 'kind: access-point-down, accessPoint: ap0',
    look: (r) => count(r, /^ap0\//),
    with: 0,
    without: expect.any(Number),
  },
  'radio-down': {
    line: 'kind: radio-down, accessPoint: ap0, band: "5"',
    look: (r) => [count(r, /^ap0\/5/), count(r, /^ap0\/2\.4/) > 0],
    with: [0, true],
    without: [expect.any(Number), true],
  },
  'switch-down': {
    line: `kind: switch-down, switch: ${SW}`,
    look: (r) => [count(r, /^sw-f0\//), count(r, /^ap0\//)],
    with: [0, 0],
    without: [expect.any(Number), expect.any(Number)],
  },
  'cable-fault': {
    line: `kind: cable-fault, switch: ${SW}, port: ge-0/0/0, errorsPerMille: 700`,
    look: (r) => {
      const sent = r.frames.filter(
        (f) => f.device === 'ap0' && f.interface === 'uplink' && isFromClient(f),
      ).length;
      const taken = r.frames.filter((f) => f.device === SW && f.interface === 'ge-0/0/0').length;
      return taken / sent < 0.5;
    },
    with: true,
    without: false,
    blames: 'address no-offer|trouble gateway-silent|trouble name-unknown',
  },
  'port-down': {
    line: `kind: port-down, switch: ${SW}, port: ge-0/0/0`,
    look: async (r) => [
      count(r, /^sw-f0\/ge-0\/0\/0/),
      (await read(r, /^ap0\/5/, 'wlan.fc.type_subtype')).length > 0,
    ],
    with: [0, true],
    without: [expect.any(Number), true],
    blames: 'address no-offer',
  },
  'port-flap': {
    line: `kind: port-flap, switch: ${SW}, port: ge-0/0/6, every: 40s`,
    look: async (r) => {
      const types = await read(r, /^sw-f0\/ge-0\/0\/6/, 'dhcp.option.dhcp');
      return types.filter((type) => type === '3' || type === '1').length > 2;
    },
    with: true,
    without: false,
    blames: 'trouble link-down',
  },
  'poe-loss': {
    line: `kind: poe-loss, switch: ${SW}`,
    look: (r) => [count(r, /^ap0\//), count(r, /^ap1\//), count(r, /^sw-f0\//) > 0],
    with: [0, 0, true],
    without: [expect.any(Number), expect.any(Number), true],
  },
  'wrong-vlan': {
    line: `kind: wrong-vlan, switch: ${SW}, port: ge-0/0/6, vlan: 999`,
    look: async (r) => new Set(await read(r, /^sw-f0\/ge-0\/0\/6/, 'dhcp.option.dhcp')),
    with: new Set(['1']),
    without: new Set(['1', '3']),
    blames: 'address no-network',
  },
  loop: {
    line: `kind: loop, switch: ${SW}`,
    look: (r) => r.frames.filter((f) => f.device === SW).length > 10_000,
    with: true,
    without: false,
  },
  'duplicate-ip': {
    line: 'kind: duplicate-ip, ipv4: 10.10.0.1, vlan: 10, mac: "02:0d:00:00:00:01"',
    look: async (r) => (await read(r, UPLINKS, 'arp.duplicate-address-detected')).length > 0,
    with: true,
    without: false,
    blames: 'trouble address-duplicate',
  },
  'rogue-ap': {
    line: `kind: rogue-ap, ${at(AP0)}, band: "5", channel: ${AP0.radios[1].channel}, ssid: free-wifi`,
    look: async (r) =>
      (await read(r, /^ap0\/5/, 'wlan.ssid')).includes(Buffer.from('free-wifi').toString('hex')),
    with: true,
    without: false,
  },
  'evil-twin': {
    line: `kind: evil-twin, ${at(AP0)}, band: "5", channel: ${AP0.radios[1].channel}, ssid: corp`,
    look: async (r) => {
      const beacons = r.frames.filter((f) => f.device === 'ap0' && f.interface === '5');
      const rows = await readByTshark(beacons, [
        'wlan.ssid',
        'wlan.bssid',
        'wlan.fixed.capabilities.privacy',
      ]);
      const own = new Set([...AP0.radios, ...AP1.radios].flatMap(({ bssids }) => bssids));
      return rows.some(
        ([ssid, bssid, privacy]) =>
          ssid[0] === Buffer.from('corp').toString('hex') &&
          privacy[0] !== undefined &&
          privacy[0] !== '1' &&
          !own.has(bssid[0]),
      );
    },
    with: true,
    without: false,
  },
  'deauth-flood': {
    line: 'kind: deauth-flood, accessPoint: ap0, framesPerS: 60, powerDbm: 20',
    look: async (r) =>
      (await read(r, /^ap0\/5/, 'wlan.fc.type_subtype')).filter((type) => type === '0x000c').length > 500,
    with: true,
    without: false,
    blames: 'leave deauthenticated',
  },
  crowd: {
    line: 'kind: crowd, factor: 8',
    look: () => null,
    with: null,
    without: null,
  },
  'os-bug': {
    line: 'kind: os-bug, os: iOS, osVersion: "18", effect: ignores-offers',
    look: async (r) => {
      const mac = r.facts.find((f) => f.type === 'join' && f.being === NEAR.id)?.mac;
      const sent = r.frames.filter((f) => f.interface === 'uplink');
      const rows = await readByTshark(sent, ['dhcp.option.dhcp', 'dhcp.hw.mac_addr']);
      return new Set(rows.flatMap(([type, of]) => (of[0] === mac ? type : [])));
    },
    with: new Set(['1', '2']),
    without: new Set(['1', '2', '3', '5']),
    blames: 'address offer-ignored',
  },
};

const nameOf = (fact: Fact): string => {
  if ('outcome' in fact) return `${fact.type} ${fact.outcome}`;
  if (fact.type === 'trouble') return `${fact.type} ${fact.what}`;
  return fact.type === 'leave' ? `${fact.type} ${fact.reason}` : fact.type;
};

describe('a happening', () => {
  const quiet = run('');
  test('a quiet day has no trouble', () => {
    expect(quiet.facts.filter((fact) => 'causes' in fact && fact.causes.length > 0)).toEqual([]);
    expect(quiet.facts.map(nameOf)).not.toEqual(some([expect.stringMatching(/^trouble|no-|eap-/)]));
  });

  test.each(Object.entries(SEEN))('%s shows in the frames and is the cause', async (kind, seen) => {
    const struck = run(seen.line, seen.site);
    expect(await seen.look(struck)).toEqual(seen.with);
    const usual = await seen.look(quiet);
    expect(usual).toEqual(seen.without);
    if (kind !== 'crowd') expect(usual).not.toEqual(await seen.look(struck));
    const truth = new Truth(struck.world, struck.timeline);
    const [cause, ...others] = truth.at(START_MS + MINUTE_MS).causes;
    expect(others).toEqual([]);
    expect(cause).toMatchObject({ kind, fromMs: START_MS, toMs: START_MS + 2 * MINUTE_MS });
    expect(truth.at(START_MS + 3 * MINUTE_MS).causes).toEqual([]);
    if (seen.blames === undefined) return;
    const blamed = struck.facts.filter((fact) => 'causes' in fact && fact.causes.includes(cause.id));
    expect(blamed.map(nameOf)).toEqual(some([expect.stringMatching(seen.blames)]));
    // Whatever fails is blamed on it, and nothing else.
    for (const fact of struck.facts) {
      if ('causes' in fact && fact.causes.length > 0) expect(fact.causes).toEqual([cause.id]);
    }
  });
});

test('strong interference keeps a channel busy, and its radio is joined by nobody', async () => {
  const channel = AP0.radios[1].channel;
  const struck = run(
    `kind: interference, ${at(AP0)}, band: "5", channels: [${channel}], duty: 0.8, powerDbm: 20`,
  );
  const busy = async (r: Run) => mean(await numbers(r, /^ap0\/5/, 'wlan.qbss.cu'));
  expect(await busy(struck)).toBeGreaterThan(200);
  expect(await busy(run(''))).toBeLessThan(60);
  expect(await numbers(struck, /^ap0\/5/, 'radiotap.dbm_antsignal')).toEqual([]);
});

test('a lease that is not renewed, as the server died after it was given', async () => {
  const struck = run('kind: dhcp-dead', SHORT_LEASE, '2026-01-05T09:01');
  const requests = (await read(struck, UPLINKS, 'dhcp.option.dhcp')).filter((type) => type === '3');
  const usual = run('', SHORT_LEASE);
  const acks = async (r: Run) => (await read(r, UPLINKS, 'dhcp.option.dhcp')).filter((type) => type === '5');
  expect(requests.length).toBeGreaterThan((await acks(struck)).length);
  expect((await acks(usual)).length).toBeGreaterThan((await acks(struck)).length);
  expect(struck.facts.map(nameOf)).toContain('trouble lease-not-renewed');
});

test('a crowd: more visitors than usual send probes and join', async () => {
  const site = chainSite(5, 7);
  const seen = (factor: number) => {
    const text = `happenings:\n  - { kind: crowd, factor: ${factor}, at: 2026-01-05T08:00, for: 6h }\n`;
    const happenings = readHappenings(text, site);
    if (!happenings.ok) throw new Error('sound');
    const { conditionsAt } = new Timeline(site, happenings.value);
    const world = new World(site, siteCast(site, { conditionsAt }), {
      conditionsAt,
      ble: false,
      beaconsOneIn: 6000,
    });
    const noonMs = START_MS + 3 * 3_600_000;
    return [...world.run(noonMs, noonMs + 15 * MINUTE_MS)].filter((step) => step.type === 'frame');
  };
  const own = new Set(site.accessPoints.flatMap(({ radios }) => radios.flatMap(({ bssids }) => bssids)));
  const stations = async (frames: WorldFrame[]) => {
    const rows = await readByTshark(
      frames.filter((frame) => frame.linkType === 127),
      ['wlan.ta'],
    );
    return new Set(rows.flatMap(([ta]) => ta).filter((ta) => !own.has(ta))).size;
  };
  const [many, few] = [await stations(seen(8)), await stations(seen(0.1))];
  expect(many).toBeGreaterThan(2 * few);
});
