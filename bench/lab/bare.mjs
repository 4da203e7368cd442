/**
 * What somebody without a kit starts for a test: mosquitto as a process, and MQTT.js for two devices, over TLS 1.3 with
 * the same certificates. No factory keys, no registry, no store, nothing that is observed.
 */
import { once } from 'node:events';
import { connect } from 'mqtt';
import { startBroker } from '../../dist/testing/brokers/broker.js';
import { BROKERS } from '../../dist/testing/brokers/kinds.js';
import { labAuthority, labIdentity, labServer } from '../../dist/testing/identity-cache.js';

export async function startBare() {
  const nowMs = Date.now();
  const authority = await labAuthority();
  const credentials = await labServer(authority, {
    names: ['localhost'],
    ips: ['127.0.0.1'],
    days: 30,
    nowMs,
  });
  const broker = await startBroker(await BROKERS.mosquitto(), { authority, credentials, nowMs });
  const identities = await Promise.all([labIdentity('ap', 0), labIdentity('switch', 0)]);
  const clients = identities.map(({ serial, certificatePem, privateKeyPem, trustPem }) =>
    connect(broker.url, {
      ...{
        clientId: serial,
        cert: certificatePem,
        key: privateKeyPem,
        ca: trustPem,
        servername: 'localhost',
      },
      ...{ protocolVersion: 4, reconnectPeriod: 0 },
    }),
  );
  await Promise.all(clients.map((client) => once(client, 'connect')));
  return async () => {
    await Promise.all(clients.map((client) => client.endAsync(true)));
    await broker.remove();
  };
}
