/**
 * QoS 1 messages a second, open loop, from plain MQTT clients of one process with identities of their own.
 *   node mqtt-load.mjs PORT DEVICES-FOLDER FROM TO PER-SECOND SECONDS
 * The schedule does not wait: what is due is written; latency counts from when it was due. mqtt-packet makes the
 * packets, as MQTT.js has it do, without MQTT.js's stores and callbacks around each.
 */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'hdr-histogram-js';
import mqttPacket from 'mqtt-packet';
import { loadIdentity } from '../../dist/certs/identity.js';
import { sharedContexts } from '../../dist/platform/node/client-contexts.js';
import { createDialer } from '../../dist/platform/node/dial.js';

const [port, folder, from, to, perSecond, seconds] = process.argv.slice(2);
const dialer = createDialer(sharedContexts());
const histogram = build({ useWebAssembly: false });
let acknowledged = 0;
const clients = [];
for (const serial of readdirSync(folder).sort().slice(Number(from), Number(to))) {
  const { certificatePem, privateKeyPem } = await loadIdentity(join(folder, serial));
  const { stream } = await dialer.dial(
    {
      host: '127.0.0.1',
      port: Number(port),
      serverName: 'localhost',
      credentials: { certificatePem, privateKeyPem },
      minVersion: 'TLSv1.3',
      timeoutMs: 20_000,
    },
    new AbortController().signal,
  );
  const parser = mqttPacket.parser({ protocolVersion: 4 });
  const dueMs = new Float64Array(65_536);
  const connected = new Promise((resolve) => parser.once('packet', resolve));
  stream.on('data', (chunk) => parser.parse(chunk));
  stream.write(
    mqttPacket.generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clientId: serial,
      clean: true,
      keepalive: 60,
    }),
  );
  await connected;
  parser.on('packet', ({ cmd, messageId }) => {
    if (cmd !== 'puback') return;
    acknowledged++;
    histogram.recordValue(Math.max(0, Math.round((performance.now() - dueMs[messageId]) * 1000)));
  });
  const publish = mqttPacket.generate({
    cmd: 'publish',
    topic: `ap/v1/${serial}/tx/rssi`,
    payload: Buffer.alloc(200, 0x61),
    qos: 1,
    messageId: 1,
    dup: false,
    retain: false,
  });
  clients.push({ stream, dueMs, publish, idAt: publish.length - 202, id: 0 });
}
process.send({ ready: true });
await once(process, 'message');

const total = Number(perSecond) * Number(seconds);
const startMs = performance.now();
let sent = 0;
await new Promise((resolve) => {
  const tick = () => {
    const nowMs = performance.now();
    const due = Math.min(total, Math.floor(((nowMs - startMs) / 1000) * Number(perSecond)));
    for (const client of clients) client.stream.cork();
    for (; sent < due; sent++) {
      const client = clients[sent % clients.length];
      client.id = (client.id % 65_535) + 1;
      const packet = Buffer.from(client.publish);
      packet.writeUInt16BE(client.id, client.idAt);
      client.dueMs[client.id] = startMs + (sent / Number(perSecond)) * 1000;
      client.stream.write(packet);
    }
    for (const client of clients) client.stream.uncork();
    if (sent < total) setTimeout(tick, 2);
    else resolve();
  };
  tick();
});
const deadlineMs = performance.now() + 10_000;
while (acknowledged < total && performance.now() < deadlineMs)
  await new Promise((resolve) => setTimeout(resolve, 5));
process.send({
  sent,
  acknowledged,
  seconds: (performance.now() - startMs) / 1000,
  p50Ms: histogram.getValueAtPercentile(50) / 1000,
  p99Ms: histogram.getValueAtPercentile(99) / 1000,
});
await once(process, 'message');
process.exit(0);
