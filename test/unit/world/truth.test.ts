/** Truth asked at any instant against the record of a run; scores of conclusions that this test makes. */
import { describe, expect, test } from 'vitest';
import { Attendance } from '../../../world/engine/attendance.ts';
import { siteCast } from '../../../world/engine/cast.ts';
import { World, type WorldFact } from '../../../world/engine/world.ts';
import { readHappenings } from '../../../world/happenings/file.ts';
import { Timeline } from '../../../world/happenings/timeline.ts';
import { CONCLUSIONS_FORMAT, type Conclusions, readConclusions } from '../../../world/truth/conclusions.ts';
import type { TruthLine } from '../../../world/truth/lines.ts';
import { TruthReader } from '../../../world/truth/read.ts';
import { NOT_CONCLUDED, score } from '../../../world/truth/score.ts';
import { Truth, TruthLines } from '../../../world/truth/truth.ts';
import { MINUTE_MS, START_MS, smallOffice } from '../../support/world-cast.ts';

const site = { ...smallOffice(), timeZone: 'UTC' };
const happenings = readHappenings(
  `happenings:
  - { kind: access-point-down, accessPoint: ap1, at: 2026-01-05T12:05, for: 3m }
  - { kind: port-down, switch: sw-f0, port: ge-0/0/0, at: 2026-01-05T12:10, for: 2m }
`,
  site,
);
if (!happenings.ok) throw new Error('the happenings are sound');
const timeline = new Timeline(site, happenings.value);
const { conditionsAt } = timeline;
const newWorld = () =>
  new World(site, siteCast(site, { conditionsAt, clients: 30 }), { conditionsAt, beaconsOneIn: 600 });
const NOON_MS = START_MS + 3 * 3_600_000;
const SPAN_MS = 20 * MINUTE_MS;

const facts: WorldFact[] = [...newWorld().run(NOON_MS, NOON_MS + SPAN_MS, 'sw-f0')].filter(
  (step) => step.type === 'fact',
);

describe('truth at an instant', () => {
  /** Those who are connected, as the facts of the run up to a time have it. */
  function recorded(tMs: number): string[] {
    const attendance = new Attendance();
    const before = facts.filter(({ timeUs }) => timeUs < tMs * 1000);
    for (const { fact, timeUs } of before) {
      if (fact.type !== 'connected') attendance.apply(fact, timeUs);
      else if (fact.wifi !== null) {
        const joined = { ...fact.wifi, being: fact.being, mac: fact.mac };
        attendance.apply({ type: 'join', outcome: 'joined', causes: [], ...joined }, fact.sinceMs * 1000);
      }
    }
    return attendance.connected().flatMap(({ being, wifi }) => (wifi ? [`${being} ${wifi.bssid}`] : []));
  }

  test('is what the run says, in whatever order it is asked', () => {
    const truth = new Truth(newWorld(), timeline);
    for (const minute of [14, 3, 6.5, 19.9, 11]) {
      const tMs = NOON_MS + minute * MINUTE_MS;
      const connected = truth
        .at(tMs)
        .beings.flatMap(({ connected: one }) => (one?.wifi ? [`${one.being} ${one.wifi.bssid}`] : []));
      expect(connected.toSorted()).toEqual(recorded(tMs).toSorted());
      expect(connected.length).toBeGreaterThan(8);
    }
  });

  test('nobody is on an access point that is down, and the cause is named', () => {
    const truth = new Truth(newWorld(), timeline);
    const { beings, causes } = truth.at(NOON_MS + 7 * MINUTE_MS);
    expect(causes.map(({ kind, concerns }) => [kind, concerns])).toEqual([['access-point-down', ['ap1']]]);
    expect(beings.filter(({ connected }) => connected?.wifi?.accessPoint === 'ap1')).toEqual([]);
    const left = facts.flatMap(({ fact }) => (fact.type === 'leave' && fact.causes.length > 0 ? [fact] : []));
    expect(left.length).toBeGreaterThan(0);
    for (const { causes: ids } of left) expect(ids[0]).toMatch(/^access-point-down/);
  });

  test('neighbours are the wires that work', () => {
    const truth = new Truth(newWorld(), timeline);
    const pairs = (minute: number) =>
      truth.neighbours(NOON_MS + minute * MINUTE_MS).map(({ a, b }) => [a.device, b.device].sort().join());
    expect(pairs(1).toSorted()).toEqual(['ap0,sw-f0', 'ap1,sw-f0', 'core,sw-f0']);
    expect(pairs(7).toSorted()).toEqual(['ap0,sw-f0', 'core,sw-f0']);
    expect(pairs(11).toSorted()).toEqual(['ap1,sw-f0', 'core,sw-f0']);
  });

  test('positions are those of the tracks, null for who is not there', () => {
    const truth = new Truth(newWorld(), null);
    const night = truth.at(START_MS - 7 * 3_600_000).beings.filter(({ being }) => being.schedule === 'staff');
    expect(night.map(({ position }) => position)).toEqual(night.map(() => null));
    for (const { position } of truth.at(NOON_MS - 3_600_000).beings) {
      if (position === null) continue;
      expect(site.floors.map(({ id }) => id)).toContain(position.floor);
    }
  });
});

