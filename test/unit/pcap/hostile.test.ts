import { describe, expect, test } from 'vitest';
import { CaptureReader } from '../../../packets/pcap/reader.ts';
import { captureBytes, captures } from './capture-list.ts';
import { inChunks, readAll } from './read-all.ts';

const SMALL_BYTES = 4096;
const small = captures.filter((name) => captureBytes(name).length <= SMALL_BYTES);
const smallest = [
  captures.find((name) => name.endsWith('.pcap')),
  captures.find((name) => name.endsWith('.pcapng') && readAll([captureBytes(name)]).frames.length > 0),
  'pcapng-testgen/le/advanced/test101.pcapng',
] as string[];

/** A pcap file of frames that are all zero, 1 KiB each. */
function sparsePcap(mebibytes: number): Uint8Array {
  const record = 1024;
  const bytes = new Uint8Array(24 + mebibytes * 1024 * record);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, 262_144, true);
  view.setUint32(20, 1, true);
  for (let at = 24; at < bytes.length; at += record) {
    view.setUint32(at + 8, record - 16, true);
    view.setUint32(at + 12, record - 16, true);
  }
  return bytes;
}

describe('chunks', () => {
  test('one byte at a time gives what the whole file gives, for every small capture', () => {
    expect(small.length).toBeGreaterThan(90);
    for (const name of small) {
      const bytes = captureBytes(name);
      const whole = readAll([bytes]);
      const single = readAll(inChunks(bytes, 1));
      expect(single.frames, name).toEqual(whole.frames);
      expect(single.outcome, name).toEqual(whole.outcome);
    }
  });

  test.each(smallest)('%s cut in two at every byte gives what the whole gives', (name) => {
    const bytes = captureBytes(name);
    const whole = readAll([bytes]);
    for (let at = 0; at <= bytes.length; at++) {
      const { frames, outcome } = readAll([bytes.subarray(0, at), bytes.subarray(at)]);
      expect({ frames, outcome }).toEqual({ frames: whole.frames, outcome: whole.outcome });
    }
  });

  test('chunks of odd sizes give the same over a large capture', () => {
    const bytes = captureBytes('hil/hwsim-wpa2eap-radiotap.pcap');
    const whole = readAll([bytes]);
    for (const size of [7, 15, 17, 313, 4097, 65_536]) {
      expect(readAll(inChunks(bytes, size)).frames, String(size)).toEqual(whole.frames);
    }
  });
});

describe('truncation', () => {
  test('every prefix of every small capture gives a prefix of its frames, and says that it is cut off', () => {
    for (const name of small) {
      const bytes = captureBytes(name);
      const whole = readAll([bytes]);
      const numbers: number[] = [];
      for (let length = 0; length < bytes.length; length++) {
        const { frames, outcome } = readQuickly(bytes.subarray(0, length));
        expect(frames).toBeLessThanOrEqual(whole.frames.length);
        numbers.push(frames);
        expect(outcome.bytes).toBe(length);
        expect(outcome.kind, `${name} cut to ${length}`).toMatch(
          length < 4 ? /^not-capture$/ : /^(cut-off|complete)$/,
        );
      }
      // Monotonous: a longer prefix never yields fewer frames.
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    }
  });

  test('a prefix is complete exactly where a record ends', () => {
    const bytes = captureBytes('hil/lldp.pcap');
    const complete: number[] = [];
    for (let length = 0; length <= bytes.length; length++) {
      if (readQuickly(bytes.subarray(0, length)).outcome.kind === 'complete') complete.push(length);
    }
    // Computed from the record headers, little-endian caplen at 8.
    const ends = [24];
    const view = new DataView(bytes.buffer);
    for (let at = 24; at < bytes.length; at = ends.at(-1) ?? 0)
      ends.push(at + 16 + view.getUint32(at + 8, true));
    expect(complete).toEqual(ends);
  });

  test('what is left of the last record is reported', () => {
    const bytes = captureBytes('hil/dhcp.pcap').subarray(0, 1000);
    expect(readAll([bytes]).outcome).toEqual({ kind: 'cut-off', frames: 5, bytes: 1000, offset: 914 });
  });
});

