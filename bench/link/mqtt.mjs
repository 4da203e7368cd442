import { once } from 'node:events';
import { MqttClient } from 'mqtt';
import { dialTls } from './tls.mjs';

/** MQTT.js over the same TLS; a message counts when the broker's PUBACK is here (it has it in memory). */
export async function connect({ identity, port, messageBytes }) {
  const socket = await dialTls({ identity, port });
  const client = new MqttClient(() => socket, {
    clientId: identity.serial,
    protocolVersion: 4,
    clean: true,
    reconnectPeriod: 0,
    keepalive: 60,
  });
  await once(client, 'connect');
  await client.subscribeAsync(`ap/v1/${identity.serial}/rx/#`, { qos: 1 });
  const payload = Buffer.alloc(messageBytes, 0x61);
  const topic = `ap/v1/${identity.serial}/tx/event`;
  return {
    send: (count, window) =>
      new Promise((resolve) => {
        let sent = 0;
        let acknowledged = 0;
        const pump = () => {
          while (sent < count && sent - acknowledged < window) {
            sent++;
            client.publish(topic, payload, { qos: 1 }, () => {
              acknowledged++;
              if (acknowledged === count) resolve();
              else pump();
            });
          }
        };
        pump();
      }),
    close: () => client.endAsync(true),
  };
}
