import { describe, expect, test } from 'vitest';
import { Journal } from '../../../agent/outbox/journal.ts';
import { Outbox } from '../../../agent/outbox/outbox.ts';
import { readSegment } from '../../../agent/outbox/segment.ts';
import { VirtualClock } from '../../../platform/sim/clock.ts';
import { MemoryFiles } from '../../../platform/sim/files.ts';
import { seededRandom } from '../../../platform/sim/random.ts';
import type { UpStream } from '../../../protocol/topics.ts';

const KEY = Buffer.alloc(32, 7);
let boots = 0;

interface Made {
  kind: 'data' | 'gap';
  boot: string;
  stream?: string;
  seq: number;
  to?: number;
  reason?: string;
  text?: string;
}

const json = (bytes: Buffer): Made => JSON.parse(bytes.toString('utf8'));

function setUp(options: { limitBytes?: number; files?: MemoryFiles; fsyncMs?: number; key?: Buffer } = {}) {
  const clock = new VirtualClock(1_700_000_000_000);
  const faults: string[] = [];
  const unreadable: string[] = [];
  const { files } = options;
  const journal = files
    ? new Journal({
        files,
        clock,
        random: seededRandom(`boot ${++boots}`),
        keys: [{ generation: 1, key: options.key ?? KEY }],
        segmentBytes: 4096,
        compactBytes: 64 * 1024,
        fsyncMs: options.fsyncMs ?? 1000,
        onFault: (error) => faults.push(String(error)),
        onUnreadable: (name) => unreadable.push(name),
      })
    : undefined;
  const bootId = Buffer.alloc(16, ++boots);
  const outbox = new Outbox({
    clock,
    bootId,
    limitBytes: options.limitBytes ?? 1 << 20,
    encodeGap: (range) => Buffer.from(JSON.stringify({ kind: 'gap', ...range })),
    journal,
    onDiskFault: (error) => faults.push(String(error)),
  });
  const put = (stream: UpStream, text: string, signal?: AbortSignal) =>
    outbox.append(
      stream,
      stream === 'rssi' ? 'wifi.unconnected' : 'device',
      (seq) => Buffer.from(JSON.stringify({ kind: 'data', boot: outbox.boot, stream, seq, text })),
      signal,
    );
  const sendAll = (): Made[] => {
    const sent: Made[] = [];
    for (let entry = outbox.nextToSend(() => true); entry; entry = outbox.nextToSend(() => true)) {
      sent.push(json(entry.bytes));
    }
    return sent;
  };
  const row = (stream: UpStream) => outbox.ledger().find((entry) => entry.stream === stream)!;
  return { clock, outbox, bootId, put, sendAll, row, faults, unreadable };
}

function balanced(row: { produced: number; acknowledged: number; pending: number; dropped: number }): void {
  expect(row.produced).toBe(row.acknowledged + row.pending + row.dropped);
}

