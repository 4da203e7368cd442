import { macText } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import { type Announcement, announcementHash } from './announcement.ts';
import type { FrameMeta } from './frame-meta.ts';
import type { NeighbourRecord } from './records.ts';

const MAC_BYTES = 6;

interface Neighbour {
  id: string;
  /** As it was first heard to say this. */
  record: NeighbourRecord;
  lastSeenMs: number;
  /** By the time that passes for all, milliseconds. */
  heardMs: number;
  frame: number;
  /** Of the frame in which it said so again; null while there is none. */
  sourceMac: Uint8Array | null;
  /** What it said; null for what a daemon reported. */
  announcement: Announcement | null;
}

/**
 * Neighbours by port, protocol, chassis and port id (the MSAP identifier of IEEE 802.1AB 3.1); the one heard
 * longest ago makes room.
 */
export class Neighbours {
  evicted = 0;
  /** By which their time to live passes, milliseconds. */
  nowMs = 0;
  private readonly limit: number;
  /** Insertion order is the order of hearing: an entry is set anew each time. */
  private readonly byId = new Map<string, Neighbour>();
  private readonly byAnnouncement = new Map<number, Neighbour>();
  private readonly changed = new Set<string>();

  constructor(limit: number) {
    this.limit = Math.max(1, limit);
  }

  /** @param announcement the frame that said so; where it comes again, `hearAgain` is enough */
  hear(record: NeighbourRecord, announcement: Announcement | null = null): void {
    const id = idOf(record);
    const known = this.byId.get(id);
    if (known !== undefined) {
      this.remove(known);
      record.firstSeenMs = known.record.firstSeenMs;
    } else if (this.byId.size === this.limit) {
      const [oldest] = this.byId.values();
      this.remove(oldest);
      this.changed.delete(oldest.id);
      this.evicted++;
    }
    const { lastSeenMs, provenance } = record;
    const { frame } = provenance;
    const { nowMs: heardMs } = this;
    const neighbour: Neighbour = { id, record, lastSeenMs, heardMs, frame, sourceMac: null, announcement };
    this.byId.set(id, neighbour);
    if (announcement !== null) this.byAnnouncement.set(announcement.hash, neighbour);
    this.changed.add(id);
  }

  /**
   * True when layer `i` repeats, byte for byte, what a neighbour here said last; when and from which address is
   * noted then.
   */
  hearAgain(d: Dissection, i: number, sourceAt: number, meta: FrameMeta): boolean {
    const neighbour = this.byAnnouncement.get(announcementHash(d, i));
    if (!neighbour?.announcement?.isSame(d, i, meta.interfaceName)) return false;
    neighbour.sourceMac ??= new Uint8Array(MAC_BYTES);
    for (let k = 0; k < MAC_BYTES; k++) neighbour.sourceMac[k] = d.frame[sourceAt + k];
    neighbour.lastSeenMs = meta.timeMs;
    neighbour.heardMs = this.nowMs;
    neighbour.frame = meta.number;
    this.byId.delete(neighbour.id);
    this.byId.set(neighbour.id, neighbour);
    this.changed.add(neighbour.id);
    return true;
  }

  /** Without those whose last frame was a goodbye (TTL 0, IEEE 802.1AB 9.2.7.9), newest first. */
  present(): NeighbourRecord[] {
    return [...this.byId.values()]
      .filter(({ record }) => record.ttlS > 0)
      .map(recordOf)
      .reverse();
  }

  /** Whose time to live is over is gone, as if it had said goodbye (IEEE 802.1AB 9.2.7.4, rxInfoTTL). */
  age(): void {
    for (const neighbour of this.byId.values()) {
      const { record, heardMs, id } = neighbour;
      if (record.ttlS === 0 || this.nowMs - heardMs < record.ttlS * 1000) continue;
      record.ttlS = 0;
      this.changed.add(id);
    }
  }

  forget(isOne: (record: NeighbourRecord) => boolean): number {
    let count = 0;
    for (const neighbour of this.byId.values()) {
      if (!isOne(recordOf(neighbour))) continue;
      this.remove(neighbour);
      this.changed.delete(neighbour.id);
      count++;
    }
    return count;
  }

  takeChanged(): NeighbourRecord[] {
    const records: NeighbourRecord[] = [];
    for (const id of this.changed) {
      const neighbour = this.byId.get(id);
      if (neighbour === undefined) continue;
      records.push(recordOf(neighbour));
      if (neighbour.record.ttlS === 0) this.remove(neighbour);
    }
    this.changed.clear();
    return records;
  }

  private remove(neighbour: Neighbour): void {
    this.byId.delete(neighbour.id);
    const hash = neighbour.announcement?.hash;
    if (hash !== undefined && this.byAnnouncement.get(hash) === neighbour) this.byAnnouncement.delete(hash);
  }
}

const recordOf = ({ record, lastSeenMs, frame, sourceMac }: Neighbour): NeighbourRecord => ({
  ...record,
  sourceMac: sourceMac === null ? record.sourceMac : macText(sourceMac, 0),
  lastSeenMs,
  provenance: { frame },
});

/** The lengths tell where each text ends, whatever is in it. */
function idOf({
  port,
  protocol,
  chassisIdSubtype,
  chassisId,
  portIdSubtype,
  portId,
}: NeighbourRecord): string {
  const numbers = `${chassisIdSubtype} ${portIdSubtype} ${port.length} ${chassisId.length}`;
  return `${protocol} ${numbers} ${port}${chassisId}${portId}`;
}
