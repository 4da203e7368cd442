/**
 * One client process of the link bench: logs in every identity, holds the connections, then sends messages.
 *   node --expose-gc client.mjs MODE PORT IDENTITIES JSON-options
 * Prints one JSON line: logins a second, messages a second, bytes of memory a connection.
 */

import { openAgentLink } from './airherd.mjs';
import { readIdentities } from './identities.mjs';
import { connect as mqttOver } from './mqtt.mjs';
import { openTls } from './tls.mjs';

const [mode, port, file, json] = process.argv.slice(2);
const { concurrency, messages, messageBytes, window, senders } = JSON.parse(json);
const { identities } = readIdentities(file);
const open = { tls: openTls, mosquitto: mqttOver, airherd: openAgentLink }[mode];

const resident = () => {
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().rss;
};

async function inParallel(items, width, run) {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of queue) await run(item);
    }),
  );
}

const before = resident();
const connections = [];
const loginStart = performance.now();
await inParallel(identities, concurrency, async (identity) => {
  connections.push(await open({ identity, port: Number(port), messageBytes }));
});
const loginSeconds = (performance.now() - loginStart) / 1000;
const memoryPerConnection = (resident() - before) / connections.length;
process.send({ held: connections.length });
await new Promise((resolve) => process.once('message', resolve));

const active = connections.slice(0, senders);
const share = Math.floor(messages / active.length);
const sendStart = performance.now();
await Promise.all(active.map((connection) => connection.send(share, window)));
const sendSeconds = (performance.now() - sendStart) / 1000;
process.send({
  result: {
    loginsPerSecond: connections.length / loginSeconds,
    messagesPerSecond: (share * active.length) / sendSeconds,
    memoryPerConnection,
  },
});
await Promise.all(connections.map((connection) => connection.close()));
process.disconnect();
process.exit(0);
