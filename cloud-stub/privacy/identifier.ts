import ipaddr from 'ipaddr.js';
import type { SubjectKind } from '../../protocol/subject-bytes.ts';

/** One thing by which a person, or a device of one, is known; the value in the form in which it is compared. */
export interface Identifier {
  kind: SubjectKind;
  value: string;
}

/** Null when the text cannot be a value of that kind. */
export function identifier(kind: SubjectKind, text: string): Identifier | null {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > 255) return null;
  if (kind === 'mac') {
    const value = trimmed.replaceAll(/[:.-]/g, '').toLowerCase();
    return /^[0-9a-f]{12}$/.test(value) ? { kind, value } : null;
  }
  if (kind === 'ip') return isAddress(trimmed) ? { kind, value: ipaddr.parse(trimmed).toString() } : null;
  return { kind, value: trimmed.toLowerCase() };
}

/** Not `192.0.2`, which is an address to inet_aton. */
const isAddress = (text: string): boolean =>
  ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);

/** IEEE 802 clause 8: the second-lowest bit of the first octet says that the address is no manufacturer's. */
export const isRandomised = (mac: string): boolean => (Number.parseInt(mac.slice(0, 2), 16) & 2) !== 0;
