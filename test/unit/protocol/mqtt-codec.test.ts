import { once } from 'node:events';
import { createRequire } from 'node:module';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { mqttPacket } from '../../../protocol/mqtt-codec.ts';

test('numbers are written without a table of all of them, in the bytes of the standard', async () => {
  const { cache }: { cache: object } = createRequire(import.meta.url)('mqtt-packet/numbers');
  const written = new PassThrough();
  mqttPacket.writeToStream(
    { cmd: 'publish', topic: 'a', payload: 'x', qos: 1, messageId: 0x1234, retain: false, dup: false },
    written,
  );
  await once(written, 'readable');
  // MQTT 3.1.1, 3.3: type and flags, remaining length, topic, packet identifier, payload.
  expect(written.read()).toEqual(Buffer.from('3206000161123478', 'hex'));
  expect(Object.keys(cache)).toEqual([]);
});
