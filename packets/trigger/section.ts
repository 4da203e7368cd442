import { OutputBuffer } from '../pcap/output.ts';
import { PcapngWriter } from '../pcap/pcapng-writer.ts';
import { flagsText } from '../slice/flags.ts';
import { APPLICATION } from '../slice/sliced-writer.ts';
import type { KeptFrame } from './ring.ts';

/** One message's worth of a capture: a whole pcapng section. Sections put end to end are one valid file. */
export interface Part {
  section: Uint8Array;
  /** From 1. */
  part: number;
  last: boolean;
  packets: number;
  /** On the wire, and kept. */
  bytesSeen: number;
  bytesKept: number;
  /** Of the first and last frame, Unix milliseconds. */
  fromMs: number;
  toMs: number;
}

export const MAX_SECTION = 192 * 1024;
/** An Enhanced Packet Block around its bytes, with padding, and the comment that the slicer gives. */
const FRAME_OVERHEAD = 32 + 3 + 8 + 3;
/** Section header with our name; an interface block with its options. */
const SECTION_OVERHEAD = 64;
const INTERFACE_OVERHEAD = 64;

/** Parts of at most `maxBytes`; a capture without frames is one part without frames. */
export function parts(frames: readonly KeptFrame[], maxBytes = MAX_SECTION): Part[] {
  const groups = split(frames, maxBytes);
  return groups.map((group, i) => partOf(group, i + 1, i === groups.length - 1));
}

const interfaceKey = (frame: KeptFrame): string => `${frame.linkType} ${frame.interfaceName}`;

function split(frames: readonly KeptFrame[], maxBytes: number): KeptFrame[][] {
  const groups: KeptFrame[][] = [[]];
  let interfaces = new Set<string>();
  let size = SECTION_OVERHEAD;
  for (const frame of frames) {
    const comment = flagsText(frame.cut, frame.zeroed).length;
    const ofFrame = FRAME_OVERHEAD + frame.bytes.length + comment;
    const ofInterface = INTERFACE_OVERHEAD + 3 * frame.interfaceName.length;
    if (size + ofFrame + ofInterface > maxBytes && groups[groups.length - 1].length > 0) {
      groups.push([]);
      interfaces = new Set();
      size = SECTION_OVERHEAD;
    }
    if (!interfaces.has(interfaceKey(frame))) size += ofInterface;
    interfaces.add(interfaceKey(frame));
    size += ofFrame;
    groups[groups.length - 1].push(frame);
  }
  return groups;
}

function partOf(frames: readonly KeptFrame[], part: number, last: boolean): Part {
  const writer = new PcapngWriter(new OutputBuffer(16 * 1024));
  writer.section(APPLICATION);
  const ids = new Map<string, number>();
  let bytesSeen = 0;
  let bytesKept = 0;
  for (const frame of frames) {
    const { linkType, interfaceName: name, bytes, originalLength } = frame;
    const key = interfaceKey(frame);
    const id = ids.get(key) ?? writer.interface({ linkType, name });
    ids.set(key, id);
    const comment = flagsText(frame.cut, frame.zeroed);
    const seconds = Number(frame.timeNs / 1_000_000_000n);
    const nanoseconds = Number(frame.timeNs % 1_000_000_000n);
    const options = comment === '' ? undefined : { comment };
    writer.frame(id, seconds, nanoseconds, bytes, 0, bytes.length, originalLength, options);
    bytesSeen += originalLength;
    bytesKept += bytes.length;
  }
  return {
    section: writer.output.pending().slice(),
    part,
    last,
    packets: frames.length,
    bytesSeen,
    bytesKept,
    fromMs: frames.length === 0 ? 0 : Number(frames[0].timeNs / 1_000_000n),
    toMs: frames.length === 0 ? 0 : Number(frames[frames.length - 1].timeNs / 1_000_000n),
  };
}
