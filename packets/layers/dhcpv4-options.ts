/** DHCP options: layout RFC 2131 §4.1 and RFC 2132, split options RFC 3396, overload RFC 2132 §9.3. */
import { hex, ipv4Text, text, u16, u32 } from '../bytes.ts';
import { dnsName } from './dns-name.ts';

/** Offsets in a message: the fixed fields end in `sname`, `file` and the magic cookie. */
const SNAME = 44;
const FILE = 108;
const COOKIE = 236;
export const DHCPV4_OPTIONS = 240;
const MAGIC = 0x63825363;

export const Dhcpv4Option = {
  subnetMask: 1,
  router: 3,
  domainNameServer: 6,
  hostName: 12,
  domainName: 15,
  requestedAddress: 50,
  leaseTime: 51,
  overload: 52,
  messageType: 53,
  serverIdentifier: 54,
  parameterRequestList: 55,
  message: 56,
  maximumMessageSize: 57,
  renewalTime: 58,
  rebindingTime: 59,
  vendorClass: 60,
  clientIdentifier: 61,
  clientFqdn: 81,
  relayAgentInformation: 82,
} as const;

export const hasDhcpv4Cookie = (b: Uint8Array, start: number, end: number): boolean =>
  end - start >= DHCPV4_OPTIONS && u32(b, start + COOKIE) === MAGIC;

/** Where one option's data lies in the frame. */
export interface Dhcpv4OptionRange {
  code: number;
  start: number;
  end: number;
}

/** Adds the options between `at` and `end`; false when one's length lies. */
function walk(found: Dhcpv4OptionRange[], b: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at < end; ) {
    const code = b[at];
    if (code === 0) {
      at++;
      continue;
    }
    if (code === 255) return true;
    if (at + 1 >= end || at + 2 + b[at + 1] > end) return false;
    found.push({ code, start: at + 2, end: at + 2 + b[at + 1] });
    at += 2 + b[at + 1];
  }
  return true;
}

/**
 * All options of the message at `start`, in order: the options field, then `file`, then `sname` where option
 * 52 gives them to options. Stops at the first length that lies.
 */
export function dhcpv4Options(b: Uint8Array, start: number, end: number): Dhcpv4OptionRange[] {
  const found: Dhcpv4OptionRange[] = [];
  if (!hasDhcpv4Cookie(b, start, end)) return found;
  if (!walk(found, b, start + DHCPV4_OPTIONS, end)) return found;
  const overload = found.find(({ code }) => code === Dhcpv4Option.overload);
  const areas = overload !== undefined && overload.start < overload.end ? b[overload.start] : 0;
  if ((areas & 1) !== 0 && !walk(found, b, start + FILE, start + COOKIE)) return found;
  if ((areas & 2) !== 0) walk(found, b, start + SNAME, start + FILE);
  return found;
}

/** Parts of one option as one array; a single part is not copied. */
export function joinOptionParts(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Data of option `code`, its parts joined (RFC 3396); null when the message has none. */
export function dhcpv4Option(b: Uint8Array, start: number, end: number, code: number): Uint8Array | null {
  const parts: Uint8Array[] = [];
  for (const option of dhcpv4Options(b, start, end)) {
    if (option.code === code) parts.push(b.subarray(option.start, option.end));
  }
  return parts.length === 0 ? null : joinOptionParts(parts);
}

/** The name of option 81 (RFC 4702 §2.3): DNS wire format with the E flag, else deprecated ASCII; null when empty. */
export function clientFqdn(data: Uint8Array): string | null {
  if (data.length < 4) return null;
  if ((data[0] & 0x04) === 0) return text(data, 3, data.length) || null;
  // A partial name has no terminating zero; one is lent to it here.
  const wire = new Uint8Array(data.length - 2);
  wire.set(data.subarray(3));
  const name = dnsName(wire, 0, 0, wire.length)?.text ?? null;
  return name === '.' ? null : name;
}

export type Dhcpv4Value = string | number | string[] | number[] | { code: number; data: string }[];

const ADDRESS = new Set<number>([1, 28, 32, 50, 54]);
const ADDRESSES = new Set<number>([
  3, 4, 5, 6, 7, 8, 9, 10, 11, 41, 42, 44, 45, 48, 49, 65, 69, 70, 71, 72, 73, 74,
]);
const TEXT = new Set<number>([12, 14, 15, 17, 18, 40, 47, 56, 60, 62, 64, 66, 67, 100, 101, 114, 252]);
const SECONDS = new Set<number>([24, 35, 38, 51, 58, 59, 108]);
const BYTE = new Set<number>([19, 23, 46, 52, 53, 116]);

/** The data of an option as its standard reads it; undefined where only its bytes are known. */
export function dhcpv4Value(code: number, data: Uint8Array): Dhcpv4Value | undefined {
  const { length } = data;
  if (ADDRESS.has(code)) return length === 4 ? ipv4Text(data, 0) : undefined;
  if (ADDRESSES.has(code)) {
    const list: string[] = [];
    for (let at = 0; at + 4 <= length; at += 4) list.push(ipv4Text(data, at));
    return list;
  }
  if (TEXT.has(code)) return text(data, 0, length);
  if (SECONDS.has(code)) return length === 4 ? u32(data, 0) : undefined;
  if (BYTE.has(code)) return length === 1 ? data[0] : undefined;
  switch (code) {
    case Dhcpv4Option.maximumMessageSize:
      return length === 2 ? u16(data, 0) : undefined;
    case Dhcpv4Option.parameterRequestList:
      return Array.from(data);
    case Dhcpv4Option.clientFqdn:
      return clientFqdn(data) ?? undefined;
    case Dhcpv4Option.relayAgentInformation: {
      const subOptions: { code: number; data: string }[] = [];
      for (let at = 0; at + 2 <= length && at + 2 + data[at + 1] <= length; at += 2 + data[at + 1]) {
        subOptions.push({ code: data[at], data: hex(data, at + 2, at + 2 + data[at + 1]) });
      }
      return subOptions;
    }
  }
  return undefined;
}
