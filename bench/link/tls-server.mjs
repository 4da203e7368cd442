/** Bare node:tls: what a login and a message cost with nothing on top. One byte greets, one byte acknowledges. */
import { constants } from 'node:crypto';
import { createServer } from 'node:tls';
import { readIdentities } from './identities.mjs';

const MESSAGE_BYTES = Number(process.argv[3]);
const { server: credentials } = readIdentities(process.argv[2]);
const server = createServer(
  {
    cert: credentials.certificatePem,
    key: credentials.privateKeyPem,
    ca: credentials.trustPem,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
    ciphers: 'TLS_AES_128_GCM_SHA256',
    secureOptions: constants.SSL_OP_NO_TICKET,
  },
  (socket) => {
    socket.setNoDelay(true);
    socket.write('!');
    let bytes = 0;
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      const whole = Math.floor(bytes / MESSAGE_BYTES);
      bytes -= whole * MESSAGE_BYTES;
      if (whole > 0) socket.write(Buffer.alloc(whole));
    });
    socket.on('error', () => socket.destroy());
  },
);
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit(0));
