const EMPTY = new Uint8Array(0);

/**
 * A run of contiguous bytes over a stream of chunks. Bytes are looked at where they arrived; only a record that
 * crosses the edge of a chunk is copied, into a buffer that grows with the bytes that have really come and is
 * kept. After `fill` has returned false, the chunk that was fed is not referred to any more.
 */
export class ByteWindow {
  buffer: Uint8Array = EMPTY;
  view: DataView = new DataView(EMPTY.buffer);
  /** The unread bytes are buffer[position..limit). */
  position = 0;
  limit = 0;
  /** All bytes that were fed. */
  received = 0;

  private origin = 0;
  private carry: Uint8Array = EMPTY;
  private pending: Uint8Array | null = null;
  private pendingFrom = 0;
  private pendingOrigin = 0;
  private skipping = 0;

  /** Offset of `position` from the start of the stream. */
  get offset(): number {
    return this.origin + this.position;
  }

  /** True in the middle of what `skip` was asked to pass over. */
  get isSkipping(): boolean {
    return this.skipping > 0;
  }

  feed(chunk: Uint8Array): void {
    const origin = this.received;
    this.received += chunk.length;
    if (this.position === this.limit) {
      this.show(chunk, 0, chunk.length, origin);
      this.skip(this.skipping);
      return;
    }
    this.pending = chunk;
    this.pendingFrom = 0;
    this.pendingOrigin = origin;
  }

  /** Makes `length` bytes stand together from `position` on, or keeps what there is and returns false. */
  fill(length: number): boolean {
    if (this.pending !== null && this.position === this.limit) this.showPending();
    if (this.limit - this.position >= length) return true;
    if (this.pending === null) {
      this.keepTail();
      return false;
    }
    const missing = length - (this.limit - this.position);
    const taken = Math.min(missing, this.pending.length - this.pendingFrom);
    this.append(this.pending, this.pendingFrom, taken);
    this.pendingFrom += taken;
    if (taken === missing) return true;
    this.pending = null;
    return false;
  }

  /** Passes over `length` bytes, those that have not come yet included. */
  skip(length: number): void {
    let left = length;
    for (;;) {
      const here = Math.min(left, this.limit - this.position);
      this.position += here;
      left -= here;
      if (left === 0 || this.pending === null) break;
      this.showPending();
    }
    this.skipping = left;
  }

  private showPending(): void {
    const chunk = this.pending ?? EMPTY;
    this.pending = null;
    this.show(chunk, this.pendingFrom, chunk.length, this.pendingOrigin);
  }

  private show(buffer: Uint8Array, from: number, to: number, origin: number): void {
    this.buffer = buffer;
    this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    this.position = from;
    this.limit = to;
    this.origin = origin;
  }

  private keepTail(): void {
    if (this.buffer === this.carry) return;
    const { buffer, position, limit } = this;
    const origin = this.offset;
    this.reserve(limit - position);
    this.carry.set(buffer.subarray(position, limit), 0);
    this.show(this.carry, 0, limit - position, origin);
  }

  private append(chunk: Uint8Array, from: number, length: number): void {
    const needed = this.limit + length;
    if (needed > this.carry.length) {
      const { position, limit, origin } = this;
      this.reserve(needed);
      this.show(this.carry, position, limit, origin);
    }
    this.carry.set(chunk.subarray(from, from + length), this.limit);
    this.limit = needed;
  }

  private reserve(length: number): void {
    if (length <= this.carry.length) return;
    const grown = new Uint8Array(Math.max(length, 2 * this.carry.length, 2048));
    grown.set(this.carry);
    this.carry = grown;
  }
}
