const FIRST_CAPACITY = 256 * 1024;
/** Up to this, copying words in a loop costs less than the call and the view that `set` needs (measured). */
const SHORT_COPY = 320;

/**
 * What a writer appends to and its owner empties: `write(output.pending()); output.clear();`, or, to go on
 * writing meanwhile, `writing = write(output.take())`. It grows only when a single record is longer than it is, so that it is emptied often enough.
 */
export class OutputBuffer {
  bytes: Uint8Array;
  view: DataView;
  length = 0;
  private spare: Uint8Array | null = null;
  private source: Uint8Array;
  private sourceView: DataView;

  constructor(capacity = FIRST_CAPACITY) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
    this.source = this.bytes;
    this.sourceView = this.view;
  }

  /** What was written since `clear`, not copied: valid until the next write. */
  pending(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }

  /**
   * What was written since it was last emptied. Writing goes on in a second buffer, so these bytes stand until
   * `take` is called again: they can be on their way out meanwhile.
   */
  take(): Uint8Array {
    const taken = this.pending();
    const spare = this.spare ?? new Uint8Array(this.bytes.length);
    this.spare = this.bytes;
    this.bytes = spare;
    this.view = new DataView(spare.buffer);
    this.length = 0;
    return taken;
  }

  /** Makes room for `count` bytes and returns where they begin. */
  reserve(count: number): number {
    const at = this.length;
    const end = at + count;
    if (end > this.bytes.length) this.grow(end);
    this.length = end;
    return at;
  }

  /** Copies source[start..end) to `at`, which was reserved. */
  copy(at: number, source: Uint8Array, start: number, end: number): void {
    if (end - start > SHORT_COPY) {
      this.bytes.set(source.subarray(start, end), at);
      return;
    }
    if (source !== this.source) {
      this.source = source;
      this.sourceView = new DataView(source.buffer, source.byteOffset, source.byteLength);
    }
    const { bytes, view, sourceView } = this;
    let from = start;
    let to = at;
    for (const last = end - 16; from <= last; from += 16, to += 16) {
      view.setInt32(to, sourceView.getInt32(from, true), true);
      view.setInt32(to + 4, sourceView.getInt32(from + 4, true), true);
      view.setInt32(to + 8, sourceView.getInt32(from + 8, true), true);
      view.setInt32(to + 12, sourceView.getInt32(from + 12, true), true);
    }
    for (const last = end - 4; from <= last; from += 4, to += 4) {
      view.setInt32(to, sourceView.getInt32(from, true), true);
    }
    for (; from < end; from++, to++) bytes[to] = source[from];
  }

  private grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}