describe('damage', () => {
  test.each(smallest)('every change of a byte of %s is survived, in memory of its own size', (name) => {
    const bytes = captureBytes(name);
    const original = readAll([bytes]).frames.length;
    for (let at = 0; at < bytes.length; at++) {
      for (const value of [0x00, 0x01, 0x7f, 0x80, 0xff, bytes[at] ^ 0x01, bytes[at] ^ 0x10]) {
        const mutated = Uint8Array.from(bytes);
        mutated[at] = value;
        const { frames, outcome } = readQuickly(mutated);
        // A length that shrank may show bytes of a frame as frames, but no more than there are headers for.
        expect(frames).toBeLessThanOrEqual(original + Math.floor(bytes.length / 16));
        expect(outcome.frames).toBe(outcome.kind === 'not-capture' ? 0 : frames);
      }
    }
  });

  test('a bad caplen is found where it stands, before the rest of 60 MB is taken', () => {
    const bytes = sparsePcap(60);
    const bad = 24 + 1024 * 100;
    new DataView(bytes.buffer).setUint32(bad + 8, 0x7fff_ffff, true);
    const reader = new CaptureReader();
    let fed = 0;
    for (const chunk of inChunks(bytes, 65_536)) {
      reader.feed(chunk);
      fed += chunk.length;
      while (reader.next());
      if (reader.fault !== null) break;
    }
    expect(reader.end()).toMatchObject({ kind: 'corrupt', offset: bad, frames: 100 });
    expect(fed).toBeLessThanOrEqual(2 * 65_536);
  });

  test('a caplen of the greatest snap length is read, one more is refused', () => {
    for (const [caplen, kind] of [
      [262_144, 'complete'],
      [262_145, 'corrupt'],
    ] as const) {
      const bytes = new Uint8Array(24 + 16 + caplen);
      bytes.set(sparsePcap(1).subarray(0, 24));
      new DataView(bytes.buffer).setUint32(32, caplen, true);
      expect(readQuickly(bytes).outcome.kind).toBe(kind);
    }
  });

  test('a corrupt tail keeps the frames before it', () => {
    const bytes = sparsePcap(1);
    bytes.fill(0xff, 24 + 3 * 1024);
    expect(readQuickly(bytes).outcome).toMatchObject({ kind: 'corrupt', frames: 3, offset: 24 + 3 * 1024 });
  });
});

describe('what is no capture', () => {
  const magic = (...bytes: number[]): Uint8Array => Uint8Array.of(...bytes, ...new Array(20).fill(0));

  test.each([
    ['an empty file', new Uint8Array(0), 'it is empty'],
    ['three bytes', Uint8Array.of(0xd4, 0xc3, 0xb2), 'it is too short'],
    ["Kuznetzov's pcap", magic(0x34, 0xcd, 0xb2, 0xa1), "Kuznetzov's modified pcap"],
    ["Kuznetzov's pcap, big-endian", magic(0xa1, 0xb2, 0xcd, 0x34), "Kuznetzov's modified pcap"],
    ['gzip', magic(0x1f, 0x8b, 8, 0), 'gzip'],
    ['btsnoop', magic(...Buffer.from('btsnoop\0')), 'btsnoop'],
    ['text', magic(...Buffer.from('hello')), 'it begins with 68656c6c'],
  ])('%s', (_, bytes, reason) => {
    const { frames, outcome } = readAll([bytes]);
    expect(frames).toEqual([]);
    expect(outcome).toMatchObject({
      kind: 'not-capture',
      frames: 0,
      reason: expect.stringContaining(reason),
    });
  });

  test.each([
    ['9.4', 9, 4],
    ['2.3', 2, 3],
    ['2.5', 2, 5],
  ])('pcap version %s', (version, major, minor) => {
    const bytes = sparsePcap(1);
    new DataView(bytes.buffer).setUint16(4, major, true);
    new DataView(bytes.buffer).setUint16(6, minor, true);
    expect(readQuickly(bytes).outcome).toMatchObject({
      kind: 'not-capture',
      reason: expect.stringContaining(version),
    });
  });
});

/** Counts only: for the many thousand readings of the loops. */
function readQuickly(bytes: Uint8Array) {
  const reader = new CaptureReader();
  reader.feed(bytes);
  let frames = 0;
  while (reader.next()) {
    frames++;
    const { buffer, start, end } = reader.frame;
    if (end < start || end > buffer.length) throw new Error('a frame outside its buffer');
  }
  return { frames, outcome: reader.end() };
}
