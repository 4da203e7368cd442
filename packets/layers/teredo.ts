/** Teredo, IPv6 in UDP: RFC 4380 §5.1.1. The layer is the indications in front of the IPv6 packet, often none. */
import { u16 } from '../bytes.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

const AUTHENTICATION = 0x0001;
const ORIGIN = 0x0000;
const ORIGIN_BYTES = 8;
/** Without client id and authentication value. */
const AUTHENTICATION_BYTES = 13;

export interface TeredoRecord {
  authentication?: { clientIdBytes: number; valueBytes: number; confirmation: number };
  origin?: { port: number; address: string };
}

const authenticationBytes = (b: Uint8Array, at: number): number =>
  AUTHENTICATION_BYTES + b[at + 2] + b[at + 3];

/** Start of the IPv6 packet, or −1 when there is none. */
function packetStart(b: Uint8Array, start: number, end: number): number {
  let at = start;
  if (end - at >= AUTHENTICATION_BYTES && u16(b, at) === AUTHENTICATION) at += authenticationBytes(b, at);
  if (end - at >= ORIGIN_BYTES && u16(b, at) === ORIGIN) at += ORIGIN_BYTES;
  return at < end && b[at] >> 4 === 6 ? at : -1;
}

export const teredo: Layer<TeredoRecord> = {
  proto: Proto.teredo,

  dissect(d, start, end) {
    const at = packetStart(d.frame, start, end);
    if (at < 0) return;
    d.push(Proto.teredo, start, at, end);
    d.next(Proto.ipv6, at, end);
  },

  record(d, i) {
    const b = d.frame;
    const record: TeredoRecord = {};
    let at = d.start[i];
    if (d.headerEnd[i] - at >= AUTHENTICATION_BYTES && u16(b, at) === AUTHENTICATION) {
      const bytes = authenticationBytes(b, at);
      record.authentication = {
        clientIdBytes: b[at + 2],
        valueBytes: b[at + 3],
        confirmation: b[at + bytes - 1],
      };
      at += bytes;
    }
    if (d.headerEnd[i] - at >= ORIGIN_BYTES && u16(b, at) === ORIGIN) {
      // Port and address are sent with every bit inverted, so that NATs leave them alone.
      record.origin = {
        port: u16(b, at + 2) ^ 0xffff,
        address: `${b[at + 4] ^ 255}.${b[at + 5] ^ 255}.${b[at + 6] ^ 255}.${b[at + 7] ^ 255}`,
      };
    }
    return record;
  },
};
