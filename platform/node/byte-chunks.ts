import { closeSync, constants, fstatSync, openSync, read, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { AirherdError } from '../../protocol/errors.ts';

/** Lent chunks: fewer hand-overs between threads, and still within a processor's cache (measured). */
const LENT_CHUNK_BYTES = 1024 * 1024;
/**
 * Of a file, the first chunk; each is twice the one before. The compiler sees early what happens between chunks,
 * and need not do its work again when the first large one ends.
 */
const FIRST_CHUNK_BYTES = 16 * 1024;
/** Kept ones stay as long as any of their frames is referred to. */
const KEPT_CHUNK_BYTES = 256 * 1024;
const readAt = promisify(read);

export interface ByteChunkOptions {
  /** The caller keeps the chunks. Default: they are lent, and written over once the next is asked for. */
  keep?: boolean;
  /** Read instead of the process's own for `-`. */
  stdin?: Readable;
}

/**
 * The bytes of a file, a FIFO, or, for `-`, of standard input, in chunks. The next chunk of a file is read while
 * the caller works on one. Ends early and quietly when `signal` aborts, also while a FIFO has no writer.
 * @throws AirherdError input-missing
 */
export async function* byteChunks(
  path: string,
  signal: AbortSignal,
  options: ByteChunkOptions = {},
): AsyncGenerator<Uint8Array> {
  try {
    if (path === '-') yield* streamChunks(options.stdin ?? process.stdin, signal);
    else yield* pathChunks(path, signal, options.keep ?? false);
  } catch (error) {
    const detail = systemDetail(error);
    if (detail === null) throw error;
    throw new AirherdError('input-missing', { path, detail }, { cause: error });
  }
}

/** Whether `path` is a FIFO, or `-` and standard input is no file. */
export function comesAsItHappens(path: string): boolean {
  if (path === '-') return !fstatSync(0).isFile();
  return statSync(path, { throwIfNoEntry: false })?.isFIFO() ?? false;
}

async function* pathChunks(path: string, signal: AbortSignal, keep: boolean): AsyncGenerator<Uint8Array> {
  // Without O_NONBLOCK, opening a FIFO would wait for its writer, and could not be cancelled.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if (fstatSync(fd).isFIFO()) {
    const { Socket } = await import('node:net');
    // The socket polls instead of holding a thread, and closes the descriptor.
    yield* streamChunks(new Socket({ fd, readable: true, writable: false }), signal);
    return;
  }
  const chunkBytes = keep ? KEPT_CHUNK_BYTES : LENT_CHUNK_BYTES;
  const lent = keep ? [] : [new Uint8Array(chunkBytes), new Uint8Array(chunkBytes)];
  let length = FIRST_CHUNK_BYTES;
  const start = (turn: number) => {
    const buffer = keep ? new Uint8Array(length) : lent[turn & 1];
    const started = readAt(fd, buffer, 0, length, null);
    length = Math.min(2 * length, chunkBytes);
    // It may fail while the caller works on the chunk before, and is awaited only then.
    started.catch(() => undefined);
    return started;
  };
  let reading = start(0);
  try {
    for (let turn = 1; ; turn++) {
      const { bytesRead, buffer } = await reading;
      if (bytesRead === 0 || signal.aborted) return;
      reading = start(turn);
      yield bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead);
    }
  } finally {
    // A read that is under way ends before its descriptor does.
    await reading.catch(() => undefined);
    closeSync(fd);
  }
}

async function* streamChunks(stream: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const stop = () => stream.destroy();
  if (signal.aborted) return stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stream) {
      // A plain array, like those of files: one shape for all that reads it.
      yield new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    }
  } catch (error) {
    // Destroying a stream under its reader is how an abort ends it.
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** What the system said, for people; null for what is not the system's. */
function systemDetail(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return null;
  switch (error.code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return error.message;
  }
}
