import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dissect } from '../../../packets/dissect.ts';
import { Dissection } from '../../../packets/dissection.ts';
import { LinkType } from '../../../packets/linktype.ts';
import { STRICT } from '../../../packets/slice/options.ts';
import { Slicer } from '../../../packets/slice/slicer.ts';
import { consentInForce, readConsent } from '../../../packets/trigger/consent.ts';
import { ManualCapture, type ManualLimits } from '../../../packets/trigger/manual.ts';
import { FrameRing, type SeenFrame, SliceBuffer } from '../../../packets/trigger/ring.ts';
import { MAX_SECTION, parts } from '../../../packets/trigger/section.ts';
import { TriggerTracker } from '../../../packets/trigger/tracker.ts';
import {
  ethernetFrame,
  hex,
  ipv4Packet,
  le16,
  MAC_B,
  managementFrame,
  tcpSegment,
} from '../../support/build-frames.ts';
import { track } from '../../support/track.ts';

const START_MS = 1_700_000_000_000;
const SECRET = Buffer.from('do not let me out');

function seenAt(atMs: number, bytes: Uint8Array, linkType: number = LinkType.ethernet): SeenFrame {
  const timeNs = BigInt(START_MS + atMs) * 1_000_000n;
  return { linkType, bytes, originalLength: bytes.length, timeNs, interfaceName: 'eth7' };
}
const station = (n: number): Uint8Array => Uint8Array.of(2, 0, 0, 0, n >> 8, n & 0xff);
const segment = (src: Uint8Array): Uint8Array =>
  ethernetFrame(0x0800, ipv4Packet(6, tcpSegment(0x18, SECRET)), MAC_B, src);
const refusal = (to: Uint8Array): Uint8Array => {
  const body = Uint8Array.from([...hex('1104'), ...le16(17), ...hex('01c0')]);
  return managementFrame(1, to, MAC_B, MAC_B, body);
};
const refused = (atMs: number, to: Uint8Array): SeenFrame => seenAt(atMs, refusal(to), LinkType.ieee80211);

const slicer = new Slicer();
const buffer = new SliceBuffer();
function add(ring: FrameRing, frame: SeenFrame): void {
  buffer.fill(slicer, frame);
  ring.add(frame, buffer);
}

describe('a ring of frames', () => {
  it('holds the last frames in fixed memory, and none that was overwritten', () => {
    const ring = new FrameRing(1000, 64);
    for (let i = 0; i < 1000; i++) add(ring, seenAt(i, segment(station(i))));
    const kept = ring.between(0n, 1n << 62n);
    // 54 bytes of headers each.
    expect(kept.length).toBe(Math.floor(1000 / 54));
    kept.forEach((frame, i) => {
      const n = 1000 - kept.length + i;
      expect([...frame.bytes.subarray(6, 12)]).toEqual([...station(n)]);
      expect(frame.bytes.length).toBe(54);
      expect(frame.timeNs).toBe(BigInt(START_MS + n) * 1_000_000n);
    });
  });

  it('holds no more frames than it has slots', () => {
    const ring = new FrameRing(100_000, 10);
    for (let i = 0; i < 35; i++) add(ring, seenAt(i, segment(station(i))));
    expect(ring.between(0n, 1n << 62n).map((frame) => frame.bytes[11])).toEqual([
      25, 26, 27, 28, 29, 30, 31, 32, 33, 34,
    ]);
  });

  it('has all frames of the time that it is to keep, whatever their sizes, as it grows', () => {
    const ring = new FrameRing(1 << 20, 4096, 2_000_000_000n);
    const last = 3000;
    const frames = Array.from({ length: last }, (_, i) =>
      i % 3 === 0 ? segment(station(i)) : refusal(station(i)),
    );
    frames.forEach((bytes, i) => {
      add(ring, seenAt(i * 10, bytes, i % 3 === 0 ? undefined : LinkType.ieee80211));
      const oldest = Math.max(0, i - 200);
      const kept = ring.between(0n, 1n << 62n);
      expect(kept.length).toBe(i - oldest + 1);
      if (i % 500 > 0) return;
      kept.forEach((frame, k) => {
        buffer.fill(slicer, seenAt(0, frames[oldest + k], frame.linkType));
        expect(Buffer.compare(frame.bytes, buffer.bytes.subarray(0, buffer.length))).toBe(0);
      });
    });
  });
});

