import { type CaptureInterface, Frame } from './frame.ts';
import type { CaptureFault, CaptureOutcome, ContainerReader } from './outcome.ts';
import {
  PCAP_MAGIC_MICROSECONDS,
  PCAP_MAGIC_NANOSECONDS,
  type PcapFormat,
  PcapReader,
} from './pcap-reader.ts';
import { BlockType } from './pcapng-blocks.ts';
import { PcapngReader } from './pcapng-reader.ts';
import { ByteWindow } from './window.ts';

/** What other formats begin with, read as a big-endian number, for a refusal that helps. */
const OTHER_MAGICS = new Map<number, string>([
  [0xa1b2cd34, "Kuznetzov's modified pcap; convert it with editcap -F pcap"],
  [0x34cdb2a1, "Kuznetzov's modified pcap; convert it with editcap -F pcap"],
  [0x1c0001ac, 'an IXIA pcap; convert it with editcap -F pcap'],
  [0x1c0001ab, 'an IXIA pcap; convert it with editcap -F pcap'],
  [0x6274736e, 'a btsnoop log; convert it with editcap -F pcapng'],
  [0x736e6f6f, 'a snoop capture; convert it with editcap -F pcapng'],
  [0x28b52ffd, 'compressed with zstd; decompress it first'],
  [0x04224d18, 'compressed with lz4; decompress it first'],
]);
const GZIP_MAGIC = 0x1f8b;

/**
 * Reads a capture, pcap or pcapng, from chunks of any size:
 *
 *     for (const chunk of chunks) {
 *       reader.feed(chunk);
 *       while (reader.next()) use(reader.frame);
 *     }
 *     const outcome = reader.end();
 *
 * Frames stand where the chunk stands, unless they cross the edge of one. Once `next` has returned false, the
 * chunk may be used again. At most one record is buffered. No bytes make it throw.
 */
export class CaptureReader {
  readonly frame = new Frame();
  private readonly window = new ByteWindow();
  private container: ContainerReader | null = null;
  private pcap: PcapReader | null = null;
  private pcapng: PcapngReader | null = null;
  private unknown: CaptureFault | null = null;

  /** Takes the next bytes. All frames of the chunk before must have been asked for. */
  feed(chunk: Uint8Array): void {
    this.window.feed(chunk);
  }

  next(): boolean {
    if (this.container !== null) return this.container.next();
    return this.recognise() && this.next();
  }

  /** Why no more frames will come, whatever is fed; null while all is well. */
  get fault(): CaptureFault | null {
    return this.unknown ?? this.container?.fault ?? null;
  }

  /** Known once the magic number was read. */
  get format(): 'pcap' | 'pcapng' | null {
    if (this.pcap !== null) return 'pcap';
    return this.pcapng === null ? null : 'pcapng';
  }

  /** All interfaces described so far, of all sections. */
  get interfaces(): CaptureInterface[] {
    if (this.pcapng !== null) return this.pcapng.described.map((of) => of.description);
    return this.pcap?.interface ? [this.pcap.interface] : [];
  }

  /** Sections so far; 1 for classic pcap. */
  get sections(): number {
    return this.pcapng?.sections ?? (this.pcap === null ? 0 : 1);
  }

  /** How many blocks of each pcapng type were read; empty for classic pcap. */
  get blocks(): ReadonlyMap<number, number> {
    return this.pcapng?.blocks ?? new Map();
  }

  /** What the capture was, given that nothing follows. */
  end(): CaptureOutcome {
    const bytes = this.window.received;
    const frames = this.frame.number;
    const fault = this.fault;
    if (fault?.kind === 'corrupt') {
      return { kind: 'corrupt', frames, bytes, offset: fault.offset, reason: fault.reason };
    }
    if (fault !== null) return { kind: 'not-capture', frames: 0, bytes, reason: fault.reason };
    if (this.container === null) {
      return {
        kind: 'not-capture',
        frames: 0,
        bytes,
        reason: bytes === 0 ? 'it is empty' : 'it is too short',
      };
    }
    if (!this.container.atBoundary) return { kind: 'cut-off', frames, bytes, offset: this.window.offset };
    return { kind: 'complete', frames, bytes };
  }

  private recognise(): boolean {
    if (this.unknown !== null) return false;
    const w = this.window;
    if (!w.fill(4)) return false;
    const magic = w.view.getUint32(w.position, false);
    if (magic === BlockType.sectionHeader) {
      this.pcapng = new PcapngReader(w, this.frame);
      this.container = this.pcapng;
      return true;
    }
    const format = pcapFormat(magic) ?? pcapFormat(w.view.getUint32(w.position, true), true);
    if (format !== null) {
      this.pcap = new PcapReader(w, this.frame, format);
      this.container = this.pcap;
      return true;
    }
    this.unknown = { kind: 'not-capture', offset: 0, reason: unknownMagic(magic) };
    return false;
  }
}

function pcapFormat(magic: number, littleEndian = false): PcapFormat | null {
  if (magic === PCAP_MAGIC_MICROSECONDS) return { littleEndian, nsPerTick: 1000 };
  if (magic === PCAP_MAGIC_NANOSECONDS) return { littleEndian, nsPerTick: 1 };
  return null;
}

function unknownMagic(magic: number): string {
  const known = magic >>> 16 === GZIP_MAGIC ? 'compressed with gzip; decompress it first' : undefined;
  return known ?? OTHER_MAGICS.get(magic) ?? `it begins with ${magic.toString(16).padStart(8, '0')}`;
}
