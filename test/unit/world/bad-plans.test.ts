/** Each kind of mistake in a site's file is told with its line and with what to write instead; all at once. */
import { describe, expect, test } from 'vitest';
import type { Site } from '../../../world/site/model.ts';
import { officeSite } from '../../../world/site/office.ts';
import { readPlan, writePlan } from '../../../world/site/plan-file.ts';

const office = officeSite({ seed: 3, floors: 2 });
const text = writePlan(office);

/** Line of the n-th line that fits, from 1. */
function lineOf(lines: readonly string[], pattern: RegExp, n = 1): number {
  let seen = 0;
  const at = lines.findIndex((line) => pattern.test(line) && ++seen === n);
  if (at < 0) throw new Error(`no line fits ${pattern}`);
  return at + 1;
}

/** `from` in a line of the file to `to`: the problems then, and the line. */
function edited(pattern: RegExp, to: string, n = 1): { problems: string[]; line: number } {
  const lines = text.split('\n');
  const line = lineOf(lines, pattern, n);
  lines[line - 1] = lines[line - 1].replace(pattern, to);
  return { problems: problemsOf(lines.join('\n')), line };
}

function problemsOf(plan: string): string[] {
  const read = readPlan(plan);
  return read.ok ? [] : read.problems.map(({ line, path, message }) => `${line}: ${path}: ${message}`);
}

/** The same by changing the data; lines are those of the file that comes of it. */
function changed(change: (site: Site) => void): { problems: string[]; lines: string[] } {
  const site = structuredClone(office);
  change(site);
  const plan = writePlan(site);
  return { problems: problemsOf(plan), lines: plan.split('\n') };
}

describe('a value that cannot be', () => {
  test.each([
    ['NaN', /antennaGainDb: 3/, 'antennaGainDb: .nan', 'antennaGainDb: write dB from -10 to 30, not NaN'],
    ['infinity', /heightM: 3$/, 'heightM: .inf', 'heightM: write metres from floor to ceiling, not Infinity'],
    ['a text', /heightM: 3$/, 'heightM: high', 'heightM: write metres from floor to ceiling, not high'],
    ['negative power', /powerDbm: 8$/, 'powerDbm: -3', 'powerDbm: -3 dBm is not possible; write 0 to 36'],
    ['power of a kilowatt', /powerDbm: 14$/, 'powerDbm: 60', '60 dBm is not possible; write 0 to 36'],
    [
      'a channel of another band',
      /channel: 36$/,
      'channel: 6',
      '6 is no channel at 5 GHz; write one of 36, 40',
    ],
    ['a band', /band: "2.4"/, 'band: "7"', 'band: write one of 2.4, 5, 6, not 7'],
    ['a MAC', /mac: 02/, 'mac: zz', 'mac: write a MAC like 02:00:00:00:00:01, not zz'],
    [
      'a time zone',
      /timeZone: UTC/,
      'timeZone: Mars/Base',
      'timeZone: no time zone Mars/Base; write UTC, or',
    ],
    [
      'a material',
      /material: drywall/,
      'material: paper',
      'material: no material paper; write one of glass,',
    ],
    ['a VLAN', /vlan: 10$/, 'vlan: 5000', 'vlan: write a VLAN, whole, from 1 to 4094, not 5000'],
    [
      'a bridge priority',
      /bridgePriority: 4096/,
      'bridgePriority: 5',
      'write a multiple of 4096 from 0 to 61440',
    ],
    [
      'an address',
      /ipv4: 10.10.0.1$/,
      'ipv4: 10.10.0',
      'ipv4: write an IPv4 address like 10.1.0.2, not 10.10.0',
    ],
    [
      'a missing key',
      /^ +seats: \d+/,
      '',
      'seats: is missing; write how many people it is for, whole, from 0',
    ],
  ])('%s', (_, pattern, to, message) => {
    const { problems, line } = edited(pattern, to);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(message);
    // A missing key is told at the map that it is missing from.
    if (to !== '') expect(problems[0]).toMatch(new RegExp(`^${line}: `));
  });

  test('an unknown key, with those that there are', () => {
    const { problems, line } = edited(/material: drywall/, 'material: drywall\n        thickness: 3');
    expect(problems).toEqual([
      `${line + 1}: floors[0].walls[4]: no key thickness here; there are from, to, material`,
    ]);
  });
});

