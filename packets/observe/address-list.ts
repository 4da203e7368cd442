import { ipv4Text, ipv6Text, u32 } from '../bytes.ts';

/**
 * IP addresses of one host, the last learned first, at most `limit`. What a protocol states (ARP, DHCP,
 * Neighbor Discovery) is sure; what was only a packet's source is not, and never displaces what is.
 */
export class AddressList {
  readonly texts: string[] = [];
  /** Frame that each was learned from. */
  readonly frames: number[] = [];
  private readonly words: number[] = [];
  private readonly sure: boolean[] = [];
  private readonly width: number;
  private readonly limit: number;

  /** @param bytes 4 for IPv4, 16 for IPv6. */
  constructor(bytes: 4 | 16, limit: number) {
    this.width = bytes / 4;
    this.limit = limit;
  }

  /** Index of the address whose bytes stand at `at`, or −1. */
  find(b: Uint8Array, at: number): number {
    const { words, width } = this;
    for (let i = 0; i < this.texts.length; i++) {
      let k = 0;
      while (k < width && words[i * width + k] === u32(b, at + 4 * k)) k++;
      if (k === width) return i;
    }
    return -1;
  }

  /** True when the list changed. */
  learn(b: Uint8Array, at: number, frame: number, sure: boolean): boolean {
    const known = this.find(b, at);
    if (known === 0 || (known > 0 && !sure)) {
      this.sure[known] ||= sure;
      return false;
    }
    if (known > 0) this.remove(known);
    else if (this.texts.length === this.limit) {
      const unsure = this.sure.lastIndexOf(false);
      if (unsure < 0 && !sure) return false;
      this.remove(unsure < 0 ? this.limit - 1 : unsure);
    }
    this.texts.unshift(this.width === 1 ? ipv4Text(b, at) : ipv6Text(b, at));
    this.frames.unshift(frame);
    this.sure.unshift(sure);
    for (let k = this.width - 1; k >= 0; k--) this.words.unshift(u32(b, at + 4 * k));
    return true;
  }

  forget(b: Uint8Array, at: number): void {
    const known = this.find(b, at);
    if (known >= 0) this.remove(known);
  }

  private remove(i: number): void {
    this.texts.splice(i, 1);
    this.frames.splice(i, 1);
    this.sure.splice(i, 1);
    this.words.splice(i * this.width, this.width);
  }
}