describe('the tracker', () => {
  it('keeps the same client quiet for a while, and another not', () => {
    const frames = [
      refused(0, station(1)),
      refused(5000, station(1)),
      refused(6000, station(2)),
      refused(70_000, station(1)),
    ];
    const tracker = new TriggerTracker();
    const captures = track(tracker, frames);
    expect(captures.map(({ client }) => client[5])).toEqual([1, 2, 1]);
    expect(tracker.suppressed).toBe(1);
  });

  it('does not let a failing network become a stream', () => {
    const frames = Array.from({ length: 500 }, (_, i) => refused(i * 10, station(i)));
    const tracker = new TriggerTracker({ limit: { captures: 20 }, maxClients: 1000 });
    expect(track(tracker, frames)).toHaveLength(20);
    expect(tracker.suppressed).toBe(480);
  });

  it('forgets who was not seen for longest, and gives out what it has of a window then', () => {
    const tracker = new TriggerTracker({ maxClients: 3 });
    const frames = [
      refused(0, station(1)),
      ...Array.from({ length: 5 }, (_, i) => refused(10 + i, station(10 + i))),
      refused(100, station(1)),
    ];
    const captures = track(tracker, frames);
    expect(captures[0].client[5]).toBe(1);
    expect(captures[0].frames).toHaveLength(1);
  });

  it('captures what was before and after, from that client only, and without payload', () => {
    const frames = [
      seenAt(0, segment(station(1))),
      seenAt(30_000, segment(station(1))),
      seenAt(30_010, segment(station(2))),
      refused(30_020, station(1)),
      seenAt(31_000, segment(station(1))),
      seenAt(50_000, segment(station(1))),
    ];
    const [capture] = track(new TriggerTracker({ beforeMs: 10_000, afterMs: 3000 }), frames);
    expect(capture.frames.map(({ timeNs }) => Number(timeNs / 1_000_000n) - START_MS)).toEqual([
      30_000, 30_020, 31_000,
    ]);
    for (const { bytes } of capture.frames)
      expect(Buffer.from(bytes).includes(SECRET.subarray(0, 4))).toBe(false);
  });

  it('is not confused by a clock that is set back', () => {
    const frames = [refused(100_000, station(1)), seenAt(0, segment(station(2))), refused(10, station(3))];
    expect(track(new TriggerTracker(), frames).map(({ client }) => client[5])).toEqual([1, 3]);
  });
});

