/** Extension objects behind the quoted packet of an ICMP error: RFC 4884 §7, MPLS label stacks RFC 4950. */
import { hex, u16, u24 } from '../bytes.ts';

export interface IcmpExtension {
  class: number;
  type: number;
  /** Hexadecimal, without the object header. */
  data: string;
  /** Class 1, type 1. */
  labels?: { label: number; trafficClass: number; bottom: boolean; ttl: number }[];
}

/** End of the quoted packet: RFC 4884 §4 counts words of 4 bytes (ICMP) or 8 bytes (ICMPv6); 0 is no extension. */
export const quotedEnd = (start: number, end: number, words: number, wordBytes: number): number =>
  words === 0 ? end : Math.min(end, start + words * wordBytes);

export function icmpExtensions(b: Uint8Array, start: number, end: number): IcmpExtension[] {
  const found: IcmpExtension[] = [];
  if (end - start < 4 || b[start] >> 4 !== 2) return found;
  for (let at = start + 4; at + 4 <= end; ) {
    const length = u16(b, at);
    const next = at + length;
    if (length < 4 || next > end) break;
    const extension: IcmpExtension = { class: b[at + 2], type: b[at + 3], data: hex(b, at + 4, next) };
    if (extension.class === 1 && extension.type === 1) {
      extension.labels = [];
      for (let label = at + 4; label + 4 <= next; label += 4) {
        extension.labels.push({
          label: u24(b, label) >> 4,
          trafficClass: (b[label + 2] >> 1) & 7,
          bottom: (b[label + 2] & 1) !== 0,
          ttl: b[label + 3],
        });
      }
    }
    found.push(extension);
    at = next;
  }
  return found;
}
