import fc from 'fast-check';
import mqttPacket, { type Packet } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Identity } from '../../certs/identity.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { DeviceClient, helloFields } from '../support/device-client.ts';

let lab: TestCloud;
let hostile: Identity;
let honest: Identity;
const failures: unknown[] = [];
const remember = (error: unknown) => void failures.push(error);

beforeAll(async () => {
  lab = await testCloud({ limits: { loginTimeoutMs: 300 } });
  [hostile, honest] = await lab.devices(2);
  process.on('uncaughtException', remember);
  process.on('unhandledRejection', remember);
});
afterAll(async () => {
  process.off('uncaughtException', remember);
  process.off('unhandledRejection', remember);
  await lab.stop();
});

const topic = (stream: string) => `ap/v1/${hostile.serial}/tx/${stream}`;
const templates = (): Packet[] => [
  { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId: 'x', keepalive: 0 },
  {
    cmd: 'publish',
    topic: topic('event'),
    payload: Buffer.from('a0', 'hex'),
    qos: 1,
    retain: false,
    dup: false,
    messageId: 1,
  },
  {
    cmd: 'publish',
    topic: topic('event'),
    payload: Buffer.alloc(9),
    qos: 2,
    retain: false,
    dup: true,
    messageId: 2,
  },
  { cmd: 'subscribe', messageId: 3, subscriptions: [{ topic: `ap/v1/${hostile.serial}/rx/#`, qos: 1 }] },
  { cmd: 'unsubscribe', messageId: 4, unsubscriptions: ['a/b', '#'] },
  { cmd: 'pubrel', messageId: 5 },
  { cmd: 'pubrec', messageId: 6 },
  { cmd: 'pubcomp', messageId: 7 },
  { cmd: 'puback', messageId: 8 },
  { cmd: 'pingreq' },
  { cmd: 'suback', messageId: 9, granted: [0] },
  { cmd: 'connack', returnCode: 0, sessionPresent: false },
  { cmd: 'disconnect' },
];

const mutation = fc.record({
  packets: fc.array(fc.nat(12), { minLength: 1, maxLength: 6 }),
  flips: fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 1, max: 255 })), { maxLength: 4 }),
  cut: fc.nat(400),
});

function bytesOf({
  packets,
  flips,
  cut,
}: {
  packets: number[];
  flips: [number, number][];
  cut: number;
}): Buffer {
  const all = templates();
  const bytes = Buffer.concat(packets.map((i) => mqttPacket.generate(all[i])));
  for (const [at, mask] of flips) bytes[at % bytes.length] ^= mask;
  return cut < bytes.length && cut % 3 === 0 ? bytes.subarray(0, cut) : bytes;
}

/** An honest device is served as if nothing were. */
async function stillServes(): Promise<void> {
  const device = await DeviceClient.login({ port: lab.cloud.devicePort, identity: honest });
  await device.acked('hello', device.publish('hello', helloFields(honest)));
  device.end();
}

describe.each(['before', 'after'])('hostile packets %s login', (when) => {
  test('end their own connection at most', async () => {
    await fc.assert(
      fc.asyncProperty(mutation, async (mutated) => {
        const device =
          when === 'after'
            ? await DeviceClient.login({ port: lab.cloud.devicePort, identity: hostile })
            : await DeviceClient.dial({ port: lab.cloud.devicePort, identity: hostile });
        device.socket.end(bytesOf(mutated));
        await device.closed;
        expect(failures).toEqual([]);
      }),
      { numRuns: 150, interruptAfterTimeLimit: 15_000 },
    );
    await stillServes();
  });
});
