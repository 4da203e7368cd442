/** `airherd scenario` as a CI server calls it: formats, exit codes, all problems at once, evidence that replays. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compile } from '../support/compiled.ts';
import { OWN_TOOLS } from '../tools.mjs';

const folder = mkdtempSync(join(tmpdir(), 'airherd-scenario-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let main: string;
beforeAll(() => {
  ({ main } = compile());
}, 120_000);

const airherd = (...words: string[]) =>
  spawnSync(process.execPath, [main, 'scenario', ...words], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, AIRHERD_LAB_DIR: join(folder, 'evidence') },
  });
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return name;
};

const FAILING = `scenario: "nobody <joins> & nobody leaves"
seed: 3
clients: [{ id: phone, ssid: null }]
timeline:
  - { expect: online, device: ap0 }
  - { expect: associated, client: phone, within: 5 s }
  - { expect: balanced }
`;

test('a failure is told in every format, and its evidence does it again', () => {
  const failing = file('failing.yaml', FAILING);
  const junit = airherd('run', failing, '--format', 'junit', '--out', 'junit.xml');
  expect(junit.status).toBe(1);
  const xml = join(folder, 'junit.xml');
  // Well-formed by an XML parser that is not ours.
  const parsed = spawnSync('python3', [
    '-c',
    `import sys, xml.etree.ElementTree as e
s = e.parse(sys.argv[1]).getroot()[0]
print(s.get('name'), s.get('tests'), s.get('failures'), s.get('skipped'))`,
    xml,
  ]);
  expect(String(parsed.stdout).trim()).toBe('nobody <joins> & nobody leaves 3 1 1');
  const [evidence] = readdirSync(join(folder, 'evidence'));
  for (const name of ['failure.txt', 'scenario.yaml', 'log.ndjson', 'facts.ndjson', 'frames.pcapng'])
    expect(existsSync(join(folder, 'evidence', evidence, name)), name).toBe(true);
  const told = readFileSync(join(folder, 'evidence', evidence, 'failure.txt'), 'utf8');
  expect(told).toContain('seed: 3');
  const frames = spawnSync('tshark', [
    '-r',
    join(folder, 'evidence', evidence, 'frames.pcapng'),
    '-T',
    'fields',
    '-e',
    'frame.number',
  ]);
  expect(frames.status).toBe(0);
  expect(String(frames.stdout).split('\n').length).toBeGreaterThan(1);

  const [, replay] = /replay: npx airherd scenario run (\S+)/.exec(told) ?? [];
  expect(replay).toBe(join(folder, failing));
  // The record of what was done does it again as well.
  const again = airherd('run', join(folder, 'evidence', evidence, 'scenario.yaml'), '--format', 'github');
  expect(again.status).toBe(1);
  expect(again.stdout).toMatch(/^::error file=.*scenario\.yaml,line=\d+,title=replay::.*expected phone/);
});

test('TAP and JSON say what passed', () => {
  const good = file('good.yaml', 'scenario: it starts\ntimeline:\n  - { expect: online, device: ap0 }\n');
  const tap = airherd('run', good, '--format', 'tap');
  expect(tap.status).toBe(0);
  expect(tap.stdout).toBe('TAP version 13\n1..1\nok 1 - it starts\n');
  expect(JSON.parse(airherd('run', good, '--format', 'json').stdout)).toMatchObject({ passed: true });
});

test('all that is wrong is listed at once, with its line', () => {
  const wrong = file(
    'wrong.yaml',
    'scenario: wrong\nseeds: 1\ntimeline:\n  - { do: explode }\n  - { expect: online }\n  - { do: wait, for: soon }\n',
  );
  const { status, stderr } = airherd('run', '--check', wrong);
  expect(status).toBe(6);
  const lines = [...stderr.matchAll(/^wrong\.yaml:(\d+):/gm)].map(([, line]) => Number(line));
  expect(lines).toEqual([2, 4, 5, 6]);
  expect(airherd('run', 'missing.yaml').status).toBe(6);
});

test('a session is recorded as a scenario that passes as well', () => {
  file(
    'session.mjs',
    `export const options = { seed: 5, switches: 1, clients: [{ id: 'phone', ssid: null }] };
export default async (lab) => {
  await lab.client('phone').join('guest');
  await lab.expect.client(lab.client('phone').mac).associated({ ssid: 'guest', within: '3 s' });
  lab.ap().link.cut();
  await lab.expect.device('ap0').offline();
  lab.ap().link.restore();
  await lab.expect.device('ap0').online();
};
`,
  );
  const recorded = airherd('record', 'session.mjs', '--out', 'recorded.yaml');
  expect(recorded.status, recorded.stderr).toBe(0);
  const again = airherd('run', 'recorded.yaml');
  expect(again.status, again.stdout + again.stderr).toBe(0);
});

test('a scenario in TypeScript runs where Node reads it, and elsewhere says what does', () => {
  const walk = resolve(import.meta.dirname, '../../scenarios/walk-through-the-bays.ts');
  const { version } = process;
  if (!(process.features as { typescript?: string | false }).typescript) {
    const refused = airherd('run', walk);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain(`Node ${version} reads no TypeScript, Node 22.18 and later do`);
  }
  const node22 = spawnSync(
    join(OWN_TOOLS, 'node22'),
    [main, 'scenario', 'run', walk, '--junit', 'walk.xml'],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );
  expect(node22.status, node22.stdout + node22.stderr).toBe(0);
  expect(readFileSync(join(folder, 'walk.xml'), 'utf8')).toContain('failures="0"');
});
