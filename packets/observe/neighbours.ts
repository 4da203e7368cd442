import type { NeighbourRecord } from './records.ts';

/**
 * Neighbours by port, protocol, chassis and port id (the MSAP identifier of IEEE 802.1AB 3.1); the one heard
 * longest ago makes room.
 */
export class Neighbours {
  evicted = 0;
  private readonly limit: number;
  /** Insertion order is the order of hearing: an entry is set anew each time. */
  private readonly byId = new Map<string, NeighbourRecord>();
  private readonly changed = new Set<string>();

  constructor(limit: number) {
    this.limit = Math.max(1, limit);
  }

  hear(record: NeighbourRecord): void {
    const id = idOf(record);
    const known = this.byId.get(id);
    if (known !== undefined) {
      this.byId.delete(id);
      record.firstSeenMs = known.firstSeenMs;
    } else if (this.byId.size === this.limit) {
      const [oldest] = this.byId.keys();
      this.byId.delete(oldest);
      this.changed.delete(oldest);
      this.evicted++;
    }
    this.byId.set(id, record);
    this.changed.add(id);
  }

  /** Without those whose last frame was a goodbye (TTL 0, IEEE 802.1AB 9.2.7.9), newest first. */
  present(): NeighbourRecord[] {
    return [...this.byId.values()].filter((neighbour) => neighbour.ttlS > 0).reverse();
  }

  forget(isOne: (record: NeighbourRecord) => boolean): number {
    let count = 0;
    for (const [id, record] of this.byId) {
      if (!isOne(record)) continue;
      this.byId.delete(id);
      this.changed.delete(id);
      count++;
    }
    return count;
  }

  takeChanged(): NeighbourRecord[] {
    const records: NeighbourRecord[] = [];
    for (const id of this.changed) {
      const record = this.byId.get(id);
      if (record === undefined) continue;
      records.push(record);
      if (record.ttlS === 0) this.byId.delete(id);
    }
    this.changed.clear();
    return records;
  }
}

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
