import { describe, expect, test } from 'vitest';
import { LiveCaptures, type LiveReader, type Wanted } from '../../../cloud-stub/captures/live.ts';
import { OutputBuffer } from '../../../packets/pcap/output.ts';
import { PcapngWriter } from '../../../packets/pcap/pcapng-writer.ts';
import { CaptureReader } from '../../../packets/pcap/reader.ts';
import { decodeUp, encode } from '../../../protocol/codec.ts';
import type { Pcap } from '../../../protocol/messages/pcap.ts';
import { ethernetFrame } from '../../support/build-frames.ts';

const CLIENT = Uint8Array.of(2, 0, 0, 0, 0, 1);
const OTHER = Uint8Array.of(2, 0, 0, 0, 0, 2);
const ORG = 'org';

/** A part with one frame from `source`, `bytes` long. */
function part(
  source: Uint8Array,
  {
    bytes = 100,
    trigger = 'continuous',
    client,
  }: Partial<{ bytes: number; trigger: string; client: Uint8Array }> = {},
): Pcap {
  const writer = new PcapngWriter(new OutputBuffer());
  writer.section('test');
  const frame = ethernetFrame(0x0800, new Uint8Array(bytes), Uint8Array.of(2, 0, 0, 0, 0, 9), source);
  writer.frame(writer.interface({ linkType: 1 }), 1, 0, frame, 0, frame.length, frame.length);
  const made = decodeUp(
    'pcap',
    encode({
      v: 1,
      bootId: Buffer.alloc(16),
      seq: 1,
      monoMs: 1,
      timeMs: 1,
      clock: 'system',
      kind: 'data',
      class: 'pcap.headers',
      captureId: Buffer.alloc(16, 1),
      trigger,
      ...(client && { client }),
      fromMs: 1000,
      toMs: 1000,
      part: 1,
      last: false,
      packets: 1,
      bytesSeen: frame.length,
      bytesKept: frame.length,
      section: writer.output.pending(),
    }),
  );
  if (!made.ok || made.message.kind === 'gap') throw new Error('not a part');
  return made.message as Pcap;
}

const open = (live: LiveCaptures, wanted: Partial<Wanted> = {}): LiveReader => {
  const reader = live.open({ orgId: ORG, ...wanted });
  if (!reader) throw new Error('no room');
  return reader;
};

/** What is there now: frames by their source, and comments of sections. */
async function readNow(live: LiveCaptures, reader: LiveReader): Promise<{ sources: string[]; text: string }> {
  const chunks: Buffer[] = [];
  const sections = reader.sections([]);
  for (let waiting = false; !waiting; ) {
    const next = sections.next();
    const settled = await Promise.race([next, new Promise<null>((done) => setImmediate(done, null))]);
    if (settled === null) waiting = true;
    else if (settled.value) chunks.push(settled.value);
  }
  live.close(reader);
  const whole = Buffer.concat(chunks);
  const captures = new CaptureReader();
  captures.feed(whole);
  const sources: string[] = [];
  while (captures.next()) sources.push(Buffer.from(captures.frame.bytes().subarray(6, 12)).toString('hex'));
  expect(captures.end().kind).toBe('complete');
  return { sources, text: whole.toString('latin1') };
}

describe('a live reader', () => {
  test('gets a valid file from the first byte on, also when nothing was captured', async () => {
    const live = new LiveCaptures();
    expect((await readNow(live, open(live))).sources).toEqual([]);
  });

  test('gets what it wants: organisation, device, trigger, client', async () => {
    const live = new LiveCaptures();
    const readers = {
      all: open(live),
      otherOrg: open(live, { orgId: 'other' }),
      otherDevice: open(live, { serial: 'B' }),
      refused: open(live, { trigger: 'association-refused' }),
      client: open(live, { client: CLIENT }),
    };
    live.committed(ORG, 'A', part(CLIENT));
    live.committed(ORG, 'A', part(OTHER));
    live.committed(ORG, 'B', part(OTHER, { trigger: 'association-refused', client: OTHER }));
    live.committed(ORG, 'B', part(OTHER, { trigger: 'association-refused', client: CLIENT }));
    const count = async (reader: LiveReader) => (await readNow(live, reader)).sources.length;
    expect(await count(readers.all)).toBe(4);
    expect(await count(readers.otherOrg)).toBe(0);
    expect(await count(readers.otherDevice)).toBe(2);
    expect(await count(readers.refused)).toBe(2);
    // Its frame out of everybody's, and the capture about it as it is.
    expect((await readNow(live, readers.client)).sources).toEqual(['020000000001', '020000000002']);
  });

  test('that is slow misses parts, is told how many, and holds no more than its bound', async () => {
    const live = new LiveCaptures();
    const reader = open(live);
    const message = part(CLIENT, { bytes: 60_000 });
    for (let i = 0; i < 100; i++) live.committed(ORG, 'A', message);
    const { parts, packets } = reader.dropped;
    expect(parts).toBeGreaterThan(0);
    expect(packets).toBe(parts);
    const { sources, text } = await readNow(live, reader);
    expect(sources.length + parts).toBe(100);
    expect(sources.length * 60_000).toBeLessThan(4 * 1024 * 1024);
    expect(text).toContain(`${parts} parts with ${parts} frames are missing here`);
  });

  test('is not given what is no section, whatever a device sends', async () => {
    const live = new LiveCaptures();
    const reader = open(live);
    const message = part(CLIENT);
    live.committed(ORG, 'A', {
      ...message,
      section: message.section.subarray(0, message.section.length - 4),
    });
    live.committed(ORG, 'A', { ...message, section: Buffer.from('not pcapng') });
    live.committed(ORG, 'A', message);
    expect((await readNow(live, reader)).sources).toHaveLength(1);
  });

  test('is one of 64 at most, and makes room when it ends', () => {
    const live = new LiveCaptures();
    const readers = Array.from({ length: 64 }, () => open(live));
    expect(live.open({ orgId: ORG })).toBeNull();
    live.close(readers[0]);
    expect(live.open({ orgId: ORG })).not.toBeNull();
  });
});
