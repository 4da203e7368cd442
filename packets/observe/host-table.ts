import { u16, u32 } from '../bytes.ts';
import { Host } from './host.ts';
import { MacTable } from './mac-table.ts';
import type { ManufacturerOf } from './manufacturer.ts';

const isGroup = (b: Uint8Array, at: number): boolean => (b[at] & 1) !== 0;
const isZero = (b: Uint8Array, at: number): boolean => u32(b, at) === 0 && u16(b, at + 4) === 0;

/** Hosts by MAC address, bounded; the newest changes first. */
export class HostTable {
  private readonly table: MacTable<Host>;
  private readonly manufacturerOf: ManufacturerOf | undefined;
  /** Counts frames; an entry that was touched by one bears its number. */
  stamp = 0;
  /** By which those who say nothing grow old, milliseconds. */
  nowMs = 0;

  constructor(limit: number, seed: number, manufacturerOf: ManufacturerOf | undefined) {
    this.table = new MacTable(limit, seed);
    this.manufacturerOf = manufacturerOf;
  }

  get count(): number {
    return this.table.count;
  }

  get evicted(): number {
    return this.table.evicted;
  }

  /** The host that transmitted this frame, known or new; null when the address cannot be a transmitter's. */
  transmitter(b: Uint8Array, at: number, frame: number, timeMs: number): Host | null {
    const host = this.obtain(b, at, frame, timeMs);
    if (host === null) return null;
    host.frames++;
    this.hear(host, timeMs);
    return host;
  }

  /** It was heard itself. */
  hear(host: Host, timeMs: number): void {
    host.lastSeenMs = timeMs;
    host.heardMs = this.nowMs;
  }

  /** The host of an address that others vouch for, known or new. */
  obtain(b: Uint8Array, at: number, frame: number, timeMs: number): Host | null {
    const known = this.known(b, at);
    if (known !== undefined) return known;
    if (isGroup(b, at) || isZero(b, at)) return null;
    const high = u32(b, at);
    const low = u16(b, at + 4);
    // Where senders are many, each new one drives an old one out: garbage that would have grown old first.
    const host = this.table.leaving(this.stamp) ?? new Host(this.manufacturerOf);
    host.begin(high, low, frame, timeMs);
    host.heardMs = this.nowMs;
    this.table.add(high, low, host, this.stamp);
    return host;
  }

  /** The host of an address, marked as changed; undefined when it was never heard of. */
  known(b: Uint8Array, at: number): Host | undefined {
    const entry = this.table.find(u32(b, at), u16(b, at + 4));
    if (entry < 0) return undefined;
    this.table.touch(entry, this.stamp);
    return this.table.values[entry];
  }

  /** Forgets hosts, whole. Returns how many. */
  forget(isOne: (host: Host) => boolean): number {
    return this.table.removeWhere(isOne);
  }

  /** Who was not heard for so long has left, and has changed; who only passed by is forgotten. */
  age(idleMs: number): void {
    const beforeMs = this.nowMs - idleMs;
    this.table.removeWhere((host) => host.wifi?.state === 'probing' && host.heardMs <= beforeMs);
    this.stamp++;
    this.table.touchWhere((host) => host.leave(beforeMs), this.stamp);
  }

  changedSince(stamp: number): Generator<Host> {
    return this.table.touchedSince(stamp);
  }
}
