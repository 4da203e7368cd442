import type { CaptureInterface } from '../../packets/pcap/frame.ts';
import { Frame } from '../../packets/pcap/frame.ts';
import { OutputBuffer } from '../../packets/pcap/output.ts';
import { type SliceOptions, STRICT } from '../../packets/slice/options.ts';
import { SlicedWriter } from '../../packets/slice/sliced-writer.ts';
import { Slicer } from '../../packets/slice/slicer.ts';
import type { CapturedFrame } from '../../platform/ports/source.ts';

const NS_PER_SECOND = 1_000_000_000n;

export interface Section {
  bytes: Buffer;
  packets: number;
  bytesSeen: number;
  bytesKept: number;
  fromMs: number;
  toMs: number;
}

/** Frames of a source, sliced into whole pcapng sections. */
export class FrameSlicer {
  private readonly slicer: Slicer;
  private readonly output = new OutputBuffer();
  private readonly frame = new Frame();
  private readonly interfaces = new Map<string, CaptureInterface>();
  private writer: SlicedWriter | null = null;
  private fromMs = 0;
  private toMs = 0;

  constructor(options: SliceOptions = STRICT) {
    this.slicer = new Slicer(options);
  }

  write(captured: CapturedFrame): void {
    if (!this.writer) {
      this.output.clear();
      this.interfaces.clear();
      this.writer = new SlicedWriter(this.slicer, this.output);
    }
    const { frame } = this;
    frame.buffer = captured.bytes;
    frame.start = 0;
    frame.end = captured.bytes.length;
    frame.originalLength = captured.originalLength;
    frame.linkType = captured.linkType;
    frame.seconds = Number(captured.timeNs / NS_PER_SECOND);
    frame.nanoseconds = Number(captured.timeNs % NS_PER_SECOND);
    frame.number = captured.number;
    frame.interface = this.interfaceOf(captured);
    const timeMs = frame.seconds * 1000 + Math.floor(frame.nanoseconds / 1e6);
    this.fromMs = this.writer.frames === 0 ? timeMs : Math.min(this.fromMs, timeMs);
    this.toMs = this.writer.frames === 0 ? timeMs : Math.max(this.toMs, timeMs);
    this.writer.write(frame);
  }

  /** Bytes of the section so far. */
  get length(): number {
    return this.writer ? this.output.length : 0;
  }

  /** What was written since the last call, or null when that is nothing. */
  takeSection(): Section | null {
    const { writer } = this;
    if (!writer) return null;
    this.writer = null;
    return {
      bytes: Buffer.from(this.output.pending()),
      packets: writer.frames,
      bytesSeen: writer.bytesSeen,
      bytesKept: writer.bytesKept,
      fromMs: Math.max(0, this.fromMs),
      toMs: Math.max(0, this.toMs),
    };
  }

  private interfaceOf({ interfaceName, linkType }: CapturedFrame): CaptureInterface {
    const key = `${linkType} ${interfaceName}`;
    let found = this.interfaces.get(key);
    if (!found) {
      found = {
        id: this.interfaces.size,
        section: 0,
        linkType,
        snapLength: 0,
        name: interfaceName,
        fcsLength: null,
        ticksPerSecond: NS_PER_SECOND,
        dropped: null,
      };
      this.interfaces.set(key, found);
    }
    return found;
  }
}