describe('what does not fit together', () => {
  test('a client outside the walls', () => {
    const at = { floor: 'f0', x: 61, y: 3, z: 1 };
    const { problems, lines } = changed((site) => {
      site.clients = [{ id: 'desk-1', kind: 'laptop', at, wired: null }];
    });
    expect(problems).toEqual([
      `${lineOf(lines, /x: 61/) - 1}: clients[0].at: (61, 3) is outside floor f0; write a place inside its walls, x 0 to 60, y 0 to 24`,
    ]);
  });

  test('parameters that a model of path loss has not, or lacks', () => {
    const { problems, lines } = changed((site) => {
      site.radio = {
        wifi: { model: 'itu-p1238-office', exponent: 2 },
        ble: { model: 'log-distance', lossAt1mDb: 40 },
      };
    });
    expect(problems).toEqual([
      `${lineOf(lines, /exponent: 2/)}: radio.wifi.exponent: itu-p1238-office has its own; remove it, or write model: log-distance`,
      `${lineOf(lines, /lossAt1mDb: 40/) - 1}: radio.ble: log-distance needs exponent; write it`,
    ]);
    const other = changed((site) => {
      site.radio = { wifi: { model: 'okumura-hata' as never } };
    });
    expect(other.problems).toEqual([
      expect.stringContaining('radio.wifi.model: write one of tgax-enterprise, 3gpp'),
    ]);
  });

  test('a floor of kilometres', () => {
    const { problems } = changed((site) => {
      site.floors[1].outline[1].x = 6000;
      site.floors[1].outline[2].x = 6000;
    });
    expect(problems).toEqual([
      expect.stringContaining('floors[1].outline: is 6000 m wide; write metres, 2000 at most'),
    ]);
  });

  test('ids and addresses that two have', () => {
    const { problems, lines } = changed((site) => {
      site.accessPoints[1].id = site.accessPoints[0].id;
      site.switches[1].mac = site.switches[0].mac;
      site.floors[1].rooms[0].id = site.floors[0].rooms[0].id;
      site.wires = site.wires.filter((wire) => wire.a.device !== 'ap1' && wire.b.device !== 'ap1');
    });
    expect(problems).toEqual([
      expect.stringContaining('room id f0-corridor is taken by floors[0].rooms[0].id; choose another'),
      `${lineOf(lines, /id: ap0$/, 2)}: accessPoints[1].id: id ap0 is taken by accessPoints[0].id; choose another`,
      expect.stringContaining('MAC 02:'),
    ]);
  });

  test('a ring of wires that is not said to be meant', () => {
    const second = (redundant: boolean) =>
      changed((site) => {
        site.wires.push({
          id: 'second',
          a: { device: 'core', port: 'ge-0/0/3' },
          b: { device: 'sw-f0', port: 'ge-0/0/9' },
          redundant,
        });
      });
    const { problems, lines } = second(false);
    expect(problems).toEqual([
      `${lineOf(lines, /id: second/)}: wires[${office.wires.length}]: closes a ring with the wires before it; remove it, or write redundant: true`,
    ]);
    expect(second(true).problems).toEqual([]);
  });

  test('rooms without area, and outlines that cross themselves', () => {
    const { problems } = changed((site) => {
      const [first, second] = site.floors[0].rooms;
      first.outline = first.outline.map(({ x }) => ({ x, y: 2 }));
      const [a, b, c, d] = second.outline;
      second.outline = [a, c, b, d];
    });
    expect(problems).toEqual([
      expect.stringMatching(/floors\[0\].rooms\[0\].outline: has no area; write corners that hold at least/),
      expect.stringMatching(/rooms\[1\].outline: crosses itself: edges 0 and 2; list the corners in order/),
    ]);
  });

  test('more power than a switch has, and a port that gives too little', () => {
    const { problems, lines } = changed((site) => {
      const [, first, second] = site.switches;
      first.poeBudgetWatts = 50;
      second.ports[0].poeWatts = 7;
    });
    expect(problems).toEqual([
      `${lineOf(lines, /poeBudgetWatts: 50$/)}: switches[1].poeBudgetWatts: 8 access points draw 156 W, the budget is 50; write at least 156, or move some to another switch`,
      `${lineOf(lines, /poeWatts: 7$/)}: switches[2].ports[0].poeWatts: 7 W do not feed the access point there; write at least 19.5, or 0 where it has power of its own`,
    ]);
  });

  test('wires to nowhere, and two in one port', () => {
    const { problems } = changed((site) => {
      site.wires[0].a.device = 'nobody';
      site.wires[2].a.port = site.wires[3].a.port;
      site.wires[4].a.port = 'ge-9/9/9';
    });
    expect(problems).toEqual([
      expect.stringContaining(
        'wires[0].a: no device nobody; there are core, sw-f0, sw-f1, ap0, ap1, ap2 and',
      ),
      expect.stringMatching(/wires\[3\].a: sw-f0 \S+ is used by wires\[2\].a already; choose another port/),
      expect.stringContaining('wires[4].a: sw-f0 has no port ge-9/9/9; there are ge-0/0/0, ge-0/0/1,'),
    ]);
  });
});

test('all of it at once, in the order of the lines, and nothing that only follows from something else', () => {
  const site = structuredClone(office);
  site.accessPoints[0].at.x = -7.5;
  site.accessPoints[1].radios[0].powerDbm = -3;
  site.floors[0].rooms[0].outline = [];
  site.switches[1].poeBudgetWatts = 1;
  const plan = writePlan(site)
    .replace('timeZone: UTC', 'timeZone: Mars')
    .replace(/heightM: 3/, 'heightM: .nan')
    .replace(/material: concrete/, 'material: concrete\n        colour: grey')
    .replace(/id: f1$/m, 'id: "first floor"');
  const problems = problemsOf(plan);
  expect(problems.map((line) => line.replace(/^\d+: /, '').split(': ')[0])).toEqual([
    'timeZone',
    'floors[0].heightM',
    'floors[0].walls[0]',
    'floors[0].rooms[0].outline',
    'floors[1].id',
    'accessPoints[0].at',
    'accessPoints[1].radios[0].powerDbm',
    ...office.accessPoints.flatMap(({ at }, i) => (at.floor === 'f1' ? [`accessPoints[${i}].at.floor`] : [])),
    'switches[1].poeBudgetWatts',
    'switches[2].at.floor',
  ]);
  const numbers = problems.map((line) => Number.parseInt(line, 10));
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  expect(numbers.every((line) => line > 0)).toBe(true);
});

test('what is no site at all is told in a few lines', () => {
  expect(problemsOf('[1, 2]')).toEqual([expect.stringContaining('write a map of name, kind, seed')]);
  const empty = problemsOf('name: x\n');
  expect(empty.some((line) => line.includes('floors: is missing; write a list'))).toBe(true);
});
