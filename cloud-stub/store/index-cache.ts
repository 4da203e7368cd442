import { blindIndex } from './seal.ts';

/** Enough for the clients of ten thousand access points; some 25 MB when it is full. */
const KEPT = 262_144;
const INDEX_BYTES = 16;
const SLAB = 4096;

/** Blind indexes of one store, remembered: an HMAC is most of what an entry of a signal message costs. */
export class IndexCache {
  readonly #key: Buffer;
  /** Places in `#slabs`: a Buffer of its own for each would take four times the memory. */
  readonly #places = new Map<string, number>();
  #slabs: Buffer[] = [];

  constructor(key: Buffer) {
    this.#key = key;
  }

  mac(mac: Uint8Array): Buffer {
    return this.#of(Buffer.from(mac.buffer, mac.byteOffset, mac.length).toString('latin1'), 'mac', mac);
  }

  /** Under a name that no MAC address has: those are six characters. */
  record(kind: string, parts: readonly (string | Uint8Array)[]): Buffer {
    let name = `record ${kind}`;
    for (const part of parts) {
      const text = typeof part === 'string' ? part : Buffer.from(part).toString('latin1');
      name += ` ${text.length} ${text}`;
    }
    return this.#of(name, kind, ...parts);
  }

  #of(name: string, ...parts: (string | Uint8Array)[]): Buffer {
    const known = this.#places.get(name);
    if (known !== undefined) return this.#at(known);
    if (this.#places.size >= KEPT) this.forget();
    const place = this.#places.size;
    if (place % SLAB === 0) this.#slabs.push(Buffer.allocUnsafe(SLAB * INDEX_BYTES));
    const index = blindIndex(this.#key, ...parts);
    index.copy(this.#at(place));
    this.#places.set(name, place);
    return index;
  }

  #at(place: number): Buffer {
    const start = (place % SLAB) * INDEX_BYTES;
    return this.#slabs[Math.floor(place / SLAB)].subarray(start, start + INDEX_BYTES);
  }

  /** Nobody's address is remembered in memory longer than it may be. */
  forget(): void {
    this.#places.clear();
    this.#slabs = [];
  }
}
