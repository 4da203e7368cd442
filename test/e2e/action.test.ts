/** Pipelines: the GitHub action and what docs/ci.md shows for GitHub and GitLab hold together, and their steps do what they are for. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { codeBlocks } from '../support/code-blocks.ts';
import { compile } from '../support/compiled.ts';

interface Action {
  inputs: Record<string, { description: string; required?: boolean; default?: string }>;
  runs: {
    using: string;
    steps: { uses?: string; shell?: string; run?: string; env?: Record<string, string> }[];
  };
}
const text = readFileSync(resolve(import.meta.dirname, '../../action.yml'), 'utf8');
const action: Action = parse(text);

const folder = mkdtempSync(join(tmpdir(), 'airherd-action-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(() => {
  const { main } = compile();
  // npx of a machine that has the package: it leaves out its own flags and the package's version.
  writeFileSync(
    join(folder, 'npx'),
    `#!/bin/sh\ncase "$1 $2" in "--yes airherd@latest") shift 2;; "airherd scenario") shift;; *) exit 64;; esac\nexec '${process.execPath}' '${main}' "$@"\n`,
  );
  chmodSync(join(folder, 'npx'), 0o755);
}, 120_000);

test('inputs that are used are those that it has, and each that need not be given has a default', () => {
  const used = new Set([...text.matchAll(/\$\{\{ inputs\.([\w-]+) \}\}/g)].map(([, name]) => name));
  expect([...used].sort()).toEqual(Object.keys(action.inputs).sort());
  for (const { required, default: value } of Object.values(action.inputs)) {
    expect(required === true).toBe(value === undefined);
  }
  expect(action.runs.using).toBe('composite');
  for (const { run, shell } of action.runs.steps) expect(run === undefined).toBe(shell === undefined);
});

test('its step runs what a pattern matches, marks the line that failed, and leaves JUnit and evidence', () => {
  const scenario = (device: string) =>
    `scenario: of ${device}\ntimeline:\n  - { expect: online, device: ap0 }\n  - { expect: associated, client: ${device}, within: 1 s }\n`;
  const good = scenario('phone').replace(/ {2}- \{ expect: associated.*\n/, '');
  writeFileSync(join(folder, 'one.yaml'), good);
  writeFileSync(join(folder, 'two.yaml'), `clients: [{ id: phone, ssid: null }]\n${scenario('phone')}`);
  const [step] = action.runs.steps.filter(({ run }) => run !== undefined);
  const given: Record<string, string> = { 'inputs.files': '*.yaml', 'runner.temp': folder };
  const filledIn = (text: string): string =>
    text.replace(/\$\{\{ ([\w.-]+) \}\}/g, (_, name: string) => {
      return given[name] ?? action.inputs[name.replace('inputs.', '')].default ?? '';
    });
  const env = Object.fromEntries(
    Object.entries(step.env ?? {}).map(([name, value]) => [name, filledIn(value)]),
  );
  const done = spawnSync('bash', ['-eo', 'pipefail', '-c', step.run ?? ''], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...env, PATH: `${folder}${delimiter}${process.env.PATH}` },
  });
  expect(done.status, done.stderr).toBe(1);
  expect(done.stdout).toMatch(/^::error file=two\.yaml,line=5,/m);
  expect(done.stdout).not.toContain('file=one.yaml');
  const junit = readFileSync(join(folder, 'airherd-report.xml'), 'utf8');
  expect(junit).toContain('of phone');
  expect(existsSync(join(folder, 'airherd-evidence'))).toBe(true);
});

/** The keywords of a job, and of its artifacts, that GitLab's reference has (docs.gitlab.com/ci/yaml). */
const GITLAB_JOB = [
  'image',
  'script',
  'before_script',
  'after_script',
  'artifacts',
  'stage',
  'variables',
  'rules',
  'needs',
];
const GITLAB_ARTIFACTS = ['when', 'reports', 'paths', 'expire_in', 'name', 'exclude'];

test('the workflow that docs/ci.md shows gives the action inputs that it has', () => {
  const [github] = codeBlocks('docs/ci.md').filter(({ language }) => language === 'yml');
  const { jobs } = parse(github.text) as {
    jobs: Record<string, { 'runs-on': string; steps: { uses: string; with?: Record<string, unknown> }[] }>;
  };
  const [job] = Object.values(jobs);
  expect(Object.keys(job)).toEqual(['runs-on', 'steps']);
  const own = job.steps.find(({ uses }) => uses.startsWith('OWNER/airherd@'));
  const given = Object.keys(own?.with ?? {});
  for (const name of given) expect(Object.keys(action.inputs)).toContain(name);
  for (const [name, { required }] of Object.entries(action.inputs))
    if (required) expect(given).toContain(name);
});

test('the GitLab job that docs/ci.md shows runs, and leaves the report that it names', () => {
  const [, gitlab] = codeBlocks('docs/ci.md').filter(({ language }) => language === 'yml');
  const [job] = Object.values(
    parse(gitlab.text) as Record<
      string,
      { image: string; script: string[]; artifacts: { when: string; reports: { junit: string } } }
    >,
  );
  for (const key of Object.keys(job)) expect(GITLAB_JOB).toContain(key);
  for (const key of Object.keys(job.artifacts)) expect(GITLAB_ARTIFACTS).toContain(key);
  const project = join(folder, 'project');
  mkdirSync(join(project, 'scenarios'), { recursive: true });
  writeFileSync(
    join(project, 'scenarios', 'one.yaml'),
    'scenario: it starts\ntimeline:\n  - { expect: online, device: ap0 }\n',
  );
  const [install, ...rest] = job.script;
  expect(install).toBe('npm ci');
  const done = spawnSync('sh', ['-ec', rest.join('\n')], {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` },
  });
  expect(done.status, done.stderr).toBe(0);
  expect(readFileSync(join(project, job.artifacts.reports.junit), 'utf8')).toContain('failures="0"');
});
