import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import mqttPacket, { type Packet } from 'mqtt-packet';
import { describe, expect, test } from 'vitest';
import { type Exceeded, LimitedConnection } from '../../../cloud-stub/broker/limiter.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../cloud-stub/limits.ts';
import type { Clock } from '../../../platform/ports/clock.ts';

/** Time that stands still until told to go on. */
function stoppedClock(): Clock & { forward(ms: number): void } {
  let now = 0;
  return {
    wallMs: () => now,
    monoMs: () => now,
    timer: () => ({ cancel: () => {} }),
    every: () => ({ cancel: () => {} }),
    forward: (ms) => {
      now += ms;
    },
  };
}

function limited(changes: Partial<Limits> = {}, clock = stoppedClock()) {
  const inner = new PassThrough();
  const exceeded: Exceeded[] = [];
  const limits = { ...DEFAULT_LIMITS, ...changes };
  const connection = new LimitedConnection(inner, limits, clock, (what) => exceeded.push(what));
  return { inner, exceeded, connection, clock };
}

const publish = (bytes: number, messageId = 1): Buffer =>
  mqttPacket.generate({
    cmd: 'publish',
    topic: 'a',
    payload: Buffer.alloc(bytes),
    qos: 1,
    retain: false,
    dup: false,
    messageId,
  });

async function feed(target: ReturnType<typeof limited>, chunks: Buffer[]): Promise<Buffer> {
  const out: Buffer[] = [];
  target.connection.on('data', (chunk: Buffer) => out.push(chunk));
  for (const chunk of chunks) target.inner.write(chunk);
  target.inner.end();
  await once(target.connection, 'close');
  return Buffer.concat(out);
}

describe('the bound in front of the MQTT parser', () => {
  test('law: within its limits it changes nothing, however the bytes are cut', async () => {
    const packets: Packet[] = [
      { cmd: 'pingreq' },
      { cmd: 'puback', messageId: 7 },
      { cmd: 'subscribe', messageId: 8, subscriptions: [{ topic: 'a', qos: 1 }] },
    ];
    const stream = Buffer.concat([
      ...packets.map((packet) => mqttPacket.generate(packet)),
      publish(300),
      publish(0),
    ]);
    const cuts = fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        const target = limited();
        const edges = [0, ...at.sort((a, b) => a - b), stream.length];
        const chunks = edges.slice(1).map((edge, i) => stream.subarray(edges[i], edge));
        expect(
          await feed(
            target,
            chunks.filter(({ length }) => length > 0),
          ),
        ).toEqual(stream);
        expect(target.exceeded).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  test('a packet of exactly the limit passes, one byte more does not', async () => {
    const size = publish(100).length;
    const fits = limited({ maxPacket: size });
    expect((await feed(fits, [publish(100)])).length).toBe(size);
    const tooBig = limited({ maxPacket: size - 1 });
    // The header alone is enough.
    await feed(tooBig, [publish(100).subarray(0, 2)]);
    expect(tooBig.exceeded).toEqual(['packet size']);
  });

  test.each([
    ['a length of five bytes', Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01])],
    ['packet type 0', Buffer.from([0x00, 0x00])],
    ['packet type 15', Buffer.from([0xf0, 0x00])],
  ])('%s', async (_what, bytes) => {
    const target = limited();
    await feed(target, [bytes]);
    expect(target.exceeded).toEqual(['packet form']);
  });

  test('bytes before login are counted, those after are not', async () => {
    const before = limited({ bytesBeforeLogin: 50 });
    await feed(before, [publish(100)]);
    expect(before.exceeded).toEqual(['bytes before login']);
    const after = limited({ bytesBeforeLogin: 50 });
    after.connection.loggedIn();
    await feed(after, [publish(100)]);
    expect(after.exceeded).toEqual([]);
  });

  test('publishes beyond the burst wait for time to pass', async () => {
    const limits = { publishBurst: 3, publishesPerSecond: 1 };
    const flood = limited(limits);
    await feed(
      flood,
      Array.from({ length: 4 }, () => publish(1)),
    );
    expect(flood.exceeded).toEqual(['publish rate']);

    const calm = limited(limits);
    for (let i = 0; i < 10; i++) {
      const passed = once(calm.connection, 'data');
      calm.inner.write(publish(1));
      await passed;
      calm.clock.forward(1000);
    }
    calm.inner.end();
    await once(calm.connection, 'close');
    expect(calm.exceeded).toEqual([]);
  });
});