describe('outbox', () => {
  test('numbers each stream from 1, and drops only what is acknowledged', async () => {
    const { outbox, bootId, put, sendAll, row } = setUp();
    expect(await put('clients', 'a')).toBe(1);
    expect(await put('clients', 'b')).toBe(2);
    expect(await put('lldp', 'c')).toBe(1);
    expect(
      sendAll()
        .map((m) => `${m.stream}${m.seq}`)
        .sort(),
    ).toEqual(['clients1', 'clients2', 'lldp1']);
    expect(outbox.inFlight).toBe(3);
    await outbox.acknowledge(bootId, 'clients', 1);
    expect(outbox.inFlight).toBe(2);
    expect(row('clients')).toMatchObject({ produced: 2, acknowledged: 1, pending: 1, dropped: 0 });
    outbox.rewind();
    expect(
      sendAll()
        .map((m) => `${m.stream}${m.seq}`)
        .sort(),
    ).toEqual(['clients2', 'lldp1']);
  });

  test('an acknowledgement of what was never produced changes nothing', async () => {
    const { outbox, bootId, put, row } = setUp();
    await put('clients', 'a');
    await outbox.acknowledge(bootId, 'clients', 2);
    await outbox.acknowledge(Buffer.alloc(16, 0xee), 'clients', 1);
    expect(row('clients')).toMatchObject({ pending: 1, acknowledged: 0 });
  });

  test('at the bound RSSI drops its oldest and says so in one gap', async () => {
    const { outbox, bootId, put, sendAll, row } = setUp({ limitBytes: 2000 });
    const text = 'x'.repeat(300);
    for (let i = 0; i < 10; i++) await put('rssi', text);
    expect(outbox.bytes).toBeLessThanOrEqual(2000 + 200);
    const sent = sendAll();
    const [gap, ...rest] = sent;
    expect(gap).toMatchObject({ kind: 'gap', seq: 1, reason: 'outbox-full' });
    expect(rest.map((m) => m.seq)).toEqual(Array.from({ length: 10 - gap.to! }, (_, i) => gap.to! + 1 + i));
    expect(row('rssi')).toMatchObject({ produced: 10, dropped: gap.to, pending: 10 - gap.to! });
    await outbox.acknowledge(bootId, 'rssi', 10);
    expect(row('rssi')).toMatchObject({ acknowledged: 10 - gap.to!, pending: 0, dropped: gap.to });
    balanced(row('rssi'));
    expect(outbox.bytes).toBe(0);
  });

  test('what a connection was handed is never dropped: the new message is', async () => {
    const { put, sendAll, row, outbox } = setUp({ limitBytes: 1350 });
    for (let i = 0; i < 3; i++) await put('rssi', 'x'.repeat(250));
    expect(sendAll()).toHaveLength(3);
    await put('rssi', 'x'.repeat(250));
    expect(row('rssi')).toMatchObject({ produced: 4, pending: 3, dropped: 1 });
    expect(sendAll()).toMatchObject([{ kind: 'gap', seq: 4, to: 4 }]);
    outbox.rewind();
    expect(sendAll().map((m) => m.seq)).toEqual([1, 2, 3, 4]);
  });

  test('at the bound other streams wait, without holding the session up', async () => {
    const { outbox, bootId, put, sendAll } = setUp({ limitBytes: 1500 });
    await put('clients', 'x'.repeat(700));
    let done = false;
    const waiting = put('clients', 'y'.repeat(700)).then((seq) => {
      done = true;
      return seq;
    });
    expect(await put('hello', 'hi')).toBe(1);
    expect(await put('rssi', 'z')).toBe(1);
    expect(done).toBe(false);
    expect(sendAll().filter((m) => m.stream === 'clients')).toHaveLength(1);
    await outbox.acknowledge(bootId, 'clients', 1);
    expect(await waiting).toBe(2);
    expect(outbox.heldBack).toBeGreaterThan(0);
  });

  test('a message that waits for room is given up when its owner stops, and was never produced', async () => {
    const { put, row } = setUp({ limitBytes: 1000 });
    await put('clients', 'x'.repeat(700));
    const abort = new AbortController();
    const waiting = put('clients', 'y'.repeat(700), abort.signal);
    abort.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
    expect(row('clients')).toMatchObject({ produced: 1, pending: 1 });
  });

  test('a message larger than the whole outbox is produced, dropped and reported', async () => {
    const { put, sendAll, row } = setUp({ limitBytes: 1000 });
    await put('pcap', 'x'.repeat(2000));
    expect(row('pcap')).toMatchObject({ produced: 1, dropped: 1, pending: 0 });
    expect(sendAll()).toMatchObject([{ kind: 'gap', stream: 'pcap', seq: 1, to: 1, reason: 'unsendable' }]);
  });

  test('a class that is switched off leaves gaps where its messages were', async () => {
    const { outbox, put, sendAll, row } = setUp();
    for (let i = 0; i < 3; i++) await put('rssi', 'r');
    await put('stats', 's');
    await outbox.dropClasses((privacyClass) => privacyClass === 'device');
    expect(sendAll().filter((m) => m.stream === 'rssi')).toMatchObject([
      { kind: 'gap', seq: 1, to: 3, reason: 'privacy' },
    ]);
    expect(row('rssi')).toMatchObject({ produced: 3, dropped: 3, pending: 0 });
    expect(row('stats')).toMatchObject({ pending: 1 });
  });

  test('turns go round the streams', async () => {
    const { put, sendAll } = setUp();
    for (let i = 0; i < 5; i++) await put('pcap', 'p');
    await put('stats', 's');
    expect(sendAll().findIndex((m) => m.stream === 'stats')).toBeLessThanOrEqual(1);
  });
});

