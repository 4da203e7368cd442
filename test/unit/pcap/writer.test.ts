import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { OutputBuffer } from '../../../packets/pcap/output.ts';
import { PcapWriter, type PcapWriterOptions } from '../../../packets/pcap/pcap-writer.ts';
import { type PcapngFrameOptions, PcapngWriter } from '../../../packets/pcap/pcapng-writer.ts';
import { CaptureReader } from '../../../packets/pcap/reader.ts';
import { captureBytes, capturePath } from './capture-list.ts';
import { type ReadFrame, readAll } from './read-all.ts';
import { capinfos, tsharkFrames } from './tshark.ts';

const folder = mkdtempSync(join(tmpdir(), 'airherd-writer-'));
afterAll(() => rmSync(folder, { recursive: true }));
const SAMPLE = 'hil/hwsim-wpa2eap-radiotap.pcap';
const RADIOTAP = 127;

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** Calls `write` for each frame of a capture, in a buffer that was dirty before. */
function copying(name: string, write: (frame: CaptureReader['frame']) => void): void {
  const reader = new CaptureReader();
  reader.feed(captureBytes(name));
  while (reader.next()) write(reader.frame);
}

function dirtyOutput(): OutputBuffer {
  const output = new OutputBuffer(1 << 20);
  output.bytes.fill(0x5a);
  return output;
}

function asPcap(name: string, options: PcapWriterOptions): Uint8Array {
  const writer = new PcapWriter(options, dirtyOutput());
  copying(name, (f) => {
    writer.frame(f.seconds, f.nanoseconds, f.buffer, f.start, f.end, f.originalLength);
  });
  return writer.output.pending().slice();
}

function asPcapng(name: string, options?: PcapngFrameOptions): Uint8Array {
  const writer = new PcapngWriter(dirtyOutput());
  writer.section('airherd test');
  const id = writer.interface({ linkType: RADIOTAP, name: 'wlan0' });
  copying(name, (f) => {
    writer.frame(id, f.seconds, f.nanoseconds, f.buffer, f.start, f.end, f.originalLength, options);
  });
  return writer.output.pending().slice();
}

const essence = ({ time, length, captured, linkType, bytes }: ReadFrame) => ({
  time,
  length,
  captured,
  linkType,
  bytes,
});

describe('pcap', () => {
  test('a copy of a microsecond capture is the same file, byte for byte', () => {
    const original = captureBytes(SAMPLE);
    const snapLength = new DataView(original.buffer).getUint32(16, true);
    expect(asPcap(SAMPLE, { linkType: RADIOTAP, snapLength })).toEqual(original);
  });

  test.each([
    ['microseconds', true],
    ['microseconds', false],
    ['nanoseconds', true],
    ['nanoseconds', false],
  ] as const)(
    '%s, little-endian %s: capinfos, tshark and we read the same',
    async (resolution, littleEndian) => {
      const bytes = asPcap(SAMPLE, { linkType: RADIOTAP, resolution, littleEndian });
      const path = file(`${resolution}-${littleEndian}.pcap`, bytes);
      const info = capinfos(path);
      expect(info.get('File timestamp precision')).toBe(
        `${resolution} (${resolution === 'nanoseconds' ? 9 : 6})`,
      );
      expect(info.get('Number of packets')).toBe('384');
      const expected = await tsharkFrames(capturePath(SAMPLE));
      expect(await tsharkFrames(path)).toEqual(expected);
      expect(readAll([bytes]).frames.map(essence)).toEqual(
        readAll([captureBytes(SAMPLE)]).frames.map(essence),
      );
    },
  );

  test('editcap makes the same nanosecond file out of a microsecond one', () => {
    const path = join(folder, 'editcap.pcap');
    execFileSync('editcap', ['-F', 'nsecpcap', capturePath(SAMPLE), path]);
    const made = new CaptureReader();
    made.feed(execFileSync('cat', [path]));
    const times: bigint[] = [];
    while (made.next()) times.push(made.frame.timeNs());
    const ours: bigint[] = [];
    copying(SAMPLE, (frame) => ours.push(frame.timeNs()));
    expect(times).toEqual(ours);
    expect(made.end().kind).toBe('complete');
  });

  test('nanoseconds survive', () => {
    const writer = new PcapWriter({ linkType: 1, resolution: 'nanoseconds' });
    writer.frame(1_700_000_000, 123_456_789, new Uint8Array(60), 0, 60, 60);
    expect(readAll([writer.output.pending()]).frames[0].time).toBe('1700000000.123456789');
  });

  test('bits for the FCS share the word of the link type', async () => {
    const writer = new PcapWriter({ linkType: 1, fcsLength: 4 });
    writer.frame(1, 0, new Uint8Array(64), 0, 64, 64);
    // Draft pcap: bit 26 set, and 2 units of 16 bits in the top four.
    expect(new DataView(writer.output.bytes.buffer).getUint32(20, true)).toBe(0x2400_0001);
    const { reader } = readAll([writer.output.pending()]);
    expect(reader.interfaces[0]).toMatchObject({ linkType: 1, fcsLength: 4 });
    expect(reader.frame.endWithoutFcs() - reader.frame.start).toBe(60);
    expect((await tsharkFrames(file('fcs.pcap', writer.output.pending())))[0].linkType).toBe(1);
  });
});

