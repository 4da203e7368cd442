import { hex, text, u16 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

const HEADER = 6;
const TAG_HEADER = 4;
const VERSION_AND_TYPE = 0x11;

/** RFC 2516 clause 4: session frames have code 0, discovery has the others. */
export const PppoeCode = {
  session: 0x00,
  padi: 0x09,
  pado: 0x07,
  padr: 0x19,
  pads: 0x65,
  padt: 0xa7,
} as const;

/** RFC 2516 appendix A. */
const TAG_END = 0x0000;
const TAG_SERVICE_NAME = 0x0101;
const TAG_AC_NAME = 0x0102;

export interface PppoeRecord {
  /** pppoe.version, pppoe.type, pppoe.code, pppoe.session_id, pppoe.payload_length */
  version: number;
  type: number;
  code: number;
  sessionId: number;
  payloadLength: number;
  /** pppoed.tags.service_name, pppoed.tags.ac_name */
  serviceName?: string;
  acName?: string;
  tags?: { type: number; data: string }[];
}

/** PPP over Ethernet, discovery and session (RFC 2516). */
export const pppoe: Layer<PppoeRecord> = {
  proto: Proto.pppoe,
  dissect(d: Dissection, start: number, end: number): void {
    const b = d.frame;
    const available = end - start;
    if (available < HEADER) {
      d.truncated(Proto.pppoe, start, HEADER, available);
      return;
    }
    if (b[start] !== VERSION_AND_TYPE) {
      d.malformed(Proto.pppoe, start, 'version and type are not 1');
      return;
    }
    const payload = start + HEADER;
    const declared = payload + u16(b, start + 4);
    const payloadEnd = Math.min(end, declared);
    d.push(Proto.pppoe, start, payload, payloadEnd);
    if (b[start + 1] === PppoeCode.session) {
      d.next(Proto.ppp, payload, payloadEnd);
      return;
    }
    let at = payload;
    while (at < payloadEnd) {
      const needed = at + TAG_HEADER > payloadEnd ? TAG_HEADER : TAG_HEADER + u16(b, at + 2);
      if (at + needed > payloadEnd) {
        d.truncated(Proto.pppoe, at, needed, payloadEnd - at);
        return;
      }
      if (u16(b, at) === TAG_END) return;
      at += needed;
    }
    if (declared > end) d.truncated(Proto.pppoe, payload, declared - payload, end - payload);
  },
  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const end = d.end[i];
    const record: PppoeRecord = {
      version: b[start] >> 4,
      type: b[start] & 0x0f,
      code: b[start + 1],
      sessionId: u16(b, start + 2),
      payloadLength: u16(b, start + 4),
    };
    if (record.code === PppoeCode.session) return record;
    record.tags = [];
    for (let at = start + HEADER; at + TAG_HEADER <= end; ) {
      const type = u16(b, at);
      const body = at + TAG_HEADER;
      const next = body + u16(b, at + 2);
      if (type === TAG_END || next > end) break;
      if (type === TAG_SERVICE_NAME) record.serviceName ??= text(b, body, next);
      else if (type === TAG_AC_NAME) record.acName ??= text(b, body, next);
      record.tags.push({ type, data: hex(b, body, next) });
      at = next;
    }
    return record;
  },
};
