import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { median } from '../report.mjs';

const PRINT_RSS = new URL('./print-rss.mjs', import.meta.url);

/** Runs a command to its end. Its standard output is thrown away unless `keep`. */
export async function run([command, ...args], { keep = false, env = process.env } = {}) {
  const startMs = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', keep ? 'pipe' : 'ignore', 'pipe'], env });
  const output = collect(child.stdout);
  const errors = collect(child.stderr);
  const [code] = await once(child, 'close');
  const seconds = (performance.now() - startMs) / 1000;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${await errors}`);
  return { seconds, output: await output, errors: await errors };
}

async function collect(stream) {
  let text = '';
  for await (const chunk of stream ?? []) text += chunk;
  return text;
}

/**
 * Runs the commands in turns, `rounds` times each, so that whatever else the machine does meets all alike. Of
 * each the fastest run counts: what else the machine does can only add.
 * @param commands name → command line
 * @param outputs name → file that it writes, removed before each run: every run makes a new one
 * @returns name → seconds: `wall` from start to exit, `cpu` of all its threads, user and system
 */
export async function inTurns(commands, rounds, outputs = {}) {
  const fastest = Object.fromEntries(
    Object.keys(commands).map((name) => [
      name,
      { wall: Number.POSITIVE_INFINITY, cpu: Number.POSITIVE_INFINITY },
    ]),
  );
  const turns = Object.entries(commands);
  for (let round = 0; round < rounds; round++) {
    // Whoever comes first in one round comes last in the next: what one leaves to be written may slow the next.
    turns.push(turns.shift());
    for (const [name, command] of turns) {
      if (outputs[name] !== undefined) rmSync(outputs[name], { force: true });
      const { seconds, errors } = await run([
        'sh',
        '-c',
        '"$@"; status=$?; times >&2; exit $status',
        'sh',
        ...command,
      ]);
      fastest[name].wall = Math.min(fastest[name].wall, seconds);
      fastest[name].cpu = Math.min(fastest[name].cpu, childSeconds(errors));
    }
  }
  return fastest;
}

/** From the last line of what `times` of a POSIX shell prints: user and system time of its children, `0m1.25s`. */
function childSeconds(errors) {
  const parts = errors
    .trim()
    .split('\n')
    .at(-1)
    .matchAll(/(\d+)m([\d.]+)s/g);
  return [...parts].reduce((sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds), 0);
}

/**
 * Greatest resident set of a Node program, MiB, median of three runs. The young generation is held at one size:
 * it grows with the time that a program runs, and is not what a program keeps.
 */
export async function residentMib(command) {
  const env = { ...process.env, NODE_OPTIONS: `--max-semi-space-size=4 --import=${PRINT_RSS.href}` };
  const sizes = [];
  for (let round = 0; round < 3; round++) {
    const { errors } = await run(command, { env });
    sizes.push(Number(errors.trim().split('\n').at(-1)) / 1024);
  }
  return median(sizes);
}
