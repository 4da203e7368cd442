/** Multicast Listener Discovery: version 1 RFC 2710, version 2 RFC 3810 (now RFC 9777). */
import { ipv6Text, u16 } from '../bytes.ts';

const QUERY = 130;
const REPORT_V2 = 143;

/** Exponent and mantissa of RFC 3810 §5.1.3 (16 bits: 12-bit mantissa). */
const longCode = (code: number): number =>
  code < 0x8000 ? code : ((code & 0x0fff) | 0x1000) << (((code >> 12) & 7) + 3);
/** The same in 8 bits, §5.1.9; IGMPv3 counts so as well (RFC 3376 §4.1.1). */
export const shortCode = (code: number): number =>
  code < 0x80 ? code : ((code & 0x0f) | 0x10) << (((code >> 4) & 7) + 3);

export interface GroupRecord {
  type: number;
  group: string;
  sources: string[];
}

export interface MldRecord {
  version: 1 | 2;
  maxResponseMs?: number;
  group?: string;
  suppress?: boolean;
  robustness?: number;
  queryIntervalS?: number;
  sources?: string[];
  records?: GroupRecord[];
}

function addresses(b: Uint8Array, start: number, count: number, end: number): string[] {
  const found: string[] = [];
  for (let n = 0, at = start; n < count && at + 16 <= end; n++, at += 16) found.push(ipv6Text(b, at));
  return found;
}

function reportV2(b: Uint8Array, start: number, end: number): MldRecord {
  const records: GroupRecord[] = [];
  let at = start + 8;
  for (let n = u16(b, start + 6); n > 0 && at + 20 <= end; n--) {
    const sourceCount = u16(b, at + 2);
    records.push({
      type: b[at],
      group: ipv6Text(b, at + 4),
      sources: addresses(b, at + 20, sourceCount, end),
    });
    at += 20 + sourceCount * 16 + b[at + 1] * 4;
  }
  return { version: 2, records };
}

/** The message at `start`, whose fixed part has been checked. */
export function mldFields(b: Uint8Array, start: number, end: number): MldRecord {
  if (b[start] === REPORT_V2) return reportV2(b, start, end);
  const group = ipv6Text(b, start + 8);
  // RFC 3810 §8.1: a query of 24 bytes is version 1, of 28 or more version 2. Reports hold a delay of 0.
  if (b[start] !== QUERY || end - start < 28) return { version: 1, group, maxResponseMs: u16(b, start + 4) };
  return {
    version: 2,
    maxResponseMs: longCode(u16(b, start + 4)),
    group,
    suppress: (b[start + 24] & 8) !== 0,
    robustness: b[start + 24] & 7,
    queryIntervalS: shortCode(b[start + 25]),
    sources: addresses(b, start + 28, u16(b, start + 26), end),
  };
}
