import { text, u16 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import { dhcpv6MessageType, dhcpv6Option } from '../layers/dhcpv6.ts';
import { Dhcpv6Option, dhcpv6OptionEnd } from '../layers/dhcpv6-options.ts';
import { dnsName } from '../layers/dns-name.ts';
import { evidenceOfVendorClass } from './dhcp-fingerprint.ts';
import type { Derive } from './frame-meta.ts';
import { type Host, NameSource } from './host.ts';

const OPTION_HEADER = 4;
/** RFC 4704 4.1: one byte of flags, then the name, partial names without the root. */
const FQDN_FLAGS = 1;
/** RFC 8415 21.16: enterprise number, then strings with two bytes of length each. */
const ENTERPRISE = 4;
const STRING_LENGTH = 2;

/** Beyond the codes of DHCPv4, which are one byte: a client's memory holds both. */
const REMEMBERED_CLASS = 0x1_0000 + Dhcpv6Option.vendorClass;

/** RFC 8415 7.3: messages that clients send. */
const FROM_CLIENT = new Set([1, 3, 4, 5, 6, 8, 9, 11]);

/** Name and vendor class that a DHCPv6 client gives. Relayed messages are their relay's, and say nothing here. */
export function observeDhcpv6(host: Host, derive: Derive, d: Dissection, i: number, frame: number): void {
  const b = d.frame;
  const start = d.start[i];
  const end = d.end[i];
  if (!FROM_CLIENT.has(dhcpv6MessageType(b, start))) return;
  if (derive.hostName) {
    const name = fqdn(b, start, end);
    if (name !== '') host.setHostName(name, NameSource.fqdn, frame);
  }
  if (!derive.family) return;
  const said = vendorClass(b, start, end);
  if (said === null || !host.dhcp.isNew(REMEMBERED_CLASS, b, said.start, said.end)) return;
  const evidence = evidenceOfVendorClass(text(b, said.start, said.end));
  if (evidence !== undefined) host.addEvidence('dhcpv6Class', evidence, frame);
}

function fqdn(b: Uint8Array, start: number, end: number): string {
  const at = dhcpv6Option(b, start, end, Dhcpv6Option.clientFqdn);
  if (at < 0) return '';
  const from = at + OPTION_HEADER + FQDN_FLAGS;
  const to = dhcpv6OptionEnd(b, at, end);
  if (from >= to) return '';
  // A partial name has no terminating zero; one is lent to it here.
  const wire = new Uint8Array(to - from + 1);
  wire.set(b.subarray(from, to));
  const name = dnsName(wire, 0, 0, wire.length)?.text ?? '.';
  return name === '.' ? '' : name;
}

/** Where the first string of the vendor class lies; null where there is none. */
function vendorClass(b: Uint8Array, start: number, end: number): { start: number; end: number } | null {
  const at = dhcpv6Option(b, start, end, Dhcpv6Option.vendorClass);
  if (at < 0) return null;
  const string = at + OPTION_HEADER + ENTERPRISE;
  const to = dhcpv6OptionEnd(b, at, end);
  if (string + STRING_LENGTH > to) return null;
  const from = string + STRING_LENGTH;
  return { start: from, end: Math.min(to, from + u16(b, string)) };
}
