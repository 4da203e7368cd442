/** IGMP: version 1 RFC 1112, version 2 RFC 2236, version 3 RFC 3376 (now RFC 9776). */
import { ipv4Text, u16 } from '../bytes.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';
import { type GroupRecord, shortCode } from './mld.ts';

const BYTES = 8;

export const IgmpType = { query: 0x11, reportV1: 0x12, reportV2: 0x16, leave: 0x17, reportV3: 0x22 } as const;

export interface IgmpRecord {
  type: number;
  version: 1 | 2 | 3;
  checksum: number;
  /** Tenths of a second. */
  maxResponseDs?: number;
  group?: string;
  suppress?: boolean;
  robustness?: number;
  queryIntervalS?: number;
  sources?: string[];
  records?: GroupRecord[];
}

function addresses(b: Uint8Array, start: number, count: number, end: number): string[] {
  const found: string[] = [];
  for (let n = 0, at = start; n < count && at + 4 <= end; n++, at += 4) found.push(ipv4Text(b, at));
  return found;
}

function groupRecords(b: Uint8Array, start: number, end: number): GroupRecord[] {
  const records: GroupRecord[] = [];
  let at = start + BYTES;
  for (let n = u16(b, start + 6); n > 0 && at + 8 <= end; n--) {
    const sourceCount = u16(b, at + 2);
    records.push({
      type: b[at],
      group: ipv4Text(b, at + 4),
      sources: addresses(b, at + 8, sourceCount, end),
    });
    at += 8 + sourceCount * 4 + b[at + 1] * 4;
  }
  return records;
}

/** RFC 3376 §7.1 tells the versions of a query by its length and its second byte. */
function queryVersion(b: Uint8Array, start: number, end: number): 1 | 2 | 3 {
  if (end - start >= 12) return 3;
  return b[start + 1] === 0 ? 1 : 2;
}

export const igmp: Layer<IgmpRecord> = {
  proto: Proto.igmp,

  dissect(d, start, end) {
    if (end - start < BYTES) return d.truncated(Proto.igmp, start, BYTES, end - start);
    d.push(Proto.igmp, start, start + BYTES, end);
  },

  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const end = d.end[i];
    const type = b[start];
    const checksum = u16(b, start + 2);
    if (type === IgmpType.reportV3) {
      return { type, version: 3, checksum, records: groupRecords(b, start, end) };
    }
    const group = ipv4Text(b, start + 4);
    if (type !== IgmpType.query)
      return { type, version: type === IgmpType.reportV1 ? 1 : 2, checksum, group };
    const version = queryVersion(b, start, end);
    if (version < 3) return { type, version, checksum, group, maxResponseDs: b[start + 1] };
    return {
      type,
      version,
      checksum,
      group,
      maxResponseDs: shortCode(b[start + 1]),
      suppress: (b[start + 8] & 8) !== 0,
      robustness: b[start + 8] & 7,
      queryIntervalS: shortCode(b[start + 9]),
      sources: addresses(b, start + 12, u16(b, start + 10), end),
    };
  },
};
