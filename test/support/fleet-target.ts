import { connect, createServer, type Socket } from 'node:net';

/** A TCP server on loopback that treats every connection as told. */
export interface RawTarget {
  readonly port: number;
  close(): Promise<void>;
}

export async function rawTarget(onSocket: (socket: Socket) => void): Promise<RawTarget> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Passes every connection on, each after the delay that `delayMs` gives it. */
export function delayingProxy(
  targetPort: number,
  delayMs: (connection: number) => number,
): Promise<RawTarget> {
  let connections = 0;
  return rawTarget((socket) => {
    socket.pause();
    setTimeout(() => {
      const target = connect({ host: '127.0.0.1', port: targetPort, noDelay: true });
      target.on('error', () => socket.destroy());
      socket.on('close', () => target.destroy());
      target.on('close', () => socket.destroy());
      socket.pipe(target).pipe(socket);
    }, delayMs(connections++));
  });
}
