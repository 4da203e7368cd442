import { ipv4Text, ipv6Text, u32 } from '../bytes.ts';

/**
 * IP addresses of one host, the last learned first, at most `limit` (16 or fewer). What a protocol states (ARP,
 * DHCP, Neighbor Discovery) is sure; what was only a packet's source is not, and never displaces what is. Kept
 * as numbers: most hosts are never asked for the text.
 */
export class AddressList {
  /** Frame that each was learned from. */
  readonly frames: number[] = [];
  /** `width` words for each address. */
  private readonly words: number[] = [];
  /** Bit i: address i is sure. */
  private sure = 0;
  private readonly width: number;
  private readonly limit: number;

  /** @param bytes 4 for IPv4, 16 for IPv6. */
  constructor(bytes: 4 | 16, limit: number) {
    this.width = bytes / 4;
    this.limit = limit;
  }

  get texts(): string[] {
    const bytes = new Uint8Array(4 * this.width);
    const view = new DataView(bytes.buffer);
    return this.frames.map((_, i) => {
      for (let k = 0; k < this.width; k++) view.setInt32(4 * k, this.words[i * this.width + k]);
      return this.width === 1 ? ipv4Text(bytes, 0) : ipv6Text(bytes, 0);
    });
  }

  /** Index of the address whose bytes stand at `at`, or −1. */
  find(b: Uint8Array, at: number): number {
    const { words, width } = this;
    for (let i = 0; i < this.frames.length; i++) {
      let k = 0;
      while (k < width && words[i * width + k] === (u32(b, at + 4 * k) | 0)) k++;
      if (k === width) return i;
    }
    return -1;
  }

  learn(b: Uint8Array, at: number, frame: number, sure: boolean): void {
    if (this.frames.length === 0) {
      this.frames.push(frame);
      this.sure = sure ? 1 : 0;
      for (let k = 0; k < this.width; k++) this.words.push(u32(b, at + 4 * k) | 0);
      return;
    }
    const known = this.find(b, at);
    if (known === 0 || (known > 0 && !sure)) {
      if (sure) this.sure |= 1;
      return;
    }
    if (known > 0) this.remove(known);
    else if (this.frames.length === this.limit) {
      const unsure = this.lastUnsure();
      if (unsure < 0 && !sure) return;
      this.remove(unsure < 0 ? this.limit - 1 : unsure);
    }
    this.frames.unshift(frame);
    this.sure = (this.sure << 1) | (sure ? 1 : 0);
    for (let k = this.width - 1; k >= 0; k--) this.words.unshift(u32(b, at + 4 * k) | 0);
  }

  forget(b: Uint8Array, at: number): void {
    const known = this.find(b, at);
    if (known >= 0) this.remove(known);
  }

  private lastUnsure(): number {
    let i = this.frames.length - 1;
    while (i >= 0 && (this.sure & (1 << i)) !== 0) i--;
    return i;
  }

  private remove(i: number): void {
    this.frames.splice(i, 1);
    this.words.splice(i * this.width, this.width);
    this.sure = ((this.sure >>> (i + 1)) << i) | (this.sure & ((1 << i) - 1));
  }
}
