import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
 * Runs the commands in turns, `rounds` times each, so that whatever else the machine does meets all alike.
 * @param commands name → command line
 * @returns name → wall time from start to exit, seconds, median
 */
export async function inTurns(commands, rounds) {
  const seconds = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of Object.entries(commands)) seconds[name].push((await run(command)).seconds);
  }
  return Object.fromEntries(Object.entries(seconds).map(([name, of]) => [name, median(of)]));
}

/** Greatest resident set of a Node program, MiB, median of three runs. */
export async function residentMib(command) {
  const env = { ...process.env, NODE_OPTIONS: `--import=${PRINT_RSS.href}` };
  const sizes = [];
  for (let round = 0; round < 3; round++) {
    const { errors } = await run(command, { env });
    sizes.push(Number(errors.trim().split('\n').at(-1)) / 1024);
  }
  return median(sizes);
}
