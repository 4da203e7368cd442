import type { FileStore } from '../ports/files.ts';

/** What a full disk says. */
export class NoSpaceError extends Error {
  readonly code = 'ENOSPC';
  constructor() {
    super('ENOSPC: no space left on device');
  }
}

/**
 * A folder in memory that can run full, and lose at a power cut what was not synced, to the byte that the
 * test chooses.
 */
export class MemoryFiles implements FileStore {
  readonly contents = new Map<string, Buffer>();
  /** Bytes that fit; a write beyond takes what fits and fails, as a real one does. */
  capacityBytes = Number.POSITIVE_INFINITY;
  private readonly synced = new Map<string, number>();
  /** Where a file's contents lie, with room for more: appending is not to copy the whole of it. */
  private readonly rooms = new Map<string, Buffer>();

  async list(): Promise<string[]> {
    return [...this.contents.keys()].sort();
  }

  async read(name: string): Promise<Buffer> {
    const bytes = this.contents.get(name);
    if (!bytes) throw new Error(`ENOENT: ${name}`);
    return Buffer.from(bytes);
  }

  async append(name: string, bytes: Uint8Array): Promise<void> {
    const before = this.contents.get(name) ?? Buffer.alloc(0);
    const freeBytes = Math.max(0, this.capacityBytes - this.usedBytes);
    const fitting = bytes.subarray(0, freeBytes);
    const length = before.length + fitting.length;
    let room = this.rooms.get(name);
    if (room === undefined || room.buffer !== before.buffer || room.length < length) {
      room = Buffer.alloc(2 * length);
      room.set(before);
      this.rooms.set(name, room);
    }
    room.set(fitting, before.length);
    this.contents.set(name, room.subarray(0, length));
    if (freeBytes < bytes.length) throw new NoSpaceError();
  }

  async replace(name: string, bytes: Uint8Array): Promise<void> {
    const others = this.usedBytes - (this.contents.get(name)?.length ?? 0);
    if (others + bytes.length > this.capacityBytes) throw new NoSpaceError();
    this.contents.set(name, Buffer.from(bytes));
    this.synced.set(name, bytes.length);
  }

  async sync(name: string): Promise<void> {
    this.synced.set(name, this.contents.get(name)?.length ?? 0);
  }

  async truncate(name: string, length: number): Promise<void> {
    const bytes = this.contents.get(name);
    if (bytes) this.contents.set(name, bytes.subarray(0, length));
    this.synced.set(name, Math.min(length, this.synced.get(name) ?? 0));
  }

  async remove(name: string): Promise<void> {
    this.contents.delete(name);
    this.rooms.delete(name);
    this.synced.delete(name);
  }

  get usedBytes(): number {
    let total = 0;
    for (const bytes of this.contents.values()) total += bytes.length;
    return total;
  }

  /** Cuts every file to what was synced plus at most `extraBytes` of what was not. */
  powerCut(extraBytes = 0): void {
    for (const [name, bytes] of this.contents) {
      const kept = (this.synced.get(name) ?? 0) + extraBytes;
      this.contents.set(name, bytes.subarray(0, kept));
    }
  }
}
