import { chmod, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { AirherdError } from '../../protocol/errors.ts';

export interface UnixAnswer {
  status: number;
  type: string;
  body: string;
}

/** Whether somebody answers on the socket: a file that a killed process left behind does not. */
function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}

/**
 * HTTP for this machine's own tools, on a Unix socket that only its owner may open; no port is opened.
 * Throws usage-invalid where the socket cannot be made, or another process serves it.
 */
export async function serveOnSocket(
  path: string,
  answer: (url: string) => Promise<UnixAnswer | null>,
): Promise<{ close(): Promise<void> }> {
  const refuse = (detail: string) =>
    new AirherdError('usage-invalid', { detail: `health.socket ${path}: ${detail}` });
  if (await isAlive(path)) throw refuse('another process serves it');
  await rm(path, { force: true });
  const server = createServer({ requestTimeout: 10_000 }, async (request, response) => {
    const found = request.method === 'GET' ? await answer(request.url ?? '') : null;
    if (!found) return response.writeHead(404).end();
    response.writeHead(found.status, { 'content-type': found.type }).end(found.body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(refuse(error.message)));
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
