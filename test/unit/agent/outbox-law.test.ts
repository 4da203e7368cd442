/**
 * The law of delivery, for any order of producing, sending, cutting, acknowledging, switching classes off and
 * killing: every seq that was produced reaches the cloud, as itself or in a gap, and the ledger adds up.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Journal } from '../../../agent/outbox/journal.ts';
import { Outbox } from '../../../agent/outbox/outbox.ts';
import { VirtualClock } from '../../../platform/sim/clock.ts';
import { MemoryFiles } from '../../../platform/sim/files.ts';
import { seededRandom } from '../../../platform/sim/random.ts';
import type { UpStream } from '../../../protocol/topics.ts';

const STREAMS = ['rssi', 'clients', 'stats', 'hello'] as const;
const LIMIT_BYTES = 3000;

interface Message {
  gap: boolean;
  boot: string;
  stream: UpStream;
  seq: number;
  to: number;
}

/** Keeps what the design says: the highest contiguous seq of each boot and stream. */
class Cloud {
  readonly covered = new Map<string, Set<number>>();
  readonly stored = new Map<string, string>();

  take(bytes: Buffer): void {
    const { gap, boot, stream, seq, to }: Message = JSON.parse(bytes.toString());
    const key = `${boot} ${stream}`;
    const covered = this.covered.get(key) ?? new Set();
    this.covered.set(key, covered);
    for (let n = seq; n <= to; n++) covered.add(n);
    if (gap) return;
    const of = `${key} ${seq}`;
    // The same seq is the same bytes, whenever it comes.
    expect(this.stored.get(of) ?? bytes.toString()).toBe(bytes.toString());
    this.stored.set(of, bytes.toString());
  }

  contiguous(boot: string, stream: string): number {
    const covered = this.covered.get(`${boot} ${stream}`);
    let upTo = 0;
    while (covered?.has(upTo + 1)) upTo++;
    return upTo;
  }
}

function boot(files: MemoryFiles | null, number: number): Outbox {
  const clock = new VirtualClock(0);
  const onFault = (error: unknown) => {
    throw error;
  };
  const journal = files
    ? new Journal({
        files,
        clock,
        random: seededRandom(`boot ${number}`),
        keys: [{ generation: 1, key: Buffer.alloc(32, 1) }],
        segmentBytes: 1024,
        compactBytes: 4 * LIMIT_BYTES,
        fsyncMs: 60_000,
        onFault,
        onUnreadable: onFault,
      })
    : undefined;
  return new Outbox({
    clock,
    bootId: Buffer.alloc(16, number),
    limitBytes: LIMIT_BYTES,
    encodeGap: ({ boot: of, stream, seq, to }) =>
      Buffer.from(JSON.stringify({ gap: true, boot: of, stream, seq, to })),
    journal,
    onDiskFault: onFault,
  });
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      stream: fc.constantFrom(...STREAMS),
      size: fc.integer({ min: 0, max: 700 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('send' as const), count: fc.integer({ min: 1, max: 5 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('ack' as const),
      stream: fc.constantFrom(...STREAMS),
      short: fc.integer({ min: 0, max: 2 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'cut' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'classOff' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'kill' as const }) },
);

async function run(steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[], disk: boolean) {
  const files = disk ? new MemoryFiles() : null;
  const cloud = new Cloud();
  const produced = new Map<string, number>();
  let boots = 1;
  let outbox = boot(files, boots);
  let abort = new AbortController();
  let waiting: Promise<unknown>[] = [];
  const acknowledgeAll = async (stream: UpStream, short: number) => {
    for (let number = 1; number <= boots; number++) {
      const bootId = Buffer.alloc(16, number);
      const upTo = cloud.contiguous(bootId.toString('hex'), stream) - short;
      if (upTo > 0) await outbox.acknowledge(bootId, stream, upTo);
    }
  };
  const remember = () => {
    for (const row of outbox.ledger()) {
      expect(row.produced).toBe(row.acknowledged + row.pending + row.dropped);
      produced.set(`${outbox.boot} ${row.stream}`, row.produced);
    }
  };
  const idle = () => new Promise((resolve) => setImmediate(resolve));
  for (const each of steps) {
    if (each.do === 'put') {
      const { stream, size } = each;
      const { boot: of } = outbox;
      const encode = (seq: number) =>
        Buffer.from(JSON.stringify({ gap: false, boot: of, stream, seq, to: seq, text: 'x'.repeat(size) }));
      const privacyClass = stream === 'rssi' ? 'wifi.unconnected' : 'device';
      waiting.push(outbox.append(stream, privacyClass, encode, abort.signal).catch(() => {}));
    } else if (each.do === 'send') {
      for (let i = 0; i < each.count; i++) {
        const entry = outbox.nextToSend(() => true);
        if (entry) cloud.take(entry.bytes);
      }
    } else if (each.do === 'ack') await acknowledgeAll(each.stream, each.short);
    else if (each.do === 'cut') outbox.rewind();
    else if (each.do === 'classOff') await outbox.dropClasses((privacyClass) => privacyClass === 'device');
    else if (disk) {
      await idle();
      abort.abort(new Error('killed'));
      await Promise.all(waiting);
      remember();
      waiting = [];
      abort = new AbortController();
      outbox = boot(files, ++boots);
      await outbox.open();
    }
    await idle();
    remember();
  }
  // Whatever is held back gets its turn as the cloud takes and acknowledges.
  for (let i = 0; outbox.pending > 0 || i === 0; i++) {
    expect(i).toBeLessThan(1000);
    outbox.rewind();
    for (let entry = outbox.nextToSend(() => true); entry; entry = outbox.nextToSend(() => true)) {
      cloud.take(entry.bytes);
    }
    for (const stream of STREAMS) await acknowledgeAll(stream, 0);
    await idle();
  }
  await Promise.all(waiting);
  for (let entry = outbox.nextToSend(() => true); entry; entry = outbox.nextToSend(() => true)) {
    cloud.take(entry.bytes);
  }
  remember();
  for (const [key, count] of produced) {
    const [of, stream] = key.split(' ');
    expect(`${key} ${cloud.contiguous(of, stream)}`).toBe(`${key} ${count}`);
  }
}

test.each([
  ['in memory', false],
  ['on a disk', true],
])('%s', async (_, disk) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), (steps) => run(steps, disk)),
    { numRuns: 60 },
  );
});
