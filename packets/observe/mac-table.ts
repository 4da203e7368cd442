/** Arrays of so few numbers are kept by V8 in the objects themselves. */
const SMALLEST = 4;

/**
 * Values by MAC address, the most recently touched first, at most `limit` of them: adding one more removes the
 * one touched longest ago. Everything is O(1) and allocates only when the table grows. An address is two
 * numbers, its first four bytes and its last two, so that looking one up makes no string.
 */
export class MacTable<T> {
  readonly limit: number;
  /** Entries that were removed to make room. */
  evicted = 0;
  count = 0;
  /** By entry; the entries in use are those on the list. */
  values: (T | undefined)[] = [];
  private readonly seed: number;
  private capacity = SMALLEST;
  private mask = 2 * SMALLEST - 1;
  /** Open addressing with linear probing: entry + 1, or 0. At most half of the slots are in use. */
  private slots = new Int32Array(2 * SMALLEST);
  private high = new Int32Array(SMALLEST);
  private low = new Int32Array(SMALLEST);
  private newer = new Int32Array(SMALLEST);
  private older = new Int32Array(SMALLEST);
  private stamps = new Float64Array(SMALLEST);
  private newest = -1;
  private oldest = -1;

  /** @param seed mixed into the hash, so that nobody who knows this file can choose addresses that collide. */
  constructor(limit: number, seed = 0) {
    this.limit = Math.max(1, limit);
    this.seed = seed | 0;
  }

  /** Entry of an address, or −1. */
  find(high: number, low: number): number {
    const h = high | 0;
    for (let slot = this.slotOf(h, low); ; slot = (slot + 1) & this.mask) {
      const entry = this.slots[slot] - 1;
      if (entry < 0) return -1;
      if (this.high[entry] === h && this.low[entry] === low) return entry;
    }
  }

  get(high: number, low: number): T | undefined {
    const entry = this.find(high, low);
    return entry < 0 ? undefined : this.values[entry];
  }

  /** The value that `add` would remove now, unless it was touched at `stamp` or there is room; to be used again. */
  leaving(stamp: number): T | undefined {
    return this.count < this.limit || this.stamps[this.oldest] === stamp
      ? undefined
      : this.values[this.oldest];
  }

  /** Adds an address that is not there yet, as the newest. Returns its entry. */
  add(high: number, low: number, value: T, stamp: number): number {
    let entry: number;
    if (this.count === this.limit) {
      entry = this.oldest;
      this.unlink(entry);
      this.removeSlot(entry);
      this.evicted++;
    } else {
      if (this.count === this.capacity) this.grow();
      entry = this.count++;
    }
    this.high[entry] = high;
    this.low[entry] = low;
    this.values[entry] = value;
    this.stamps[entry] = stamp;
    this.linkNewest(entry);
    this.insertSlot(entry);
    return entry;
  }

  /** Makes an entry the newest. `stamp` must not decrease. */
  touch(entry: number, stamp: number): void {
    this.stamps[entry] = stamp;
    if (this.newest === entry) return;
    this.unlink(entry);
    this.linkNewest(entry);
  }

  /** Newest first, those touched after `stamp` only. */
  *touchedSince(stamp: number): Generator<T> {
    for (let entry = this.newest; entry >= 0 && this.stamps[entry] > stamp; entry = this.older[entry]) {
      yield this.values[entry] as T;
    }
  }

  /** Touches what `isOne` picks. Goes through all. */
  touchWhere(isOne: (value: T) => boolean, stamp: number): void {
    const picked: number[] = [];
    for (let entry = this.oldest; entry >= 0; entry = this.newer[entry]) {
      if (isOne(this.values[entry] as T)) picked.push(entry);
    }
    for (const entry of picked) this.touch(entry, stamp);
  }

  /** Removes what `isOne` picks; the order of the others stays. Returns how many. Goes through all. */
  removeWhere(isOne: (value: T) => boolean): number {
    const kept: { high: number; low: number; value: T; stamp: number }[] = [];
    const before = this.count;
    for (let entry = this.oldest; entry >= 0; entry = this.newer[entry]) {
      const value = this.values[entry] as T;
      if (isOne(value)) continue;
      kept.push({ high: this.high[entry], low: this.low[entry], value, stamp: this.stamps[entry] });
    }
    if (kept.length === before) return 0;
    this.slots.fill(0);
    this.values.length = 0;
    this.count = 0;
    this.newest = -1;
    this.oldest = -1;
    for (const { high, low, value, stamp } of kept) this.add(high, low, value, stamp);
    return before - kept.length;
  }

  private slotOf(high: number, low: number): number {
    let h = Math.imul(high ^ this.seed, 0x9e3779b1) ^ Math.imul(low + this.seed, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
    return (h ^ (h >>> 13)) & this.mask;
  }

  private insertSlot(entry: number): void {
    let slot = this.slotOf(this.high[entry], this.low[entry]);
    while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask;
    this.slots[slot] = entry + 1;
  }

  /** Moves later entries of the run back, so that no search ends early at the hole. */
  private removeSlot(entry: number): void {
    let hole = this.slotOf(this.high[entry], this.low[entry]);
    while (this.slots[hole] !== entry + 1) hole = (hole + 1) & this.mask;
    for (let slot = (hole + 1) & this.mask; this.slots[slot] !== 0; slot = (slot + 1) & this.mask) {
      const moved = this.slots[slot] - 1;
      const home = this.slotOf(this.high[moved], this.low[moved]);
      if (((slot - home) & this.mask) < ((slot - hole) & this.mask)) continue;
      this.slots[hole] = moved + 1;
      hole = slot;
    }
    this.slots[hole] = 0;
  }

  private linkNewest(entry: number): void {
    this.newer[entry] = -1;
    this.older[entry] = this.newest;
    if (this.newest >= 0) this.newer[this.newest] = entry;
    else this.oldest = entry;
    this.newest = entry;
  }

  private unlink(entry: number): void {
    const newer = this.newer[entry];
    const older = this.older[entry];
    if (newer >= 0) this.older[newer] = older;
    else this.newest = older;
    if (older >= 0) this.newer[older] = newer;
    else this.oldest = newer;
  }

  private grow(): void {
    this.capacity = Math.min(this.limit, this.capacity * 2);
    this.high = resized(this.high, this.capacity);
    this.low = resized(this.low, this.capacity);
    this.newer = resized(this.newer, this.capacity);
    this.older = resized(this.older, this.capacity);
    const stamps = new Float64Array(this.capacity);
    stamps.set(this.stamps.subarray(0, this.count));
    this.stamps = stamps;
    while (this.mask + 1 < 2 * this.capacity) this.mask = 2 * this.mask + 1;
    this.slots = new Int32Array(this.mask + 1);
    for (let entry = 0; entry < this.count; entry++) this.insertSlot(entry);
  }
}

function resized(from: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(length);
  to.set(from.subarray(0, Math.min(from.length, length)));
  return to;
}
