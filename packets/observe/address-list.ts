import { ipv4Text, ipv6Text, u32 } from '../bytes.ts';

/**
 * IP addresses of one host, the last learned first, at most `limit` (16 or fewer). What a protocol states (ARP,
 * DHCP, Neighbor Discovery) is sure; what was only a packet's source is not, and never displaces what is. Kept
 * as numbers: most hosts are never asked for the text.
 */
export class AddressList {
  count = 0;
  /** Frame that each was learned from, and `width` words of each; neither shrinks: lists are used again. */
  private readonly frame: number[] = [];
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

  clear(): void {
    this.count = 0;
    this.sure = 0;
  }

  get frames(): number[] {
    return this.frame.slice(0, this.count);
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
    for (let i = 0; i < this.count; i++) {
      let k = 0;
      while (k < width && words[i * width + k] === (u32(b, at + 4 * k) | 0)) k++;
      if (k === width) return i;
    }
    return -1;
  }

  learn(b: Uint8Array, at: number, frame: number, sure: boolean): void {
    const known = this.count === 0 ? -1 : this.find(b, at);
    if (known === 0 || (known > 0 && !sure)) {
      if (sure) this.sure |= 1;
      return;
    }
    if (known > 0) this.remove(known);
    else if (this.count === this.limit) {
      const unsure = this.lastUnsure();
      if (unsure < 0 && !sure) return;
      this.remove(unsure < 0 ? this.limit - 1 : unsure);
    }
    const { frame: frames, words, width } = this;
    for (let i = this.count; i > 0; i--) frames[i] = frames[i - 1];
    for (let k = this.count * width - 1; k >= 0; k--) words[k + width] = words[k];
    frames[0] = frame;
    for (let k = 0; k < width; k++) words[k] = u32(b, at + 4 * k) | 0;
    this.sure = (this.sure << 1) | (sure ? 1 : 0);
    this.count++;
  }

  forget(b: Uint8Array, at: number): void {
    const known = this.find(b, at);
    if (known >= 0) this.remove(known);
  }

  private lastUnsure(): number {
    let i = this.count - 1;
    while (i >= 0 && (this.sure & (1 << i)) !== 0) i--;
    return i;
  }

  private remove(i: number): void {
    const { frame, words, width } = this;
    this.count--;
    for (let j = i; j < this.count; j++) frame[j] = frame[j + 1];
    for (let k = i * width; k < this.count * width; k++) words[k] = words[k + width];
    this.sure = ((this.sure >>> (i + 1)) << i) | (this.sure & ((1 << i) - 1));
  }
}
