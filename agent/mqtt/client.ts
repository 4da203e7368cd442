import { MqttClient } from 'mqtt';
import '../../protocol/mqtt-codec.ts';
import type { ConnectMqtt } from './connection.ts';

/** By MQTT.js, which is kept from reconnecting: it would replay stored packets before the cloud has proved itself. */
export const mqttClient: ConnectMqtt = (stream, options) => {
  const client = new MqttClient(() => stream, {
    protocolId: 'MQTT',
    protocolVersion: 4,
    clientId: options.clientId,
    username: options.username ?? undefined,
    password: options.password ?? undefined,
    clean: true,
    reconnectPeriod: 0,
    resubscribe: false,
    keepalive: options.keepaliveS,
    connectTimeout: options.timeoutMs,
    timerVariant: 'native',
  });
  // mqtt-packet buffers up to 256 MB for one packet.
  let unparsed = 0;
  stream.on('data', (chunk: Buffer) => {
    unparsed += chunk.length;
    if (unparsed > options.maxPacketBytes) options.onTooLarge();
  });
  client.on('packetreceive', () => {
    unparsed = 0;
  });
  client.on('error', options.onError);
  client.once('close', options.onClosed);
  client.once('connect', () => options.onConnected());
  client.on('message', (topic, payload) => options.onMessage(topic, payload));
  return {
    subscribe(filter, done) {
      client.subscribe(filter, { qos: 1 }, (error, granted) =>
        done(error ? null : (granted?.[0]?.qos ?? null)),
      );
    },
    publish(topic, payload, onTaken) {
      client.publish(topic, payload, { qos: 1 }, (error) => {
        if (!error) onTaken?.();
      });
    },
    end() {
      client.end(true);
    },
  };
};
