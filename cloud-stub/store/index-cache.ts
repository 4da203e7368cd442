import { blindIndex } from './seal.ts';

/** Some 10 MB. The same few thousand addresses come again and again, and a look-up costs a tenth of an HMAC. */
const KEPT = 65_536;

/** Blind indexes of one store, remembered: an HMAC is most of what an entry of a signal message costs. */
export class IndexCache {
  readonly #key: Buffer;
  readonly #known = new Map<string, Buffer>();

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
    const known = this.#known.get(name);
    if (known) return known;
    const index = blindIndex(this.#key, ...parts);
    if (this.#known.size >= KEPT) {
      // The oldest half goes at once: cheaper than to keep an order by use.
      let left = KEPT / 2;
      for (const old of this.#known.keys()) {
        if (left-- === 0) break;
        this.#known.delete(old);
      }
    }
    this.#known.set(name, index);
    return index;
  }

  /** Nobody's address is remembered in memory longer than it may be. */
  forget(): void {
    this.#known.clear();
  }
}
