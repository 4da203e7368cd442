/**
 * Bare clients of the fleet's bench, one process: TLS with a context of its own for each identity, or plain MQTT.js
 * over that.   node --expose-gc own-contexts.mjs tls|mqtt PORT DEVICES-FOLDER FROM TO
 * Connects FROM to TO in turn, 32 at a time; then reports logins a second and memory of each.
 */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { connect, createSecureContext } from 'node:tls';
import { MqttClient } from 'mqtt';
import { loadIdentity } from '../../dist/certs/identity.js';
import { residentBytes } from './resident.mjs';

const [mode, port, folder, from, to] = process.argv.slice(2);
const serials = readdirSync(folder).sort().slice(Number(from), Number(to));
const identities = [];
for (const serial of serials) identities.push(await loadIdentity(join(folder, serial)));
const CONCURRENCY = 32;

function dial(identity) {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port: Number(port),
      servername: 'localhost',
      secureContext: createSecureContext({
        cert: identity.certificatePem,
        key: identity.privateKeyPem,
        ca: identity.trustPem,
        minVersion: 'TLSv1.3',
        ciphers: 'TLS_AES_128_GCM_SHA256',
      }),
    });
    socket.setNoDelay(true);
    socket.once('error', reject);
    socket.once('secureConnect', () => resolve(socket));
  });
}

async function open(identity) {
  const socket = await dial(identity);
  if (mode === 'tls') {
    await once(socket, 'data');
    return socket;
  }
  const { serial } = identity;
  const client = new MqttClient(() => socket, {
    clientId: serial,
    username: serial,
    protocolVersion: 4,
    reconnectPeriod: 0,
  });
  await once(client, 'connect');
  await client.subscribeAsync(`ap/v1/${serial}/rx/#`, { qos: 1 });
  return client;
}

const held = [];
async function connectAll(some) {
  const queue = some.values();
  const work = async () => {
    for (const identity of queue) held.push(await open(identity));
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
}
// What the first cost is the process's own.
const warm = identities.length >> 2;
await connectAll(identities.slice(0, warm));
const before = await residentBytes();
process.send({ ready: true });
await once(process, 'message');
const startMs = performance.now();
const cpu = process.cpuUsage();
await connectAll(identities.slice(warm));
const seconds = (performance.now() - startMs) / 1000;
const { user, system } = process.cpuUsage(cpu);
const count = identities.length - warm;
process.send({
  count,
  seconds,
  cpuMsEach: (user + system) / 1000 / count,
  bytesEach: ((await residentBytes()) - before) / count,
});
await once(process, 'message');
process.exit(0);
