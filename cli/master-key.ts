import { execFileSync } from 'node:child_process';
import { readPrivate } from '../cloud-stub/store/private-file.ts';
import { AirherdError } from '../protocol/errors.ts';

const KEY_BYTES = 32;
const COMMAND_TIMEOUT_MS = 30_000;

/**
 * The master key from `file:PATH` (32 bytes, or their text), `env:NAME` or `command:COMMAND LINE` (its standard
 * output); text is 64 hexadecimal digits or base64. Undefined for none: then it is in the cloud's folder.
 */
export function masterKeyFrom(source = process.env.AIRHERD_MASTER_KEY_FROM): Buffer | undefined {
  if (source === undefined || source === '') return undefined;
  const [, scheme, rest] = /^(file|env|command):(.+)$/s.exec(source) ?? [];
  const wrong = (detail: string) =>
    new AirherdError('usage-invalid', { detail: `master key ${scheme ?? ''}: ${detail}` });
  if (rest === undefined) throw wrong('a source is file:PATH, env:NAME or command:COMMAND');
  if (scheme === 'file') {
    const bytes = readPrivate(rest);
    if (!bytes) throw new AirherdError('input-missing', { path: rest, detail: 'there is no such file' });
    return bytes.length === KEY_BYTES
      ? bytes
      : (keyOf(bytes.toString()) ?? fail(wrong('it is no 32-byte key')));
  }
  if (scheme === 'env') {
    const text = process.env[rest];
    if (text === undefined) throw wrong(`${rest} is not set`);
    return keyOf(text) ?? fail(wrong('it is no 32-byte key'));
  }
  let text: string;
  try {
    text = execFileSync('/bin/sh', ['-c', rest], {
      encoding: 'utf8',
      timeout: COMMAND_TIMEOUT_MS,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  } catch {
    // Its output may be the key: none of it is shown.
    throw wrong('the command failed');
  }
  return keyOf(text) ?? fail(wrong('it is no 32-byte key'));
}

/** `file`, `env` or `command`; undefined when the key is in the cloud's folder. Says nothing of where exactly. */
export const masterKeyScheme = (source = process.env.AIRHERD_MASTER_KEY_FROM): string | undefined =>
  source ? source.split(':')[0] : undefined;

function fail(error: AirherdError): never {
  throw error;
}

function keyOf(text: string): Buffer | null {
  const trimmed = text.trim();
  const bytes = /^[0-9a-f]{64}$/i.test(trimmed)
    ? Buffer.from(trimmed, 'hex')
    : Buffer.from(trimmed, 'base64');
  return bytes.length === KEY_BYTES ? bytes : null;
}