/** As the file has it, read again. */
function written(): TruthReader {
  const reader = new TruthReader();
  const lines = new TruthLines(new Truth(newWorld(), timeline), NOON_MS, NOON_MS + SPAN_MS);
  const all: TruthLine[] = [
    ...lines.head(),
    ...facts.flatMap((fact) => [...lines.fact(fact)]),
    ...lines.rest(),
  ];
  for (const line of all) reader.line(JSON.stringify(line));
  return reader;
}

describe('lines of truth', () => {
  test('are in order of time, and read back without a problem', () => {
    const { problems, record } = written();
    expect(problems).toEqual([]);
    expect(record.clients.size).toBeGreaterThan(10);
    expect(record.causes.map(({ kind }) => kind)).toEqual(['access-point-down', 'port-down']);
  });

  test('each wrong line is named', () => {
    const reader = new TruthReader();
    for (const line of ['{"type":"site"}', 'nonsense', '', '{"type":"device","id":"ap0"}', '[]'])
      reader.line(line);
    expect(reader.problems.map(({ line }) => line)).toEqual([1, 2, 4, 5]);
    expect(reader.problems[0].message).toContain('docs/world-truth.md');
  });
});

describe('scores', () => {
  const { record } = written();
  const world = newWorld();
  const real = [...record.clients.values()].filter(({ ssid }) => ssid !== null);
  const [first, second] = real;
  const truth = new Truth(world, timeline);
  const at = (mac: string, minute: number) => {
    const position = record.positionOf(mac, NOON_MS + minute * MINUTE_MS);
    if (position === null) throw new Error('somebody who is there all the time');
    return position;
  };
  const concluded = (sections: Partial<Conclusions>) =>
    score(record, { format: CONCLUSIONS_FORMAT, ...sections });

  test('what is not there was not concluded; what is empty was', () => {
    const none = concluded({});
    expect(Object.values(none)).toEqual(Array.from({ length: 5 }, () => NOT_CONCLUDED));
    expect(concluded({ clients: [] }).clients).toMatchObject({ concluded: 0, precision: null, recall: 0 });
  });

  test('clients: found, invented, and what is right about them', () => {
    const clients = [
      { mac: first.mac.toUpperCase(), ssid: first.ssid, hostName: 'wrong', device: first.device },
      { mac: second.mac.replace(/..(?=.)/g, '$&:'), ssid: 'another' },
      { mac: '02:00:00:00:00:99' },
    ];
    const { clients: result } = concluded({ clients });
    expect(result).toMatchObject({ truth: record.clients.size, concluded: 3, right: 2 });
    if (result === NOT_CONCLUDED) throw new Error('concluded');
    expect(result.precision).toBeCloseTo(2 / 3, 9);
    expect(result.recall).toBeCloseTo(2 / record.clients.size, 9);
    expect(result.ssid).toEqual({ compared: 2, right: 1 });
    expect(result.device).toEqual({ compared: 1, right: 1 });
    expect(result.hostName.right).toBe(0);
  });

  test('locations: error by hand, floors, and who was not there', () => {
    const there = real.filter(({ mac }) => record.positionOf(mac, NOON_MS + MINUTE_MS) !== null);
    const [a, b, c] = there.map(({ mac }) => ({ mac, ...at(mac, 1) }));
    const timeMs = NOON_MS + MINUTE_MS;
    const locations = [
      { mac: a.mac, timeMs, x: a.x + 3, y: a.y + 4 },
      { mac: b.mac, timeMs, floor: b.floor, x: b.x, y: b.y - 1 },
      { mac: c.mac, timeMs, floor: 'cellar', x: c.x, y: c.y },
      { mac: '02:00:00:00:00:99', timeMs, x: 0, y: 0 },
    ];
    const { locations: result } = concluded({ locations });
    expect(result).toEqual({
      concluded: 4,
      matched: 3,
      medianM: expect.closeTo(5, 6),
      p90M: expect.closeTo(5, 6),
      floor: { compared: 2, right: 1 },
    });
  });

  test('roams, topology and causes: each found once', () => {
    expect(record.roams.length).toBeGreaterThan(2);
    const [roam] = record.roams;
    const told = { mac: roam.mac, from: roam.from.bssid, to: roam.to.bssid, timeMs: roam.timeMs + 5000 };
    const roams = [told, told, { ...told, timeMs: roam.timeMs + 3_600_000 }];
    const { links } = record;
    const topology = [
      { device: 'SERIAL-1', port: 'ge-0/0/0', neighbour: site.accessPoints[0].mac },
      { device: 'sw-f0', port: 'ge-0/0/7', neighbour: site.accessPoints[1].mac },
    ];
    const causes = [
      { kind: 'access-point-down', fromMs: NOON_MS + 5 * MINUTE_MS, concerns: ['ap1'] },
      { kind: 'access-point-down', fromMs: NOON_MS + 5 * MINUTE_MS, concerns: ['ap0'] },
      { kind: 'dhcp-dead', fromMs: NOON_MS },
    ];
    const result = concluded({ roams, topology, causes, devices: { 'SERIAL-1': 'sw-f0' } });
    const repeats = record.roams.filter(
      (one) =>
        one.mac === roam.mac &&
        one.from.bssid === roam.from.bssid &&
        one.to.bssid === roam.to.bssid &&
        Math.abs(one.timeMs - told.timeMs) <= 60_000,
    ).length;
    expect(result.roams).toMatchObject({
      truth: record.roams.length,
      concluded: 3,
      right: Math.min(2, repeats),
    });
    expect(result.topology).toMatchObject({ truth: links.length, concluded: 2, right: 1, precision: 0.5 });
    expect(result.causes).toMatchObject({ truth: 2, concluded: 3, right: 1, recall: 0.5 });
  });

  test('the truth itself scores full marks', () => {
    const clients = [...record.clients.values()].map(({ ipv4, ...client }) => ({
      mac: client.mac,
      ssid: client.ssid,
      hostName: client.hostName,
      userName: client.userName,
      device: client.device,
      ipv4: ipv4 === null ? [] : [ipv4],
    }));
    const tMs = NOON_MS + 10 * MINUTE_MS;
    const locations = truth
      .at(tMs)
      .beings.flatMap(({ connected, position }) =>
        connected && position
          ? [{ mac: connected.mac, timeMs: tMs, floor: position.floor, x: position.x, y: position.y }]
          : [],
      );
    const result = concluded({
      clients,
      topology: record.links.map(({ a, b }) => ({ device: a.device, port: a.port, neighbour: b.mac })),
      roams: record.roams.map(({ mac, from, to, timeMs }) => ({
        mac,
        from: from.bssid,
        to: to.bssid,
        timeMs,
      })),
      causes: record.causes.map(({ kind, fromMs, toMs }) => ({ kind, fromMs, toMs })),
      locations,
    });
    for (const section of ['clients', 'topology', 'roams', 'causes'] as const) {
      expect(result[section], section).toMatchObject({ precision: 1, recall: 1 });
    }
    expect(locations.length).toBeGreaterThan(5);
    // Written when somebody has moved half a metre, every five seconds.
    expect(result.locations).toMatchObject({ matched: locations.length, medianM: expect.closeTo(0, 0) });
  });
});

test('conclusions that are wrong: all problems at once, with the path to each', () => {
  const read = readConclusions({
    format: 'airherd-conclusions/1',
    clients: [{ mac: 'xx' }],
    locations: [{ mac: '020000000001', timeMs: -1, x: Number.NaN, y: 0 }],
    colour: 'red',
  });
  const problems = read.ok ? [] : read.problems;
  expect(problems).toHaveLength(4);
  expect(problems.join('\n')).toMatch(/clients\.0\.mac: write a MAC/);
  expect(problems.join('\n')).toMatch(/colour/);
});
