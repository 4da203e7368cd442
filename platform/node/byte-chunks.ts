import { closeSync, constants, fstatSync, openSync, read } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { AirherdError } from '../../protocol/errors.ts';

const CHUNK_BYTES = 256 * 1024;
const readAt = promisify(read);

/**
 * The bytes of a file, a FIFO, or, for `-`, of `stdin`, in chunks that belong to the caller. Ends early and
 * quietly when `signal` aborts, also while a FIFO has no writer.
 * @throws AirherdError input-missing
 */
export async function* byteChunks(
  path: string,
  signal: AbortSignal,
  stdin: Readable | null = null,
): AsyncGenerator<Uint8Array> {
  try {
    if (path === '-') yield* streamChunks(stdin ?? process.stdin, signal);
    else yield* pathChunks(path, signal);
  } catch (error) {
    const detail = systemDetail(error);
    if (detail === null) throw error;
    throw new AirherdError('input-missing', { path, detail }, { cause: error });
  }
}

async function* pathChunks(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  // Without O_NONBLOCK, opening a FIFO would wait for its writer, and could not be cancelled.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if (fstatSync(fd).isFIFO()) {
    // The socket polls instead of holding a thread, and closes the descriptor.
    yield* streamChunks(new Socket({ fd, readable: true, writable: false }), signal);
    return;
  }
  try {
    while (!signal.aborted) {
      const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
      const { bytesRead } = await readAt(fd, chunk, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    closeSync(fd);
  }
}

async function* streamChunks(stream: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const stop = () => stream.destroy();
  if (signal.aborted) return stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stream) yield chunk;
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
