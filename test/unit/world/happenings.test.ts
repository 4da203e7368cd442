import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { daysFromCivil } from '../../../world/calendar.ts';
import { type Conditions, UNDISTURBED } from '../../../world/happenings/conditions.ts';
import { readHappenings } from '../../../world/happenings/file.ts';
import { KINDS } from '../../../world/happenings/kinds.ts';
import { Timeline } from '../../../world/happenings/timeline.ts';
import { officeSite } from '../../../world/site/office.ts';

const site = { ...officeSite({ seed: 8, floors: 2 }), timeZone: 'Europe/Berlin' };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Half past nine in Berlin, in winter. */
const HALF_PAST_NINE = Date.parse('2026-03-02T08:30:00Z');

function timelineOf(text: string): Timeline {
  const file = readHappenings(text, site);
  if (!file.ok) throw new Error(JSON.stringify(file.problems));
  return new Timeline(site, file.value);
}

const changed = (conditions: Conditions): string[] =>
  Object.keys(conditions).filter((key) => {
    const field = key as keyof Conditions;
    return (
      key !== 'causes' &&
      key !== 'blame' &&
      JSON.stringify(conditions[field]) !== JSON.stringify(UNDISTURBED[field])
    );
  });

describe('happenings', () => {
  test('by timeline, at local time, for as long as they are written', () => {
    const timeline = timelineOf(
      'happenings:\n  - { kind: dhcp-dead, at: 2026-03-02T09:30, for: 10m }\n  - { kind: dns-slow, delay: 2s, daily: "23:55", for: 10m }\n',
    );
    const answer = (t: number) => timeline.conditionsAt(t).dhcp.answer;
    expect([answer(HALF_PAST_NINE - 1), answer(HALF_PAST_NINE)]).toEqual(['normal', 'silent']);
    expect([answer(HALF_PAST_NINE + 599_999), answer(HALF_PAST_NINE + 600_000)]).toEqual([
      'silent',
      'normal',
    ]);
    const midnight = HALF_PAST_NINE + 14.5 * HOUR;
    expect(
      [midnight - 301_000, midnight - 300_000, midnight, midnight + 300_000].map(
        (t) => timeline.conditionsAt(t).dns.delayMs,
      ),
    ).toEqual([0, 2000, 2000, 0]);
    expect(timeline.conditionsAt(HALF_PAST_NINE).causes).toEqual([
      `dhcp-dead 0 ${daysFromCivil(2026, 3, 2)}.0`,
    ]);
    expect(timeline.occurrences(HALF_PAST_NINE, HALF_PAST_NINE + 1)).toEqual([
      {
        id: `dhcp-dead 0 ${daysFromCivil(2026, 3, 2)}.0`,
        kind: 'dhcp-dead',
        fromMs: HALF_PAST_NINE,
        toMs: HALF_PAST_NINE + 600_000,
        concerns: ['dhcp'],
      },
    ]);
  });

  test('by rate: as many a day as asked, the same whatever was asked before', () => {
    const text = 'happenings:\n  - { kind: access-point-down, perDay: 3, for: 2m }\n';
    const timeline = timelineOf(text);
    const all = timeline.occurrences(HALF_PAST_NINE, HALF_PAST_NINE + 300 * DAY);
    // 900 expected; three standard deviations of a Poisson count.
    expect(Math.abs(all.length - 900)).toBeLessThan(90);
    expect(new Set(all.flatMap(({ concerns }) => concerns)).size).toBe(site.accessPoints.length);
    const middle = all[450];
    expect(timelineOf(text).conditionsAt(middle.fromMs)).toEqual(timeline.conditionsAt(middle.fromMs));
    expect(timelineOf(text).conditionsAt(middle.fromMs).accessPointsDown).toEqual(middle.concerns);
  });

  test('by script: step after step', () => {
    const timeline = timelineOf(`happenings:
  - script: bad morning
    at: 2026-03-02T09:30
    steps:
      - { kind: poe-loss, switch: sw-f0, for: 5m }
      - { kind: crowd, factor: 4, after: 2m, for: 1h }
`);
    const first = timeline.conditionsAt(HALF_PAST_NINE);
    const below = site.accessPoints.filter((ap) => ap.at.floor === 'f0').map((ap) => ap.id);
    expect(first.accessPointsDown).toEqual(below);
    expect(first.crowdFactor).toBe(1);
    expect(timeline.conditionsAt(HALF_PAST_NINE + 120_000).crowdFactor).toBe(4);
    expect(timeline.conditionsAt(HALF_PAST_NINE + 300_000).accessPointsDown).toEqual([]);
  });

  test('a flapping port is down for half of each period', () => {
    const timeline = timelineOf(
      'happenings:\n  - { kind: port-flap, switch: sw-f0, port: ge-0/0/1, every: 20s, at: 2026-03-02T09:30, for: 1m }\n',
    );
    const down = (s: number) => timeline.conditionsAt(HALF_PAST_NINE + s * 1000).portsDown;
    expect([0, 9, 10, 19, 20, 29, 30, 60].map((s) => down(s).length)).toEqual([1, 1, 0, 0, 1, 1, 0, 0]);
    expect(down(0)).toEqual([{ switch: 'sw-f0', port: 'ge-0/0/1' }]);
    expect(timeline.changesAfter(HALF_PAST_NINE + 3000)).toBe(HALF_PAST_NINE + 10_000);
  });

  test.each(Object.keys(KINDS))('%s changes exactly its own conditions, and only while it lasts', (kind) => {
    const more: Record<string, string> = {
      'dhcp-slow': 'delay: 1s, ',
      'dns-slow': 'delay: 1s, ',
      'radius-slow': 'delay: 1s, ',
      'os-bug': 'os: iOS, effect: disconnects, ',
    };
    const timeline = timelineOf(
      `happenings:\n  - { kind: ${kind}, ${more[kind] ?? ''}at: 2026-03-02T09:30, for: 9s }\n`,
    );
    const during = timeline.conditionsAt(HALF_PAST_NINE + 1);
    const fields: Record<string, string[]> = {
      'poe-loss': ['accessPointsDown', 'portsDown'],
      'switch-down': ['switchesDown'],
    };
    expect(changed(during)).toEqual(expect.arrayContaining(fields[kind] ?? [expect.any(String)]));
    expect(changed(during).length).toBeLessThanOrEqual(2);
    expect(during.causes).toHaveLength(1);
    expect(Object.keys(during.blame)).toEqual(changed(during));
    expect(new Set(Object.values(during.blame).flat())).toEqual(new Set(during.causes));
    expect(timeline.occurrences(HALF_PAST_NINE, HALF_PAST_NINE + 1)[0].concerns.length).toBeGreaterThan(0);
    expect(timeline.conditionsAt(HALF_PAST_NINE + 9000)).toEqual(UNDISTURBED);
  });
});