describe('outbox on a disk', () => {
  test('after kill -9 everything that was appended is there, with its boot id', async () => {
    const files = new MemoryFiles();
    const first = setUp({ files });
    for (let i = 0; i < 200; i++) await first.put('clients', `c${i}`);
    await first.put('lldp', 'n');
    await first.outbox.acknowledge(first.bootId, 'clients', 150);
    const second = setUp({ files });
    expect(await second.outbox.open()).toBe(51);
    await second.put('clients', 'new');
    const sent = second.sendAll();
    const old = sent.filter((m) => m.boot === first.outbox.boot && m.stream === 'clients');
    expect(old.map((m) => m.seq)).toEqual(Array.from({ length: 50 }, (_, i) => 151 + i));
    expect(old.map((m) => m.text)).toEqual(Array.from({ length: 50 }, (_, i) => `c${150 + i}`));
    expect(sent.some((m) => m.kind === 'gap')).toBe(false);
    expect(sent.filter((m) => m.boot === second.outbox.boot)).toMatchObject([{ seq: 1, text: 'new' }]);
  });

  test('segments go when nothing in them is pending', async () => {
    const files = new MemoryFiles();
    const { outbox, bootId, put } = setUp({ files });
    for (let i = 0; i < 300; i++) await put('clients', 'x'.repeat(100));
    expect((await files.list()).length).toBeGreaterThan(5);
    await outbox.acknowledge(bootId, 'clients', 300);
    expect((await files.list()).length).toBeLessThanOrEqual(1);
  });

  test('one old message does not keep the disk full: its segment is written anew', async () => {
    const files = new MemoryFiles();
    const { outbox, bootId, put } = setUp({ files });
    await put('lldp', 'old');
    for (let i = 1; i <= 3000; i++) {
      await put('clients', 'x'.repeat(100));
      await outbox.acknowledge(bootId, 'clients', i);
    }
    expect(files.usedBytes).toBeLessThan(64 * 1024 + 8192);
    const after = setUp({ files });
    await after.outbox.open();
    expect(after.sendAll().filter((m) => m.stream === 'lldp')).toMatchObject([{ seq: 1, text: 'old' }]);
  });

  test('the disk holds neither text nor the names of what is in a message', async () => {
    const files = new MemoryFiles();
    const { put } = setUp({ files });
    await put('clients', 'CANARY-alice');
    const all = Buffer.concat([...files.contents.values()]);
    expect(all.length).toBeGreaterThan(50);
    expect(all.includes('CANARY-alice')).toBe(false);
    expect(all.includes(KEY)).toBe(false);
  });

  test('with another key nothing is read, and nothing is removed', async () => {
    const files = new MemoryFiles();
    const first = setUp({ files });
    await first.put('clients', 'secret');
    const before = await files.list();
    // A wrong key fails authentication of every frame; the clear part tells that they were there.
    const other = setUp({ files, key: Buffer.alloc(32, 9) });
    expect(await other.outbox.open()).toBe(0);
    expect(other.sendAll().every((m) => m.kind === 'gap')).toBe(true);
    expect(before).toHaveLength(1);
  });

  test('a power cut loses what was not synced; a torn message is reported, whole ones are kept', async () => {
    const files = new MemoryFiles();
    const first = setUp({ files, fsyncMs: 1000 });
    for (let i = 0; i < 5; i++) await first.put('clients', `safe ${i}`);
    await first.clock.advance(1001);
    for (let i = 0; i < 3; i++) await first.put('clients', `unsafe ${i}`);
    files.powerCut(60);
    const second = setUp({ files });
    expect(await second.outbox.open()).toBe(5);
    expect(second.sendAll().map((m) => `${m.kind} ${m.seq} ${m.reason ?? m.text}`)).toEqual([
      'data 1 safe 0',
      'data 2 safe 1',
      'data 3 safe 2',
      'data 4 safe 3',
      'data 5 safe 4',
      'gap 6 lost-at-power-cut',
    ]);
  });

  test('cut at every byte: never a throw, never a wrong message, every whole frame is kept', async () => {
    const files = new MemoryFiles();
    const first = setUp({ files });
    for (let i = 0; i < 6; i++) await first.put('event', `e${i}`);
    const [name] = await files.list();
    const whole = files.contents.get(name)!;
    let kept = 0;
    for (let length = 0; length <= whole.length; length++) {
      const cut = new MemoryFiles();
      cut.contents.set(name, whole.subarray(0, length));
      const after = setUp({ files: cut });
      const recovered = await after.outbox.open();
      const sent = after.sendAll();
      const data = sent.filter((m) => m.kind === 'data');
      expect(data.map((m) => m.text)).toEqual(Array.from({ length: recovered }, (_, i) => `e${i}`));
      expect(recovered).toBeGreaterThanOrEqual(kept);
      kept = recovered;
      for (const gap of sent.filter((m) => m.kind === 'gap')) expect(gap.seq).toBe(recovered + 1);
    }
    expect(kept).toBe(6);
  });

  test('one bent bit loses one message, and that is reported', async () => {
    const files = new MemoryFiles();
    const first = setUp({ files });
    for (let i = 0; i < 4; i++) await first.put('event', `e${i}`);
    const [name] = await files.list();
    const whole = files.contents.get(name)!;
    const frame = (whole.length - 41) / 4;
    whole[41 + frame + 50] ^= 1;
    const after = setUp({ files });
    await after.outbox.open();
    expect(after.sendAll().map((m) => `${m.kind}${m.seq}`)).toEqual(['data1', 'gap2', 'data3', 'data4']);
  });

  test('a full disk holds back, counts, loses nothing, and recovers', async () => {
    const files = new MemoryFiles();
    const { clock, outbox, put, sendAll, faults, row } = setUp({ files });
    await put('clients', 'before');
    files.capacityBytes = files.usedBytes + 20;
    const waiting = put('clients', 'during');
    await clock.advance(3500);
    expect(outbox.diskFaults).toBeGreaterThanOrEqual(3);
    expect(faults[0]).toContain('ENOSPC');
    expect(row('clients').produced).toBe(1);
    files.capacityBytes = Number.POSITIVE_INFINITY;
    await clock.advance(1001);
    expect(await waiting).toBe(2);
    expect(sendAll().map((m) => m.text)).toEqual(['before', 'during']);
    const after = setUp({ files });
    await after.outbox.open();
    expect(after.sendAll().map((m) => `${m.kind} ${m.text}`)).toEqual(['data before', 'data during']);
  });

  test('drops survive a restart as the gap that they were', async () => {
    const files = new MemoryFiles();
    const first = setUp({ files, limitBytes: 2000 });
    for (let i = 0; i < 10; i++) await first.put('rssi', 'x'.repeat(300));
    const before = first.sendAll().map((m) => `${m.kind} ${m.seq}-${m.to ?? m.seq}`);
    const second = setUp({ files, limitBytes: 2000 });
    await second.outbox.open();
    expect(second.sendAll().map((m) => `${m.kind} ${m.seq}-${m.to ?? m.seq}`)).toEqual(before);
  });
});

