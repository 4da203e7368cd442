import { OutputBuffer } from '../../packets/pcap/output.ts';
import { PcapngWriter } from '../../packets/pcap/pcapng-writer.ts';
import { isWholeSection, sectionOfClient } from '../../packets/trigger/section-of-client.ts';
import type { Pcap } from '../../protocol/messages/pcap.ts';

const APPLICATION = 'airherd';
/** What waits for one reader, at most; what comes while that is full is left out. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const MAX_READERS = 64;

/** Which parts of captures a reader wants. */
export interface Wanted {
  orgId: string;
  serial?: string;
  /** Captures about it, and its frames out of captures that are about nobody in particular. */
  client?: Uint8Array;
  trigger?: Pcap['trigger'];
}

/** A section header without frames: what is behind it is a valid file from the first byte on. */
function emptySection(comment?: string): Uint8Array {
  const writer = new PcapngWriter(new OutputBuffer(256));
  writer.section(APPLICATION, comment);
  return writer.output.pending();
}

/** The section to give to this reader; null when it has nothing of what it wants. */
export function wantedSection({ client, trigger }: Wanted, message: Pcap): Uint8Array | null {
  if (trigger !== undefined && message.trigger !== trigger) return null;
  if (message.packets === 0 || !isWholeSection(message.section)) return null;
  if (client === undefined) return message.section;
  if (message.client === undefined) return sectionOfClient(message.section, client);
  return Buffer.compare(message.client, client) === 0 ? message.section : null;
}

/** One reader of captures as they are committed. */
export class LiveReader {
  readonly wanted: Wanted;
  /** Left out because the reader is slower than the captures. */
  dropped = { parts: 0, packets: 0 };
  private readonly queue: Uint8Array[] = [];
  private waitingBytes = 0;
  private untold = { parts: 0, packets: 0 };
  private closed = false;
  private wake: () => void = () => {};

  constructor(wanted: Wanted) {
    this.wanted = wanted;
  }

  offer(message: Pcap): void {
    const section = wantedSection(this.wanted, message);
    if (section === null || this.closed) return;
    if (this.waitingBytes + section.length > MAX_WAITING_BYTES) {
      for (const counts of [this.dropped, this.untold]) {
        counts.parts++;
        counts.packets += message.packets;
      }
      return;
    }
    this.tellDropped();
    this.push(section);
  }

  /** Ends `sections`, at once. */
  close(): void {
    this.closed = true;
    this.queue.length = 0;
    this.wake();
  }

  /** First `earlier`, then what comes, until `close`. Whole pcapng sections, put end to end a valid file. */
  async *sections(earlier: Iterable<Uint8Array>): AsyncGenerator<Buffer> {
    yield Buffer.from(emptySection());
    for (const section of earlier) {
      if (this.closed) return;
      yield Buffer.from(section);
    }
    while (!this.closed) {
      const next = this.queue.shift();
      if (next !== undefined) {
        this.waitingBytes -= next.length;
        yield Buffer.from(next);
      } else if (this.untold.parts > 0) this.tellDropped();
      else {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    }
  }

  /** Says, where they would have stood, that parts are missing. */
  private tellDropped(): void {
    const { parts, packets } = this.untold;
    if (parts === 0) return;
    this.untold = { parts: 0, packets: 0 };
    const comment = `${parts} parts with ${packets} frames are missing here: the reader was too slow`;
    this.push(emptySection(comment));
  }

  private push(section: Uint8Array): void {
    this.queue.push(section);
    this.waitingBytes += section.length;
    this.wake();
  }
}

/** Who reads captures as they come. */
export class LiveCaptures {
  private readonly readers = new Set<LiveReader>();

  /** Null when there are as many readers as there may be. */
  open(wanted: Wanted): LiveReader | null {
    if (this.readers.size >= MAX_READERS) return null;
    const reader = new LiveReader(wanted);
    this.readers.add(reader);
    return reader;
  }

  close(reader: LiveReader): void {
    reader.close();
    this.readers.delete(reader);
  }

  /** A part that is on the disk now. */
  committed(orgId: string, serial: string, message: Pcap): void {
    for (const reader of this.readers) {
      const { wanted } = reader;
      if (wanted.orgId === orgId && (wanted.serial ?? serial) === serial) reader.offer(message);
    }
  }
}
