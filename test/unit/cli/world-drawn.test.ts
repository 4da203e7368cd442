/** `airherd world make`, `show` and `export`: what is made is drawn and handed to other programs. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXIT } from '../../../protocol/errors.ts';
import { GENERATORS } from '../../../world/site/generators.ts';
import { SITE_KINDS, type Site } from '../../../world/site/model.ts';
import { readPlan } from '../../../world/site/plan-file.ts';
import { inProcess as airherd } from '../../support/in-process.ts';

const dir = mkdtempSync(join(tmpdir(), 'airherd-world-drawn-'));
const office = join(dir, 'office.yaml');
let site: Site;
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const text = (name: string): string => readFileSync(join(dir, name), 'utf8');

beforeAll(async () => {
  await airherd('world', 'make', 'office', '--seed', '4', '--out', office);
  const read = readPlan(text('office.yaml'));
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  site = read.site;
});

test.each(SITE_KINDS)('make %s: the site of its seed, which is drawn', async (kind) => {
  const out = join(dir, `made-${kind}.yaml`);
  expect(await airherd('world', 'make', kind, '--seed', '9', '--out', out)).toMatchObject({
    status: EXIT.ok,
  });
  expect(readPlan(text(`made-${kind}.yaml`))).toEqual({ ok: true, site: GENERATORS[kind]({ seed: 9 }) });
  const { stdout, status } = await airherd('world', 'show', out, '--band', 'none');
  expect(status).toBe(EXIT.ok);
  expect(stdout).toContain('A access point');
});

test('make chain: a shop alone is the shop of the whole', async () => {
  const [whole, alone] = [join(dir, 'chain'), join(dir, 'alone')];
  await airherd('world', 'make', 'chain', '--seed', '2', '--sites', '3', '--out', whole);
  await airherd('world', 'make', 'chain', '--seed', '2', '--only', '2', '--out', alone);
  const names = readdirSync(whole).sort();
  expect(names).toHaveLength(3);
  expect(readdirSync(alone)).toEqual([names[2]]);
  expect(text(`alone/${names[2]}`)).toBe(text(`chain/${names[2]}`));
});

describe('show', () => {
  test('a picture of each band is another one, and the pixels are a PNG', async () => {
    const bands = ['2.4', '5', '6', 'none'];
    for (const band of bands) {
      const [svg, png] = [join(dir, `${band}.svg`), join(dir, `${band}.png`)];
      const { status } = await airherd('world', 'show', office, '--band', band, '--svg', svg, '--png', png);
      expect(status).toBe(EXIT.ok);
      const { width, height } = PNG.sync.read(readFileSync(png));
      expect(width).toBeGreaterThan(height);
    }
    expect(new Set(bands.map((band) => text(`${band}.svg`))).size).toBe(4);
  });

  test('clients are there on a working day, and few at night', async () => {
    const there = async (time: string) => {
      const words = ['--band', 'none', '--at', `2026-03-02T${time}:00Z`];
      const { stdout } = await airherd('world', 'show', office, ...words);
      const plan = stdout.split('\n').filter((line) => /^[│┼]/.test(line));
      return plan.join('').match(/[pc]/g)?.length ?? 0;
    };
    expect(await there('11:00')).toBeGreaterThan(2 * (await there('03:00')));
  });

  test('a floor that is not there, and happenings without a time', async () => {
    const floor = await airherd('world', 'show', office, '--floor', 'f9');
    expect(floor).toEqual({
      status: EXIT.usage,
      stdout: '',
      stderr: 'airherd: usage-invalid: no floor f9; there are f0\n',
    });
    const when = await airherd('world', 'show', office, '--happenings', office);
    expect(when).toMatchObject({ status: EXIT.usage, stdout: '' });
    expect(when.stderr).toContain('--happenings needs --at: when to look');
  });
});

describe('export', () => {
  const exported = async (...words: string[]) => (await airherd('world', 'export', office, ...words)).stdout;

  test('the site as JSON is the site; as GeoJSON it is imported again', async () => {
    expect(JSON.parse(await exported())).toEqual(JSON.parse(JSON.stringify(site)));
    const plan = join(dir, 'office.geojson');
    await airherd('world', 'export', office, '--format', 'geojson', '--out', plan);
    const again = await airherd('world', 'import', plan, '--seed', '4');
    const read = readPlan(again.stdout);
    expect(read.ok && read.site.floors[0].rooms.map(({ kind }) => kind)).toEqual(
      site.floors[0].rooms.map(({ kind }) => kind),
    );
  });

  test('the site as CSV has a row for each device', async () => {
    const [head, ...rows] = (await exported('--format', 'csv')).trimEnd().split('\r\n');
    expect(head).toBe('kind,id,name,model,mac,floor,x,y,z');
    expect(rows).toHaveLength(site.accessPoints.length + site.switches.length);
    expect(rows.every((row, i) => row.includes([...site.accessPoints, ...site.switches][i].mac))).toBe(true);
  });

  test('beings and truth have their time, place and device', async () => {
    const beings = JSON.parse(await exported('--what', 'beings', '--clients', '20'));
    expect(beings.filter(({ wifi }: { wifi: unknown }) => wifi !== null)).toHaveLength(20);
    const words = ['--what', 'truth', '--clients', '20', '--for', '30s', '--start', '2026-03-02T09:00:00Z'];
    const truth = JSON.parse(await exported(...words));
    const known = new Set(beings.map(({ id }: { id: string }) => id));
    expect(truth.length).toBeGreaterThan(0);
    for (const { timeMs, being } of truth) {
      expect(timeMs).toBeGreaterThanOrEqual(Date.UTC(2026, 2, 2, 9));
      expect(known).toContain(being);
    }
  });

  test('GeoJSON of the truth is refused', async () => {
    const { status, stdout, stderr } = await airherd(
      'world',
      'export',
      office,
      '--what',
      'truth',
      '--format',
      'geojson',
    );
    expect({ status, stdout }).toEqual({ status: EXIT.usage, stdout: '' });
    expect(stderr).toContain('geojson is for --what site; write truth as json or csv');
  });
});
