import { u32 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import type { Layer } from '../layer.ts';
import { u32le } from '../little-endian.ts';
import { Proto } from '../protocols.ts';

const HEADER = 4;
const AF_INET = 2;
/** IPv6 has another number on each BSD: NetBSD and OpenBSD, FreeBSD, macOS. */
const AF_INET6: ReadonlySet<number> = new Set([24, 28, 30]);

/** Byte order is the capturing machine's; families are small, so the wrong order makes a huge number. */
function familyOf(b: Uint8Array, start: number): number {
  const family = u32le(b, start);
  return family < 0x1_0000 ? family : u32(b, start);
}

export interface NullLoopbackRecord {
  /** null.family */
  family: number;
}

/** BSD loopback encapsulation, LINKTYPE_NULL. */
export const nullLoopback: Layer<NullLoopbackRecord> = {
  proto: Proto.nullLoopback,
  dissect(d: Dissection, start: number, end: number): void {
    if (end - start < HEADER) {
      d.truncated(Proto.nullLoopback, start, HEADER, end - start);
      return;
    }
    d.push(Proto.nullLoopback, start, start + HEADER, end);
    const family = familyOf(d.frame, start);
    if (family === AF_INET) d.next(Proto.ipv4, start + HEADER, end);
    else if (AF_INET6.has(family)) d.next(Proto.ipv6, start + HEADER, end);
  },
  record: (d, i) => ({ family: familyOf(d.frame, d.start[i]) }),
};
