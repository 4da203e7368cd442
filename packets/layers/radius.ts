/** RADIUS: RFC 2865 §3, accounting RFC 2866, dynamic authorisation RFC 5176. Hidden values stay hidden. */
import { hex, ipv4Text, text, u16, u32 } from '../bytes.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

const FIXED_BYTES = 20;
const MAX_BYTES = 4096;

export const RadiusAttribute = {
  userName: 1,
  userPassword: 2,
  nasIpAddress: 4,
  nasPort: 5,
  serviceType: 6,
  framedIpAddress: 8,
  filterId: 11,
  replyMessage: 18,
  vendorSpecific: 26,
  sessionTimeout: 27,
  calledStationId: 30,
  callingStationId: 31,
  nasIdentifier: 32,
  acctStatusType: 40,
  acctSessionId: 44,
  acctTerminateCause: 49,
  nasPortType: 61,
  tunnelPrivateGroupId: 81,
  connectInfo: 77,
  nasPortId: 87,
} as const;

const TEXT = new Set<number>([1, 11, 18, 30, 31, 32, 44, 77, 87]);
const NUMBER = new Set<number>([5, 6, 27, 28, 29, 40, 41, 42, 43, 45, 46, 47, 48, 49, 52, 53, 61]);
const ADDRESS = new Set<number>([4, 8, 9, 14]);

/** Offset of the first attribute of `type` of the packet at `start`, or −1; its value starts 2 bytes on. */
export function radiusAttribute(b: Uint8Array, start: number, end: number, type: number): number {
  for (let at = start + FIXED_BYTES; at + 2 <= end; at += b[at + 1]) {
    if (b[at + 1] < 2 || at + b[at + 1] > end) return -1;
    if (b[at] === type) return at;
  }
  return -1;
}

/** Text of the first attribute of `type`, or null. */
export function radiusText(b: Uint8Array, start: number, end: number, type: number): string | null {
  const at = radiusAttribute(b, start, end, type);
  return at < 0 ? null : text(b, at + 2, at + b[at + 1]);
}

export interface RadiusAttributeRecord {
  type: number;
  /** Hexadecimal. */
  data: string;
  value?: string | number;
  vendorId?: number;
}

export interface RadiusRecord {
  code: number;
  identifier: number;
  length: number;
  /** Hexadecimal. */
  authenticator: string;
  /** Up to the first whose length lies. */
  attributes: RadiusAttributeRecord[];
}

function attributeValue(
  type: number,
  b: Uint8Array,
  start: number,
  end: number,
): string | number | undefined {
  if (TEXT.has(type)) return text(b, start, end);
  if (end - start !== 4) return undefined;
  if (NUMBER.has(type)) return u32(b, start);
  return ADDRESS.has(type) ? ipv4Text(b, start) : undefined;
}

export const radius: Layer<RadiusRecord> = {
  proto: Proto.radius,

  dissect(d, start, end) {
    const b = d.frame;
    if (end - start < FIXED_BYTES) return d.truncated(Proto.radius, start, FIXED_BYTES, end - start);
    const length = u16(b, start + 2);
    if (length < FIXED_BYTES || length > MAX_BYTES) return; // the port was a wrong guess
    d.push(Proto.radius, start, start + FIXED_BYTES, Math.min(end, start + length));
  },

  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const end = d.end[i];
    const attributes: RadiusAttributeRecord[] = [];
    for (let at = start + FIXED_BYTES; at + 2 <= end; at += b[at + 1]) {
      const next = at + b[at + 1];
      if (b[at + 1] < 2 || next > end) break;
      const attribute: RadiusAttributeRecord = { type: b[at], data: hex(b, at + 2, next) };
      attribute.value = attributeValue(attribute.type, b, at + 2, next);
      if (attribute.type === RadiusAttribute.vendorSpecific && next - at >= 6) {
        attribute.vendorId = u32(b, at + 2);
      }
      attributes.push(attribute);
    }
    return {
      code: b[start],
      identifier: b[start + 1],
      length: u16(b, start + 2),
      authenticator: hex(b, start + 4, start + FIXED_BYTES),
      attributes,
    };
  },
};
