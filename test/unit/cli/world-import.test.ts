/** `airherd world import`: plans become sites that the other commands take, and what is wrong is one line. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXIT } from '../../../protocol/errors.ts';
import { inProcess as airherd } from '../../support/in-process.ts';

const dir = mkdtempSync(join(tmpdir(), 'airherd-world-import-'));
const plans = new URL('../../../fixtures/plans/', import.meta.url).pathname;
const indoor = join(plans, 'indoor.geojson');
const picture = join(plans, 'three-rooms.png');
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A file in the folder of this test. */
function file(name: string, content: string | Uint8Array = ''): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
}

/** GeoJSON as OpenStreetMap tags it: one room, so many degrees of latitude from end to end. */
const room = (degrees: number): string =>
  JSON.stringify({
    type: 'FeatureCollection',
    features: [
      {
        type: 'Feature',
        properties: { indoor: 'room', level: '0' },
        geometry: {
          type: 'Polygon',
          coordinates: [
            [
              [8, 47],
              [8, 47 + degrees],
              [8.0001, 47 + degrees],
              [8.0001, 47],
              [8, 47],
            ],
          ],
        },
      },
    ],
  });

describe('a plan becomes a site that is drawn and that time passes in', () => {
  test.each([
    ['GeoJSON', [indoor], '1 floors, 3 rooms'],
    ['IMDF', [join(plans, 'two-floors.imdf.zip')], '2 floors, 12 rooms'],
    ['a picture', ['--image', picture, '--metres-per-pixel', '0.05'], '1 floors, 3 rooms'],
    ['a picture with two points', ['--image', picture, '--scale', '0,0,480,0,24'], '1 floors, 3 rooms'],
  ])('%s', async (name, source, made) => {
    const out = join(dir, `${name}.yaml`);
    const imported = await airherd('world', 'import', ...source, '--seed', '4', '--out', out);
    expect(imported).toMatchObject({ status: EXIT.ok, stderr: '' });
    expect(imported.stdout).toContain(`wrote ${out}: ${made}`);
    expect((await airherd('world', 'show', out, '--band', 'none')).stdout).toContain('A access point');
    const run = await airherd('world', 'run', out, '--for', '1s', '--clients', '2', '--json');
    expect(JSON.parse(run.stdout).frames).toBeGreaterThan(0);
    // Without --out the same plan goes to standard output.
    const { stdout } = await airherd('world', 'import', ...source, '--seed', '4');
    expect(stdout).toBe(readFileSync(out, 'utf8'));
  });

  test('both ways to give the scale agree', () => {
    const read = (name: string) => readFileSync(join(dir, `${name}.yaml`), 'utf8');
    expect(read('a picture with two points')).toBe(read('a picture'));
  });
});