describe('pcapng', () => {
  test.each([
    ['plain', undefined],
    ['with flags and a comment of odd length', { flags: 0x0000_0081, comment: 'cut: payload' }],
    ['with a comment of other scripts', { comment: 'zwölf Bytes, ή λιγότερα' }],
  ])('%s: capinfos, tshark and we read the frames of the original', async (name, options) => {
    const bytes = asPcapng(SAMPLE, options);
    const path = file(`${name}.pcapng`, bytes);
    const info = capinfos(path);
    expect(info.get('Number of packets')).toBe('384');
    expect(info.get('Capture application')).toBe('airherd test');
    expect(info.get('Time ticks per second')).toBe('1000000000');
    expect(info.get('Name')).toBe('wlan0');
    const expected = await tsharkFrames(capturePath(SAMPLE));
    expect(await tsharkFrames(path)).toEqual(expected.map((frame) => ({ ...frame, interfaceId: 0 })));
    expect(readAll([bytes]).frames.map(essence)).toEqual(readAll([captureBytes(SAMPLE)]).frames.map(essence));
  });

  test('tshark shows flags and comment of each frame', () => {
    const path = file(
      'options.pcapng',
      asPcapng('hil/lldp.pcap', { flags: 0x82, comment: 'zeroed: checksum' }),
    );
    const fields = ['-T', 'fields', '-e', 'frame.packet_flags', '-e', 'frame.comment'];
    const lines = execFileSync('tshark', ['-n', '-r', path, ...fields], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(new Set(lines.trim().split('\n'))).toEqual(new Set(['0x00000082\tzeroed: checksum']));
  });

  test('sections put end to end are one file', async () => {
    const one = asPcapng('hil/eap.pcap');
    const path = file('concatenated.pcapng', Buffer.concat([one, asPcapng('hil/dhcp.pcap'), one]));
    const expected = [
      ...(await tsharkFrames(file('one.pcapng', one))),
      ...(await tsharkFrames(file('two.pcapng', asPcapng('hil/dhcp.pcap')))),
      ...(await tsharkFrames(file('one.pcapng', one))),
    ];
    expect(await tsharkFrames(path)).toEqual(expected);
  });

  test('every time from the epoch to the year 2500 is written exactly', () => {
    for (let seconds = 0; seconds < 16_725_225_600; seconds += 9_973_001) {
      const writer = new PcapngWriter(new OutputBuffer(1024));
      writer.section('t');
      writer.interface({ linkType: 1 });
      const nanoseconds = (seconds * 7919) % 1_000_000_000;
      writer.frame(0, seconds, nanoseconds, new Uint8Array(1), 0, 1, 1);
      const stamp = BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
      expect(readAll([writer.output.pending()]).reader.frame.timeNs()).toBe(stamp);
    }
  });

  test('a time before the epoch, which pcapng cannot tell, is written as the epoch', () => {
    const writer = new PcapngWriter();
    writer.section('t');
    writer.interface({ linkType: 1 });
    writer.frame(0, -5, 500, new Uint8Array(1), 0, 1, 1);
    expect(readAll([writer.output.pending()]).reader.frame.timeNs()).toBe(0n);
  });

  test('each section numbers its interfaces from 0', () => {
    const writer = new PcapngWriter();
    writer.section('t');
    expect([writer.interface({ linkType: 1 }), writer.interface({ linkType: 127 })]).toEqual([0, 1]);
    writer.section('t');
    expect(writer.interface({ linkType: 1, fcsLength: 4, snapLength: 96 })).toBe(0);
    const { reader } = readAll([writer.output.pending()]);
    expect(
      reader.interfaces.map(({ section, id, linkType, fcsLength, snapLength }) => ({
        section,
        id,
        linkType,
        fcsLength,
        snapLength,
      })),
    ).toEqual([
      { section: 0, id: 0, linkType: 1, fcsLength: null, snapLength: 0 },
      { section: 0, id: 1, linkType: 127, fcsLength: null, snapLength: 0 },
      { section: 1, id: 0, linkType: 1, fcsLength: 4, snapLength: 96 },
    ]);
  });
});

describe('the buffer', () => {
  test('grows for what does not fit and keeps what is in it', () => {
    const source = Uint8Array.from({ length: 5000 }, (_, i) => i % 251);
    const small = new PcapngWriter(new OutputBuffer(64));
    const large = new PcapngWriter(new OutputBuffer(1 << 20));
    for (const writer of [small, large]) {
      writer.section('t');
      writer.interface({ linkType: 1 });
      for (let length = 0; length < 5000; length += 97) writer.frame(0, 1, 2, source, 0, length, 5000);
    }
    expect(small.output.pending()).toEqual(large.output.pending());
  });

  test('emptied after every frame, it gives the same file in the same memory', () => {
    const whole = asPcap(SAMPLE, { linkType: RADIOTAP });
    const writer = new PcapWriter({ linkType: RADIOTAP }, new OutputBuffer(4096));
    const { bytes } = writer.output;
    const parts: Uint8Array[] = [];
    copying(SAMPLE, (f) => {
      writer.frame(f.seconds, f.nanoseconds, f.buffer, f.start, f.end, f.originalLength);
      parts.push(writer.output.pending().slice());
      writer.output.clear();
    });
    expect(Uint8Array.from(Buffer.concat(parts))).toEqual(whole);
    expect(writer.output.bytes).toBe(bytes);
  });

  test('taken in turns, what was taken stands while the next is written', () => {
    const whole = asPcap(SAMPLE, { linkType: RADIOTAP });
    const writer = new PcapWriter({ linkType: RADIOTAP }, new OutputBuffer(2048));
    const parts: Uint8Array[] = [];
    let taken = writer.output.take();
    copying(SAMPLE, (f) => {
      writer.frame(f.seconds, f.nanoseconds, f.buffer, f.start, f.end, f.originalLength);
      parts.push(taken.slice());
      taken = writer.output.take();
    });
    parts.push(taken);
    expect(Uint8Array.from(Buffer.concat(parts))).toEqual(whole);
  });

  test('a frame that was written may be overwritten in place', () => {
    const writer = new PcapngWriter();
    writer.section('t');
    writer.interface({ linkType: 1 });
    const at = writer.frame(0, 1, 2, Uint8Array.of(1, 2, 3, 4, 5), 0, 5, 9);
    writer.output.bytes.fill(0, at + 1, at + 3);
    expect(readAll([writer.output.pending()]).frames[0]).toMatchObject({
      bytes: Uint8Array.of(1, 0, 0, 4, 5),
      length: 9,
    });
  });
});
