import { hex, u16 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

/** Protocol numbers, IANA "PPP Numbers". */
export const PppProtocol = {
  ipv4: 0x0021,
  ipv6: 0x0057,
  mpls: 0x0281,
  ipcp: 0x8021,
  ipv6cp: 0x8057,
  lcp: 0xc021,
  pap: 0xc023,
  lqr: 0xc025,
  chap: 0xc223,
  eap: 0xc227,
} as const;

const HDLC_ADDRESS = 0xff;
const HDLC_CONTROL = 0x03;
const CONTROL_HEADER = 4;

/** Protocols whose packets begin with code, identifier and length (RFC 1661 5, RFC 1334, RFC 1994). */
const hasControlHeader = (protocol: number): boolean =>
  protocol === PppProtocol.lcp ||
  protocol === PppProtocol.ipcp ||
  protocol === PppProtocol.ipv6cp ||
  protocol === PppProtocol.pap ||
  protocol === PppProtocol.chap;

/** Those of which all but a few codes carry options. */
const hasOptions = (protocol: number, code: number): boolean =>
  protocol !== PppProtocol.pap && protocol !== PppProtocol.chap && code >= 1 && code <= 4;

/** Bytes in front of the protocol field. */
const hdlcLength = (b: Uint8Array, start: number, end: number): number =>
  start + 2 <= end && b[start] === HDLC_ADDRESS && b[start + 1] === HDLC_CONTROL ? 2 : 0;

/** Protocol numbers are even in their first byte and odd in their last, so that the first may be left out. */
const protocolLength = (b: Uint8Array, at: number): number => ((b[at] & 1) !== 0 ? 1 : 2);

export interface PppRecord {
  /** ppp.protocol */
  protocol: number;
  /** lcp.code, ipcp.code …; the option list of a negotiation, without PAP's and CHAP's secrets. */
  control?: { code: number; identifier: number; length: number; options: { type: number; data: string }[] };
}

/** Point-to-point protocol (RFC 1661), with or without the HDLC framing of RFC 1662. */
export const ppp: Layer<PppRecord> = {
  proto: Proto.ppp,
  dissect(d: Dissection, start: number, end: number): void {
    const b = d.frame;
    const at = start + hdlcLength(b, start, end);
    if (at >= end) {
      d.truncated(Proto.ppp, start, at - start + 1, end - start);
      return;
    }
    const size = protocolLength(b, at);
    if (at + size > end) {
      d.truncated(Proto.ppp, start, at - start + size, end - start);
      return;
    }
    const payload = at + size;
    const protocol = size === 1 ? b[at] : u16(b, at);
    switch (protocol) {
      case PppProtocol.ipv4:
        d.push(Proto.ppp, start, payload, end);
        d.next(Proto.ipv4, payload, end);
        return;
      case PppProtocol.ipv6:
        d.push(Proto.ppp, start, payload, end);
        d.next(Proto.ipv6, payload, end);
        return;
      case PppProtocol.mpls:
        d.push(Proto.ppp, start, payload, end);
        d.next(Proto.mpls, payload, end);
        return;
      case PppProtocol.eap:
        d.push(Proto.ppp, start, payload, end);
        d.next(Proto.eap, payload, end);
        return;
    }
    if (!hasControlHeader(protocol)) {
      d.push(Proto.ppp, start, payload, end);
      return;
    }
    if (payload + CONTROL_HEADER > end) {
      d.push(Proto.ppp, start, payload, end);
      d.truncated(Proto.ppp, payload, CONTROL_HEADER, end - payload);
      return;
    }
    const length = u16(b, payload + 2);
    d.push(Proto.ppp, start, payload, Math.min(end, payload + Math.max(length, CONTROL_HEADER)));
    if (length < CONTROL_HEADER) d.malformed(Proto.ppp, payload + 2, 'length below the header');
    else if (payload + length > end) d.truncated(Proto.ppp, payload, length, end - payload);
  },
  record(d, i) {
    const b = d.frame;
    const end = d.end[i];
    const at = d.start[i] + hdlcLength(b, d.start[i], end);
    const protocol = protocolLength(b, at) === 1 ? b[at] : u16(b, at);
    const record: PppRecord = { protocol };
    const payload = d.headerEnd[i];
    if (!hasControlHeader(protocol) || payload + CONTROL_HEADER > end) return record;
    const code = b[payload];
    record.control = { code, identifier: b[payload + 1], length: u16(b, payload + 2), options: [] };
    if (!hasOptions(protocol, code)) return record;
    for (
      let o = payload + CONTROL_HEADER;
      o + 2 <= end && b[o + 1] >= 2 && o + b[o + 1] <= end;
      o += b[o + 1]
    ) {
      record.control.options.push({ type: b[o], data: hex(b, o + 2, o + b[o + 1]) });
    }
    return record;
  },
};
