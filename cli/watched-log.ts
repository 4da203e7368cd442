import { Writable } from 'node:stream';
import { type Logger, pino } from 'pino';
import { printable } from './printable.ts';

/** Fields of every line, or not for people. */
const OMITTED = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'err', 'code']);

/** One line of pino's JSON as a person reads it: `20:38:01 warn proof-wrong: the factory-key proof … (serial=AH…)`. */
export function plainLine(json: string): string {
  const fields = JSON.parse(json) as Record<string, unknown>;
  const time = new Date(Number(fields.time)).toTimeString().slice(0, 8);
  const label = pino.levels.labels[Number(fields.level)] ?? '';
  const code = fields.code === undefined ? '' : `${fields.code}: `;
  const error = fields.err as { message?: string } | undefined;
  const rest = Object.entries(fields)
    .filter(([key, value]) => !OMITTED.has(key) && value !== null)
    .map(([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : value}`);
  if (error?.message) rest.push(error.message);
  const details = rest.length > 0 ? ` (${rest.join(', ')})` : '';
  return printable(`${time} ${label.padEnd(5)} ${code}${fields.msg ?? ''}${details}`);
}

/** To standard error: plain lines while a person watches, JSON for a file, a pipe or `--json`. */
export function watchedLog(level: string, { json }: { json?: boolean } = {}): Logger {
  if (json || !process.stderr.isTTY) return pino({ level }, pino.destination({ fd: 2, sync: true }));
  const lines = new Writable({
    write(chunk: Buffer, _encoding, done) {
      process.stderr.write(`${plainLine(chunk.toString())}\n`);
      done();
    },
  });
  return pino({ level }, lines);
}
