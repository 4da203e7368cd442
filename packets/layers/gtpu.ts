/** GTP-U, user data of mobile cores: 3GPP TS 29.281 §5. */
import { hex, u16, u32 } from '../bytes.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

const FIXED_BYTES = 8;
const OPTIONAL_BYTES = 4;
const EXTENSION = 0x04;
const SEQUENCE = 0x02;
const NPDU = 0x01;
const T_PDU = 255;
const MAX_EXTENSIONS = 8;

export interface GtpuRecord {
  version: number;
  messageType: number;
  length: number;
  teid: number;
  sequence?: number;
  npdu?: number;
  /** Hexadecimal content without lengths and next-type bytes. */
  extensions: { type: number; data: string }[];
}

/** End of the extension headers that start at `at`, or −1 when they do not end within `end`. */
function extensionsEnd(b: Uint8Array, at: number, end: number, firstType: number): number {
  let here = at;
  let type = firstType;
  for (let n = 0; type !== 0; n++) {
    if (n === MAX_EXTENSIONS || here >= end || b[here] === 0) return -1;
    const next = here + b[here] * 4;
    if (next > end) return -1;
    type = b[next - 1];
    here = next;
  }
  return here;
}

export const gtpu: Layer<GtpuRecord> = {
  proto: Proto.gtpu,

  dissect(d, start, end) {
    const b = d.frame;
    if (end - start < FIXED_BYTES) return;
    // Version 1, protocol type GTP, spare bit zero.
    if ((b[start] & 0xf8) !== 0x30) return;
    const flags = b[start] & (EXTENSION | SEQUENCE | NPDU);
    let headerEnd = start + FIXED_BYTES + (flags === 0 ? 0 : OPTIONAL_BYTES);
    const packetEnd = Math.min(end, start + FIXED_BYTES + u16(b, start + 2));
    if (headerEnd > packetEnd) {
      return d.truncated(Proto.gtpu, start, headerEnd - start, packetEnd - start);
    }
    if ((flags & EXTENSION) !== 0) {
      headerEnd = extensionsEnd(b, headerEnd, packetEnd, b[start + 11]);
      if (headerEnd < 0) return d.malformed(Proto.gtpu, start + 12, 'extension headers do not end');
    }
    d.push(Proto.gtpu, start, headerEnd, packetEnd);
    if (b[start + 1] !== T_PDU || headerEnd === packetEnd) return;
    const nibble = b[headerEnd] >> 4;
    if (nibble === 4) d.next(Proto.ipv4, headerEnd, packetEnd);
    else if (nibble === 6) d.next(Proto.ipv6, headerEnd, packetEnd);
  },

  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const record: GtpuRecord = {
      version: b[start] >> 5,
      messageType: b[start + 1],
      length: u16(b, start + 2),
      teid: u32(b, start + 4),
      extensions: [],
    };
    if ((b[start] & SEQUENCE) !== 0) record.sequence = u16(b, start + 8);
    if ((b[start] & NPDU) !== 0) record.npdu = b[start + 10];
    if ((b[start] & EXTENSION) === 0) return record;
    let type = b[start + 11];
    for (let at = start + 12; at < d.headerEnd[i]; ) {
      const next = at + b[at] * 4;
      record.extensions.push({ type, data: hex(b, at + 1, next - 1) });
      type = b[next - 1];
      at = next;
    }
    return record;
  },
};