describe('forgetting', () => {
  /** All that the files hold, opened. */
  const opened = (files: MemoryFiles): string =>
    [...files.contents.values()]
      .flatMap((bytes) => readSegment(bytes, () => KEY)?.records ?? [])
      .map(({ bytes }) => bytes.toString())
      .join('\n');

  test('what was dropped or delivered is in no file after a rewrite; what is pending is, and survives a restart', async () => {
    const files = new MemoryFiles();
    const { outbox, bootId, put } = setUp({ files });
    await put('clients', 'canary delivered');
    await put('clients', 'canary pending');
    await put('clients', 'of somebody else');
    await outbox.acknowledge(bootId, 'clients', 1);
    expect(opened(files)).toContain('canary delivered');
    expect(await outbox.dropMatching((bytes) => bytes.includes('canary'))).toBe(1);
    expect(opened(files)).toContain('canary pending');
    await outbox.rewrite();
    expect(opened(files)).not.toContain('canary');
    expect(opened(files)).toContain('of somebody else');
    await outbox.close();
    const again = setUp({ files });
    await again.outbox.open();
    const sent = again.sendAll();
    expect(sent.map(({ kind, seq, text }) => [kind, seq, text])).toEqual([
      ['gap', 2, undefined],
      ['data', 3, 'of somebody else'],
    ]);
  });
});

describe('another region', () => {
  test('is told what the one before it has, first, and once', async () => {
    const { outbox, bootId, put, sendAll, row } = setUp();
    for (let i = 0; i < 3; i++) await put('stats', `${i}`);
    await outbox.acknowledge(bootId, 'stats', 2);
    await outbox.movedElsewhere(() => true);
    outbox.rewind();
    expect(sendAll().map(({ kind, seq, to, reason }) => [kind, seq, to, reason])).toEqual([
      ['gap', 1, 2, 'stored-elsewhere'],
      ['data', 3, undefined, undefined],
    ]);
    await outbox.acknowledge(bootId, 'stats', 3);
    outbox.rewind();
    expect(sendAll()).toEqual([]);
    expect(row('stats')).toMatchObject({ produced: 3, acknowledged: 3, pending: 0, dropped: 0 });
    expect(outbox.bytes).toBe(0);
  });
});
