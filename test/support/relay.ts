import { connect, createServer, type SecureVersion, type TLSSocket } from 'node:tls';

export interface RelayOptions {
  server: { certificatePem: string; privateKeyPem: string };
  /** The device's own certificate and key, stolen. */
  client: { certificatePem: string; privateKeyPem: string };
  clientCaPem: string[];
  targetPort: number;
  /** Spoken on both of its connections. */
  version: SecureVersion;
}

export interface Relay {
  readonly port: number;
  readonly bytesUp: number;
  close(): Promise<void>;
}

/** Ends the device's TLS, opens its own to the cloud, and passes what is said both ways. */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  let bytesUp = 0;
  const sockets = new Set<TLSSocket>();
  const server = createServer(
    {
      cert: options.server.certificatePem,
      key: options.server.privateKeyPem,
      ca: options.clientCaPem,
      requestCert: true,
      minVersion: options.version,
      maxVersion: options.version,
    },
    (device) => {
      const cloud = connect({
        host: '127.0.0.1',
        port: options.targetPort,
        cert: options.client.certificatePem,
        key: options.client.privateKeyPem,
        rejectUnauthorized: false,
        minVersion: options.version,
        maxVersion: options.version,
      });
      for (const socket of [device, cloud]) {
        sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => {
          sockets.delete(socket);
        });
      }
      device.on('data', (chunk: Buffer) => {
        bytesUp += chunk.length;
      });
      device.pipe(cloud).pipe(device);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    get bytesUp() {
      return bytesUp;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
