import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LinkType } from '../../packets/linktype.ts';
import { PcapngWriter } from '../../packets/pcap/pcapng-writer.ts';
import { CaptureReader } from '../../packets/pcap/reader.ts';

const FIXTURES = new URL('../../fixtures', import.meta.url).pathname;

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
export const framesOf = (file: string): RecordedFrame[] => framesIn(join('captures', file));

/** @param file below fixtures/ */
function framesIn(file: string): RecordedFrame[] {
  const reader = new CaptureReader();
  reader.feed(readFileSync(join(FIXTURES, file)));
  const frames: RecordedFrame[] = [];
  while (reader.next()) {
    const { number, linkType, originalLength, seconds, nanoseconds } = reader.frame;
    const bytes = new Uint8Array(reader.frame.bytes());
    frames.push({ file, number, linkType, bytes, originalLength, seconds, nanoseconds });
  }
  return frames;
}

/** The link type of a fixture that is one frame without a container; crashes have it in front of their names. */
function linkTypeOf(file: string): number | null {
  const crash = /^crashes\/(\d+)-/.exec(file);
  if (crash !== null) return Number(crash[1]);
  if (file.endsWith('.raw')) return LinkType.ethernet;
  return file.startsWith('captures/radiotap/') && file.endsWith('.bin') ? LinkType.radiotap : null;
}

function singleFrame(file: string, linkType: number): RecordedFrame {
  const bytes = new Uint8Array(readFileSync(join(FIXTURES, file)));
  return { file, number: 1, linkType, bytes, originalLength: bytes.length, seconds: 0, nanoseconds: 0 };
}

/** Every frame that the fixtures hold. */
export function allRecordedFrames(): RecordedFrame[] {
  const files = readdirSync(FIXTURES, { recursive: true }).map(String).sort();
  return files.flatMap((file) => {
    const linkType = linkTypeOf(file);
    if (linkType !== null) return [singleFrame(file, linkType)];
    // demo/ holds copies.
    return /\.pcap(ng)?$/.test(file) && !file.startsWith('demo/') ? framesIn(file) : [];
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
