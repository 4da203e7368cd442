import { u32 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';

/** Of FNV-1a. */
const BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** What a neighbour said, as it came: neighbours repeat it every 30 seconds, and it need not be read again. */
export class Announcement {
  readonly hash: number;
  private readonly port: string;
  private readonly protocol: number;
  /** The protocol data unit. */
  private readonly bytes: Uint8Array;

  /** @param i the layer that announces */
  constructor(d: Dissection, i: number, port: string) {
    this.hash = announcementHash(d, i);
    this.port = port;
    this.protocol = d.proto[i];
    this.bytes = d.frame.slice(d.start[i], d.end[i]);
  }

  /** Whether layer `i` is this announcement, byte for byte. */
  isSame(d: Dissection, i: number, port: string): boolean {
    const { bytes } = this;
    const b = d.frame;
    const from = d.start[i];
    if (d.end[i] - from !== bytes.length || d.proto[i] !== this.protocol || port !== this.port) return false;
    for (let k = 0; k < bytes.length; k++) if (b[from + k] !== bytes[k]) return false;
    return true;
  }
}

/** 32 bits of a protocol data unit; different ones may have the same. */
export function announcementHash(d: Dissection, i: number): number {
  const b = d.frame;
  const end = d.end[i];
  let at = d.start[i];
  let hash = BASIS;
  for (; at + 4 <= end; at += 4) hash = Math.imul(hash ^ u32(b, at), PRIME);
  for (; at < end; at++) hash = Math.imul(hash ^ b[at], PRIME);
  return hash;
}
