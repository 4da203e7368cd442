import type { CaptureInterface, Frame } from '../pcap/frame.ts';
import type { OutputBuffer } from '../pcap/output.ts';
import { encodeOptions, type PcapngFrameOptions, PcapngWriter } from '../pcap/pcapng-writer.ts';
import { flagsText } from './flags.ts';
import type { Slicer } from './slicer.ts';

/** Written into the section header, and all that there is about the writer. */
export const APPLICATION = 'airherd';

/** Frames of which the same was cut and zeroed, and the comment that they have. */
interface Tally {
  frames: number;
  options: PcapngFrameOptions;
  /** Empty for whole ones. */
  text: string;
}

/**
 * Writes sliced frames as one pcapng section with interface blocks of its own. Nothing but frames comes over
 * from an input: not its comments, filters, names, statistics, name resolutions or decryption secrets.
 * Each frame has a comment that says what was cut and zeroed, unless it is whole.
 */
export class SlicedWriter {
  readonly output: OutputBuffer;
  frames = 0;
  /** On the wire, and written. */
  bytesSeen = 0;
  bytesKept = 0;
  /** By what was cut and zeroed. */
  private readonly tallies = new Map<number, Tally>();
  private lastKey = -1;
  private tally: Tally = { frames: 0, options: {}, text: '' };
  private readonly slicer: Slicer;
  private readonly writer: PcapngWriter;
  private readonly ids = new Map<CaptureInterface, number>();
  private lastInterface: CaptureInterface | null = null;
  private lastId = 0;

  constructor(slicer: Slicer, output: OutputBuffer) {
    this.slicer = slicer;
    this.output = output;
    this.writer = new PcapngWriter(output);
    this.writer.section(APPLICATION);
  }

  write(frame: Frame): void {
    const { buffer, start, originalLength } = frame;
    const slicer = this.slicer;
    const kept = slicer.measure(
      buffer,
      start,
      frame.end - start,
      originalLength,
      frame.linkType,
      frame.fcsLength,
    );
    const id = frame.interface === this.lastInterface ? this.lastId : this.idOf(frame);
    const key = (slicer.zeroed << 4) | slicer.cut;
    if (key !== this.lastKey) this.turnTo(key);
    this.tally.frames++;
    const at = this.writer.frame(
      id,
      frame.seconds,
      frame.nanoseconds,
      buffer,
      start,
      start + kept,
      originalLength,
      this.tally.options,
    );
    slicer.zeroInto(this.output.view, at);
    this.frames++;
    this.bytesSeen += originalLength;
    this.bytesKept += kept;
  }

  /** How often each comment was written, most frequent first; whole frames are `whole`. */
  summary(): Record<string, number> {
    const rows = [...this.tallies.values()].map(({ text, frames }) => [text || 'whole', frames] as const);
    return Object.fromEntries(rows.sort((a, b) => b[1] - a[1]));
  }

  private idOf(frame: Frame): number {
    const known = this.ids.get(frame.interface);
    const id =
      known ??
      this.writer.interface({
        linkType: frame.linkType,
        fcsLength: frame.fcsLength >= 0 ? frame.fcsLength : undefined,
      });
    this.ids.set(frame.interface, id);
    this.lastInterface = frame.interface;
    this.lastId = id;
    return id;
  }

  private turnTo(key: number): void {
    let tally = this.tallies.get(key);
    if (tally === undefined) {
      const text = flagsText(key & 15, key >> 4);
      const encoded = encodeOptions(text === '' ? {} : { comment: text });
      tally = { frames: 0, options: { encoded }, text };
      this.tallies.set(key, tally);
    }
    this.lastKey = key;
    this.tally = tally;
  }
}