describe('parts of a capture', () => {
  const folder = mkdtempSync(join(tmpdir(), 'airherd-parts-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are whole sections, short enough for a message, and one file when put end to end', () => {
    const ring = new FrameRing(1 << 20, 8192);
    for (let i = 0; i < 6000; i++) add(ring, seenAt(i, segment(station(i & 1))));
    const made = parts(ring.between(0n, 1n << 62n));
    expect(made.length).toBeGreaterThan(2);
    expect(Math.max(...made.map(({ section }) => section.length))).toBeLessThanOrEqual(MAX_SECTION);
    expect(made.map(({ part }) => part)).toEqual(made.map((_, i) => i + 1));
    expect(made.map(({ last }) => last)).toEqual(made.map((_, i) => i === made.length - 1));
    expect(made.reduce((sum, { packets }) => sum + packets, 0)).toBe(6000);
    const path = join(folder, 'capture.pcapng');
    writeFileSync(path, Buffer.concat(made.map(({ section }) => section)));
    const rows = execFileSync(
      'tshark',
      [
        '-r',
        path,
        '-T',
        'fields',
        '-e',
        'frame.len',
        '-e',
        'frame.cap_len',
        '-e',
        'frame.interface_name',
        '-e',
        'frame.comment',
      ],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
      .trimEnd()
      .split('\n');
    expect(rows).toHaveLength(6000);
    expect(new Set(rows)).toEqual(new Set([`${54 + SECRET.length}\t54\teth7\tcut=payload zeroed=checksum`]));
  });
});

describe('a manual capture', () => {
  const limits: ManualLimits = { packets: 1000, bytes: 1_000_000, durationMs: 60_000 };
  const consent = { id: 'c-17', purpose: 'voice quality', until: new Date(START_MS + 10_000).toISOString() };
  const dissection = new Dissection();

  function run(capture: ManualCapture, count: number, everyMs: number, src = station(1)): Buffer {
    const sections: Uint8Array[] = [];
    for (let i = 0; i < count; i++) {
      const frame = seenAt(i * everyMs, segment(src));
      dissect(dissection, frame.bytes, frame.linkType);
      capture.frame(dissection, frame, START_MS + i * everyMs);
      sections.push(...capture.take(START_MS + i * everyMs).map(({ section }) => section));
    }
    return Buffer.concat(sections);
  }

  it.each([
    ['packets', { ...limits, packets: 7 }, 7],
    ['bytes', { ...limits, bytes: 54 * 5 + 10 }, 5],
    ['duration', { ...limits, durationMs: 1000 }, 10],
  ] as const)('ends at its limit of %s', (reason, of, expected) => {
    const capture = new ManualCapture({ limits: of }, START_MS);
    run(capture, 100, 100);
    expect(capture.stopped).toBe(reason);
    expect(capture.packets).toBe(expected);
    expect(capture.take(START_MS)).toEqual([]);
  });

  it('is sliced without consent, and with one that has ended', () => {
    const ended = { ...consent, until: new Date(START_MS).toISOString() };
    for (const capture of [
      new ManualCapture({ limits }, START_MS),
      new ManualCapture({ limits, consent: ended }, START_MS),
    ]) {
      expect(run(capture, 50, 100).includes(SECRET)).toBe(false);
      expect(capture.packets).toBe(50);
      expect(capture.withPayload).toBe(false);
    }
  });

  it('holds payload under consent, and ends when the consent does', () => {
    const capture = new ManualCapture({ limits, consent }, START_MS);
    expect(run(capture, 500, 100).includes(SECRET)).toBe(true);
    expect(capture.stopped).toBe('consent-ended');
    expect(capture.packets).toBe(100);
  });

  it('is of one client when asked', () => {
    const capture = new ManualCapture({ limits, client: station(2) }, START_MS);
    run(capture, 10, 100, station(1));
    expect(capture.packets).toBe(0);
    run(capture, 10, 100, station(2));
    expect(capture.packets).toBe(10);
  });

  it('tells the last part, once', () => {
    const capture = new ManualCapture({ limits, slice: STRICT }, START_MS);
    run(capture, 3, 10);
    capture.stop('asked');
    expect(capture.take(START_MS).map(({ part, last, packets }) => ({ part, last, packets }))).toEqual([
      { part: 1, last: true, packets: 3 },
    ]);
    expect(capture.take(START_MS)).toEqual([]);
  });
});

describe('a record of consent', () => {
  const record = { id: 'c1', purpose: 'why', until: '2030-01-01T00:00:00Z' };

  it('names id, purpose and end', () => {
    expect(readConsent(JSON.stringify(record))).toEqual(record);
    const bad = [
      '',
      'null',
      '[]',
      '{}',
      ...['id', 'purpose', 'until'].map((key) => JSON.stringify({ ...record, [key]: '' })),
    ];
    for (const text of [...bad, JSON.stringify({ ...record, until: '2030-01-01T00:00:00' })])
      expect(readConsent(text)).toBeNull();
  });

  it('is in force until its end, not at it', () => {
    const end = Date.parse(record.until);
    expect(consentInForce(record, end - 1)).toBe(true);
    expect(consentInForce(record, end)).toBe(false);
  });
});
