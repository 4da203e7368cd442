/**
 * ERSPAN, mirrored frames in GRE: draft-foschiano-erspan-03. Type I has no header at all and is told from
 * type II by a GRE header without sequence number (§4.1).
 */
import { u16, u32 } from '../bytes.ts';
import { EtherType } from '../ethertype.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';
import { GreFlag, greFlags } from './gre.ts';

const TYPE_II_BYTES = 8;
const TYPE_III_BYTES = 12;
const SUBHEADER_BYTES = 8;

export interface ErspanRecord {
  type: 1 | 2 | 3;
  version?: number;
  vlanId?: number;
  classOfService?: number;
  /** Type II: encapsulation of the VLAN tag. */
  encapsulation?: number;
  truncated?: boolean;
  sessionId?: number;
  /** Type II. */
  portIndex?: number;
  /** Type III. */
  timestamp?: number;
  securityGroupTag?: number;
  frameType?: number;
  hardwareId?: number;
  direction?: number;
  granularity?: number;
  platformId?: number;
}

export const erspan: Layer<ErspanRecord> = {
  proto: Proto.erspan,

  dissect(d, start, end) {
    const b = d.frame;
    const greStart = d.start[d.count - 1];
    const isIII = u16(b, greStart + 2) === EtherType.erspanIII;
    if (!isIII && (greFlags(b, greStart) & GreFlag.sequence) === 0) {
      d.push(Proto.erspan, start, start, end);
      d.next(Proto.ethernet, start, end);
      return;
    }
    const needed = isIII ? TYPE_III_BYTES : TYPE_II_BYTES;
    if (end - start < needed) return d.truncated(Proto.erspan, start, needed, end - start);
    if (b[start] >> 4 !== (isIII ? 2 : 1)) return d.malformed(Proto.erspan, start, 'unknown version');
    let headerEnd = start + needed;
    if (isIII && (b[start + 11] & 1) !== 0) headerEnd += SUBHEADER_BYTES;
    if (headerEnd > end) return d.truncated(Proto.erspan, start, headerEnd - start, end - start);
    d.push(Proto.erspan, start, headerEnd, end);
    // Frame type 0 is Ethernet, 2 is IP (type III only).
    const frameType = isIII ? (b[start + 10] >> 2) & 31 : 0;
    if (frameType === 0) d.next(Proto.ethernet, headerEnd, end);
    else if (frameType === 2) d.next(Proto.rawIp, headerEnd, end);
  },

  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const bytes = d.headerEnd[i] - start;
    if (bytes === 0) return { type: 1 };
    const common = {
      version: b[start] >> 4,
      vlanId: u16(b, start) & 0x0fff,
      classOfService: b[start + 2] >> 5,
      truncated: (b[start + 2] & 4) !== 0,
      sessionId: u16(b, start + 2) & 0x03ff,
    };
    if (bytes === TYPE_II_BYTES) {
      return {
        type: 2,
        ...common,
        encapsulation: (b[start + 2] >> 3) & 3,
        portIndex: u32(b, start + 4) & 0xfffff,
      };
    }
    const record: ErspanRecord = {
      type: 3,
      ...common,
      timestamp: u32(b, start + 4),
      securityGroupTag: u16(b, start + 8),
      frameType: (b[start + 10] >> 2) & 31,
      hardwareId: (u16(b, start + 10) >> 4) & 63,
      direction: (b[start + 11] >> 3) & 1,
      granularity: (b[start + 11] >> 1) & 3,
    };
    if (bytes > TYPE_III_BYTES) record.platformId = b[start + 12] >> 2;
    return record;
  },
};
