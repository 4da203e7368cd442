/**
 * The whole suite again and again, each time in another random order, until something fails:
 *   npm run soak:suite -- [--runs 20] [--state soak-suite.json] [--seed 1] [test/unit ...]
 * Behind the options stand folders or files, all of them unless given. Each run is added to the state file when it is
 * over: called again, it goes on after the last one that passed. The first failure ends it, with the log of that run
 * beside the state file and the command that has the same order again.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '20' },
    state: { type: 'string', default: 'soak-suite.json' },
    seed: { type: 'string', default: '1' },
  },
});
const root = join(import.meta.dirname, '../..');
const runs = Number(values.runs);
const firstSeed = Number(values.seed);
if (!Number.isInteger(runs) || runs < 1 || !Number.isInteger(firstSeed)) {
  console.error('--runs is a number from 1 on, --seed a whole number');
  process.exit(2);
}

const fresh = { of: positionals, node: process.version, runs: [] };
const state = existsSync(values.state) ? JSON.parse(readFileSync(values.state, 'utf8')) : fresh;
if (JSON.stringify(state.of) !== JSON.stringify(positionals)) {
  console.error(`${values.state} is of other tests (${state.of.join(' ') || 'all'}): give another --state`);
  process.exit(2);
}
const save = () => {
  writeFileSync(`${values.state}.new`, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(`${values.state}.new`, values.state);
};

const commandOf = (seed) => [
  'vitest',
  'run',
  '--sequence.shuffle',
  `--sequence.seed=${seed}`,
  ...positionals,
];

/** One run, all it says in its log; returns its entry of the state. */
async function runOnce(seed, log) {
  const fromMs = Date.now();
  const out = createWriteStream(log);
  const report = `${values.state}.report`;
  const words = [...commandOf(seed), '--reporter=verbose', '--reporter=json', `--outputFile.json=${report}`];
  // Vitest by itself: what is told to end is to end it too.
  const [program, ...rest] = words;
  const entry = join(root, 'node_modules', program, 'vitest.mjs');
  const child = spawn(process.execPath, [entry, ...rest], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const end = (signal) => {
    child.kill(signal);
    process.exit(1);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, end);
  child.stdout.pipe(out, { end: false });
  child.stderr.pipe(out, { end: false });
  const [code] = await once(child, 'close');
  for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, end);
  out.end();
  const { numTotalTests = 0, numFailedTests = 0 } = existsSync(report)
    ? JSON.parse(readFileSync(report, 'utf8'))
    : {};
  rmSync(report, { force: true });
  const seconds = Math.round((Date.now() - fromMs) / 1000);
  return {
    ...{ seed, began: new Date(fromMs).toISOString(), seconds },
    ...{ tests: numTotalTests, failed: numFailedTests, passed: code === 0 && numTotalTests > 0 },
  };
}

state.runs = state.runs.filter(({ passed }) => passed);
while (state.runs.length < runs) {
  const seed = firstSeed + state.runs.length;
  const log = `${values.state}.seed-${seed}.log`;
  const run = await runOnce(seed, log);
  state.runs.push(run);
  save();
  const name = `run ${state.runs.length} of ${runs}, seed ${seed}`;
  if (!run.passed) {
    console.error(`${name}: ${run.failed} of ${run.tests} tests failed; ${log} has all that was said`);
    console.error(`the same order again: npx ${commandOf(seed).join(' ')}`);
    process.exit(1);
  }
  rmSync(log);
  console.log(`${name}: ${run.tests} tests passed in ${run.seconds} s`);
}
const total = state.runs.reduce((sum, { tests }) => sum + tests, 0);
const minutes = state.runs.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
console.log(`${runs} runs, ${total} tests, ${minutes.toFixed(0)} minutes, no failure`);
