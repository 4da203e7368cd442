import { type Clock, sleep } from '../../platform/ports/clock.ts';
import type { FileStore } from '../../platform/ports/files.ts';
import type { HttpAnswer } from '../../platform/ports/http.ts';
import type { Random } from '../../platform/ports/random.ts';
import { AirherdError } from '../../protocol/errors.ts';
import type { Manifest } from '../../protocol/firmware/manifest.ts';
import { type BackoffOptions, backoff } from '../backoff.ts';

/** Attempts that bring not one byte, one after the other. */
const MOST_FRUITLESS = 8;
/** A connection on which nothing comes for so long is given up. */
const SILENT_MS = 30_000;

export interface DownloadOptions {
  manifest: Manifest;
  /** Where it goes; what is there of it already is not fetched again. */
  files: FileStore;
  name: string;
  /** One request (RFC 9110): `Range` and `If-Range` where there is something already. */
  get(headers: Record<string, string>, signal: AbortSignal): Promise<HttpAnswer>;
  clock: Clock;
  random: Random;
  backoff: BackoffOptions;
  signal: AbortSignal;
  /** So many bytes are there now. */
  onBytes(have: number): void;
}

/**
 * Appends the payload to its file, going on where a connection was cut, or an earlier boot stopped. Says nothing about
 * what came: the digest does. Throws firmware-download, and what the disk says.
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { manifest, files, name, clock, signal } = options;
  const { size } = manifest.payload;
  const delays = backoff(options.random, options.backoff);
  let have = (await files.list()).includes(name) ? (await files.read(name)).length : 0;
  if (have > size) {
    await files.remove(name);
    have = 0;
  }
  options.onBytes(have);
  for (let fruitless = 0; have < size; ) {
    const before = have;
    const problem = await attempt(options, have, (now) => {
      have = now;
      options.onBytes(now);
    });
    signal.throwIfAborted();
    if (problem === null) break;
    fruitless = have > before ? 0 : fruitless + 1;
    if (fruitless >= MOST_FRUITLESS) throw failed(manifest, problem);
    await sleep(clock, delays.next().value, signal);
  }
}

const failed = ({ version }: Manifest, detail: string): AirherdError =>
  new AirherdError('firmware-download', { version, detail });

/** One connection; null when all is there, else why it ended early. Throws what another attempt would not mend. */
async function attempt(
  { manifest, files, name, get, clock, signal }: DownloadOptions,
  from: number,
  onHave: (have: number) => void,
): Promise<string | null> {
  const { size, sha256 } = manifest.payload;
  const silence = new AbortController();
  const signals = AbortSignal.any([signal, silence.signal]);
  const arm = () =>
    clock.timer(SILENT_MS, () => silence.abort(new Error(`nothing came for ${SILENT_MS / 1000} s`)));
  let timer = arm();
  const heard = () => {
    timer.cancel();
    timer = arm();
  };
  let have = from;
  try {
    const resume = { range: `bytes=${from}-`, 'if-range': `"${sha256}"` };
    const answer = await get(from > 0 ? resume : {}, signals);
    heard();
    const start = startOf(answer, from);
    if (start === null) {
      const isFinal = answer.status >= 400 && answer.status < 500 && answer.status !== 429;
      if (isFinal) throw failed(manifest, `it was answered with ${answer.status}`);
      return `it was answered with ${answer.status}`;
    }
    if (start < have) {
      await files.remove(name);
      have = 0;
      onHave(have);
    }
    for await (const chunk of answer.body) {
      heard();
      if (have + chunk.length > size) throw failed(manifest, `more than ${size} bytes came`);
      await written(files, name, chunk);
      have += chunk.length;
      onHave(have);
    }
    return have < size ? 'the connection ended early' : null;
  } catch (error) {
    if (error instanceof DiskError) throw error.cause;
    if (error instanceof AirherdError && error.code === 'firmware-download') throw error;
    return error instanceof Error ? error.message : String(error);
  } finally {
    timer.cancel();
  }
}

/** A disk that takes nothing is told apart from a connection that gives nothing. */
class DiskError extends Error {}

async function written(files: FileStore, name: string, chunk: Uint8Array): Promise<void> {
  try {
    await files.append(name, chunk);
  } catch (cause) {
    throw new DiskError('disk', { cause });
  }
}

/** Where the body begins in the payload; null for an answer that is none of it. */
function startOf({ status, headers }: HttpAnswer, from: number): number | null {
  if (status === 200) return 0;
  if (status !== 206) return null;
  const [, first] = /^bytes (\d+)-\d+\/\d+$/.exec(headers['content-range'] ?? '') ?? [];
  return Number(first) === from ? from : null;
}
