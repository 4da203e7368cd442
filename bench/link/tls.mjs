import { constants } from 'node:crypto';
import { connect, createSecureContext } from 'node:tls';

/** A mutually authenticated TLS 1.3 socket; ready when the server's first byte says that it took our certificate. */
export function dialTls({ identity, port }) {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      secureContext: createSecureContext({
        cert: identity.certificatePem,
        key: identity.privateKeyPem,
        ca: identity.trustPem,
        minVersion: 'TLSv1.3',
        ciphers: 'TLS_AES_128_GCM_SHA256',
        secureOptions: constants.SSL_OP_NO_TICKET,
      }),
    });
    socket.setNoDelay(true);
    socket.once('error', reject);
    socket.once('secureConnect', () => resolve(socket));
  });
}

export async function openTls({ identity, port, messageBytes }) {
  const socket = await dialTls({ identity, port });
  await new Promise((resolve) => socket.once('data', resolve));
  const payload = Buffer.alloc(messageBytes, 0x61);
  return {
    send: (count, window) =>
      new Promise((resolve) => {
        let sent = 0;
        let acknowledged = 0;
        const pump = () => {
          while (sent < count && sent - acknowledged < window) {
            socket.write(payload);
            sent++;
          }
        };
        socket.on('data', (chunk) => {
          acknowledged += chunk.length;
          if (acknowledged === count) resolve();
          else pump();
        });
        pump();
      }),
    close: () => socket.destroy(),
  };
}
