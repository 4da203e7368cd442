import { hex, text, u16, u24, u32 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

export const EapCode = { request: 1, response: 2, success: 3, failure: 4, initiate: 5, finish: 6 } as const;

/** Method types, IANA "EAP Registry". */
export const EapType = {
  identity: 1,
  notification: 2,
  nak: 3,
  md5Challenge: 4,
  tls: 13,
  leap: 17,
  sim: 18,
  ttls: 21,
  aka: 23,
  peap: 25,
  mschapV2: 26,
  fast: 43,
  akaPrime: 50,
  pwd: 52,
  teap: 55,
  expanded: 254,
} as const;

const HEADER = 4;
const WITH_TYPE = 5;
const EXPANDED_HEADER = 12;

export const eapCode = (b: Uint8Array, start: number): number => b[start];
export const eapIdentifier = (b: Uint8Array, start: number): number => b[start + 1];
/** Method of a request or response, 0 of other codes and of a body without one. */
export const eapType = (b: Uint8Array, start: number, end: number): number =>
  (b[start] === EapCode.request || b[start] === EapCode.response) && start + WITH_TYPE <= end
    ? b[start + HEADER]
    : 0;
/** Identity of a response as text; undefined in any other packet. */
export function eapIdentity(b: Uint8Array, start: number, end: number): string | undefined {
  if (eapCode(b, start) !== EapCode.response || eapType(b, start, end) !== EapType.identity) return undefined;
  return text(b, start + WITH_TYPE, end);
}

/** Methods whose packets begin with the flags of EAP-TLS (RFC 5216 3.1) and carry TLS. */
const isTlsBased = (type: number): boolean =>
  type === EapType.tls ||
  type === EapType.ttls ||
  type === EapType.peap ||
  type === EapType.fast ||
  type === EapType.teap;

const TLS_LENGTH_INCLUDED = 0x80;

export interface EapRecord {
  /** eap.code, eap.id, eap.len, eap.type */
  code: number;
  id: number;
  len: number;
  type?: number;
  /** eap.identity; in a request the displayable message. */
  identity?: string;
  notification?: string;
  /** eap.desired_type: methods that the peer would rather have. */
  desiredTypes?: number[];
  /** eap.md5.value */
  md5?: { value: string; extra: string };
  /** eap.tls.flags and eap.tls.len */
  tls?: {
    flags: number;
    lengthIncluded: boolean;
    moreFragments: boolean;
    start: boolean;
    version: number;
    messageLength?: number;
    fragmentLength: number;
  };
  /** eap.ext.vendor_id, eap.ext.vendor_type */
  expanded?: { vendorId: number; vendorType: number };
  /** eap.sim.subtype, eap.aka.subtype */
  simSubtype?: number;
}

/** Extensible authentication (RFC 3748). */
export const eap: Layer<EapRecord> = {
  proto: Proto.eap,
  dissect(d: Dissection, start: number, end: number): void {
    const b = d.frame;
    const available = end - start;
    if (available < HEADER) {
      d.truncated(Proto.eap, start, HEADER, available);
      return;
    }
    const length = u16(b, start + 2);
    if (length < HEADER) {
      d.malformed(Proto.eap, start + 2, 'length below the header');
      return;
    }
    const packetEnd = Math.min(end, start + length);
    const hasType = b[start] === EapCode.request || b[start] === EapCode.response;
    if (!hasType) {
      d.push(Proto.eap, start, start + HEADER, packetEnd);
      return;
    }
    if (packetEnd - start < WITH_TYPE) {
      d.push(Proto.eap, start, start + HEADER, packetEnd);
      d.truncated(Proto.eap, start + HEADER, 1, packetEnd - start - HEADER);
      return;
    }
    const isExpanded = b[start + HEADER] === EapType.expanded;
    const header = isExpanded ? EXPANDED_HEADER : WITH_TYPE;
    if (packetEnd - start < header) {
      d.push(Proto.eap, start, start + WITH_TYPE, packetEnd);
      d.truncated(Proto.eap, start, header, packetEnd - start);
      return;
    }
    d.push(Proto.eap, start, start + header, packetEnd);
    if (start + length > end) d.truncated(Proto.eap, start, length, available);
  },
  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const end = d.end[i];
    const record: EapRecord = { code: b[start], id: b[start + 1], len: u16(b, start + 2) };
    const hasType = record.code === EapCode.request || record.code === EapCode.response;
    if (!hasType || start + WITH_TYPE > end) return record;
    record.type = b[start + HEADER];
    readMethod(record, record.type, b, start + WITH_TYPE, end);
    return record;
  },
};

function readMethod(record: EapRecord, type: number, b: Uint8Array, at: number, end: number): void {
  if (isTlsBased(type)) {
    if (at < end) record.tls = tlsFlags(b, at, end);
    return;
  }
  switch (type) {
    case EapType.identity:
      record.identity = text(b, at, end);
      return;
    case EapType.notification:
      record.notification = text(b, at, end);
      return;
    case EapType.nak:
      record.desiredTypes = [...b.subarray(at, end)];
      return;
    case EapType.md5Challenge:
      if (at < end && at + 1 + b[at] <= end) {
        record.md5 = { value: hex(b, at + 1, at + 1 + b[at]), extra: text(b, at + 1 + b[at], end) };
      }
      return;
    case EapType.sim:
    case EapType.aka:
    case EapType.akaPrime:
      if (at < end) record.simSubtype = b[at];
      return;
    case EapType.expanded:
      if (at + 7 <= end) record.expanded = { vendorId: u24(b, at), vendorType: u32(b, at + 3) };
      return;
  }
}

function tlsFlags(b: Uint8Array, at: number, end: number): EapRecord['tls'] {
  const flags = b[at];
  const lengthIncluded = (flags & TLS_LENGTH_INCLUDED) !== 0 && at + 5 <= end;
  const fragment = at + (lengthIncluded ? 5 : 1);
  return {
    flags,
    lengthIncluded: (flags & TLS_LENGTH_INCLUDED) !== 0,
    moreFragments: (flags & 0x40) !== 0,
    start: (flags & 0x20) !== 0,
    version: flags & 0x07,
    messageLength: lengthIncluded ? u32(b, at + 1) : undefined,
    fragmentLength: end - fragment,
  };
}