describe('what cannot be imported is told in a line', () => {
  const huge = join(dir, 'huge.geojson');

  beforeAll(() => {
    file('huge.geojson');
    truncateSync(huge, 200 * 2 ** 20);
    mkdirSync(join(dir, 'empty'));
  });

  const refused = async (words: readonly string[], exit: number, said: (string | RegExp)[]) => {
    const { status, stdout, stderr } = await airherd('world', 'import', ...words);
    expect(stdout).toBe('');
    expect(stderr.trimEnd().split('\n')).toEqual(
      said.map((line) =>
        typeof line === 'string' ? expect.stringContaining(line) : expect.stringMatching(line),
      ),
    );
    expect(status).toBe(exit);
  };

  test('no source, or two', async () => {
    await refused([], EXIT.usage, [
      'usage-invalid: give a GeoJSON or IMDF source, or --image with its scale',
    ]);
    await refused([indoor, '--image', picture], EXIT.usage, ['give a GeoJSON or IMDF source, or --image']);
  });

  test('a file that is not there, or of 200 MB', async () => {
    await refused([join(dir, 'nowhere.geojson')], EXIT.input, [
      /input-missing: cannot read .*nowhere\.geojson: ENOENT/,
    ]);
    await refused([huge], EXIT.usage, [`${huge}: 200 MB is more than the 64 that are read`]);
  });

  test('what is no JSON, no zip, no plan', async () => {
    const broken = file('broken.geojson', '{\n  "type": [1,\n');
    await refused([broken], EXIT.input, [/broken\.geojson:3: is no JSON: /, 'site-invalid']);
    // As YAML this is well.
    const comma = file('comma.geojson', '{"type": "FeatureCollection",\n "features": [\n  {"a": 1,}\n]}');
    await refused([comma], EXIT.input, [/comma\.geojson:3: is no JSON: /, 'site-invalid']);
    await refused(
      [file('cut.zip', readFileSync(join(plans, 'two-floors.imdf.zip')).subarray(0, 900))],
      EXIT.usage,
      ['cut.zip: no zip: '],
    );
    await refused([join(dir, 'empty')], EXIT.usage, [`${join(dir, 'empty')}: no .geojson in it`]);
    await refused([file('none.geojson', '{"type":"FeatureCollection","features":[]}')], EXIT.input, [
      'none.geojson:0: has no rooms; give polygons indoor=room, or IMDF units',
      'site-invalid',
    ]);
  });

  test('a feature that is none, with its line; everything at once', async () => {
    const plan = JSON.parse(readFileSync(indoor, 'utf8'));
    plan.features[1].geometry.coordinates[0] = plan.features[1].geometry.coordinates[0].slice(0, 2);
    plan.features[4].properties.level = '7';
    const text = JSON.stringify(plan, null, 1);
    const lines = text.split('\n');
    const lineOf = (feature: number): number => {
      const starts = lines.flatMap((line, i) => (line === '  {' ? [i + 1] : []));
      return starts[feature];
    };
    const path = file('wrong.geojson', text);
    await refused([path], EXIT.input, [
      `${path}:${lineOf(1)}: features[1]: needs at least 3 corners; write a Polygon`,
      `${path}:${lineOf(4)}: features[4]: no level 7; there are 0`,
      'site-invalid',
    ]);
  });

  test('a picture that is none, cut off, without walls, without a scale', async () => {
    const scale = ['--metres-per-pixel', '0.05'];
    await refused([picture], EXIT.usage, [`${picture}: is a picture; give it with --image`]);
    await refused(['--image', indoor, ...scale], EXIT.usage, [`${indoor}: is no PNG; save the plan as PNG`]);
    const cut = file('cut.png', readFileSync(picture).subarray(0, 500));
    await refused(['--image', cut, ...scale], EXIT.usage, ['cut.png: is a damaged PNG: ']);
    await refused(['--image', picture, '--metres-per-pixel', '0.0001'], EXIT.usage, [
      'no walls; draw them dark',
    ]);
    await refused(['--image', picture], EXIT.usage, ['an image needs --metres-per-pixel or --scale']);
  });

  test.each([
    ['--metres-per-pixel', '0', 'write a number above 0'],
    ['--metres-per-pixel', 'wide', 'write a number above 0'],
    ['--scale', '1,1,1,1,5', 'write two pixels and metres, as 100,50,500,50,20'],
    ['--scale', '1,2,3', 'write two pixels and metres, as 100,50,500,50,20'],
  ])('%s %s', async (option, value, hint) => {
    await refused(['--image', picture, option, value], EXIT.usage, [hint, 'airherd --help']);
  });

  test('a floor of kilometres', async () => {
    await refused(['--image', picture, '--metres-per-pixel', '1000'], EXIT.usage, [
      /at this scale it is \d+000 m wide; give the metres of one pixel/,
    ]);
    // A degree of latitude is about 111 km.
    await refused([file('county.geojson', room(0.1))], EXIT.input, [
      /county\.geojson:0: level 0 is 111\d\d m wide; give one building, 2000 m at most/,
      'site-invalid',
    ]);
    expect(await airherd('world', 'import', file('house.geojson', room(0.0001)))).toMatchObject({
      stderr: '',
    });
  });

  test('a result that is there already is left as it is', async () => {
    const out = file('mine.yaml', 'mine');
    await refused([indoor, '--out', out], EXIT.input, [/output-failed: cannot write .*mine\.yaml: EEXIST/]);
    expect(readFileSync(out, 'utf8')).toBe('mine');
  });
});
