import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { LinkType } from '../../packets/linktype.ts';
import { PcapngWriter } from '../../packets/pcap/pcapng-writer.ts';
import { CaptureReader } from '../../packets/pcap/reader.ts';

const CAPTURES = new URL('../../fixtures/captures', import.meta.url).pathname;

export interface RecordedFrame {
  file: string;
  /** From 1, in its file. */
  number: number;
  linkType: number;
  bytes: Uint8Array;
  originalLength: number;
  seconds: number;
  nanoseconds: number;
}

/** The frames of one capture under fixtures/captures. */
export function framesOf(file: string): RecordedFrame[] {
  const reader = new CaptureReader();
  reader.feed(readFileSync(join(CAPTURES, file)));
  const frames: RecordedFrame[] = [];
  while (reader.next()) {
    const { number, linkType, originalLength, seconds, nanoseconds } = reader.frame;
    const bytes = new Uint8Array(reader.frame.bytes());
    frames.push({ file, number, linkType, bytes, originalLength, seconds, nanoseconds });
  }
  return frames;
}

/** Fixtures that are one frame each, without a container. */
const SINGLE_FRAMES = new Map([
  ['.bin', LinkType.radiotap],
  ['.raw', LinkType.ethernet],
]);

function singleFrame(file: string, linkType: number): RecordedFrame {
  const bytes = new Uint8Array(readFileSync(join(CAPTURES, file)));
  return { file, number: 1, linkType, bytes, originalLength: bytes.length, seconds: 0, nanoseconds: 0 };
}

/** Every frame of every capture that the fixtures hold. */
export function allRecordedFrames(): RecordedFrame[] {
  const files = readdirSync(CAPTURES, { recursive: true }).map(String).sort();
  return files.flatMap((file) => {
    const linkType = SINGLE_FRAMES.get(extname(file));
    if (linkType !== undefined) return [singleFrame(file, linkType)];
    return /\.pcap(ng)?$/.test(file) ? framesOf(file) : [];
  });
}

/** Whole frames as one pcapng file. */
export function captureOf(
  frames: readonly Pick<RecordedFrame, 'linkType' | 'bytes' | 'originalLength'>[],
): Uint8Array {
  const writer = new PcapngWriter();
  writer.section('test');
  const ids = new Map<number, number>();
  frames.forEach(({ linkType, bytes, originalLength }, second) => {
    const id = ids.get(linkType) ?? writer.interface({ linkType });
    ids.set(linkType, id);
    writer.frame(id, second, 0, bytes, 0, bytes.length, originalLength);
  });
  return writer.output.pending();
}