test('the page lists each kind with all that it takes', () => {
  const page = readFileSync(new URL('../../../docs/world.md', import.meta.url), 'utf8');
  const names = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  const listed = rows.flatMap((row) => {
    const [, kinds, keys] = row.split('|');
    return names(kinds).map((kind) => [kind, names(keys).sort()]);
  });
  const known = Object.entries(KINDS).map(([kind, { shape }]) => [kind, Object.keys(shape).sort()]);
  expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(known));
});

describe('a file of happenings that is wrong', () => {
  test('names every problem with its line and what to write instead', () => {
    const file = readHappenings(
      `happenings:
  - { kind: dhcp-ded, at: 2026-03-02T09:30, for: 10m }
  - { kind: dhcp-dead, at: 2026-02-30T09:30, for: 10m }
  - { kind: dhcp-dead, at: 2026-03-02T09:30, for: ten }
  - { kind: dhcp-dead, for: 10m }
  - { kind: access-point-down, accessPoint: ap99, perDay: 1, for: 10m }
  - { kind: port-down, switch: sw-f0, port: ge-0/0/99, perDay: 1, for: 10m }
  - { kind: crowd, factor: .nan, daily: "09:00", for: 1h, colour: red }
  - script: s
    daily: "25:00"
    steps: [{ kind: loop, for: 1m }]
  - script: t
    daily: "08:00"
    steps:
      - { kind: interference, place: { floor: f9, x: 1, y: 1 }, for: 1m }
`,
      site,
    );
    const problems = file.ok ? [] : file.problems;
    expect(problems.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 7, 8, 8, 10, 15]);
    expect(problems[0].message).toContain('no kind dhcp-ded; there are dhcp-dead, ');
    expect(problems[1].message).toContain('there is no 2026-02-30T09:30');
    expect(problems[2].message).toContain('90s, 10m, 2h');
    expect(problems[4].message).toMatch(/^no accessPoint ap99; there are ap0, ap1, /);
    expect(problems[9].message).toBe('no place f9; there are f0, f1');
  });

  test('that is no file of happenings says so', () => {
    expect(readHappenings('- a', site)).toMatchObject({ ok: false });
    expect(readHappenings('happenings: [', site)).toMatchObject({ ok: false, problems: [{ line: 1 }] });
  });
});
