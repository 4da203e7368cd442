/** DHCPv6 options: RFC 8415 §21; client FQDN RFC 4704, DNS RFC 3646, URLs RFC 5970, zero touch RFC 8572. */
import { hex, ipv6Text, text, u16, u32 } from '../bytes.ts';
import { dnsName } from './dns-name.ts';

export const Dhcpv6Option = {
  clientId: 1,
  serverId: 2,
  iaNa: 3,
  iaTa: 4,
  iaAddress: 5,
  optionRequest: 6,
  preference: 7,
  elapsedTime: 8,
  relayMessage: 9,
  statusCode: 13,
  rapidCommit: 14,
  userClass: 15,
  vendorClass: 16,
  vendorOptions: 17,
  interfaceId: 18,
  dnsServers: 23,
  domainList: 24,
  iaPd: 25,
  iaPrefix: 26,
  clientFqdn: 39,
  bootFileUrl: 59,
} as const;

const HEADER_BYTES = 4;

/** End of the option at `at`, or −1 when its length lies. */
export function dhcpv6OptionEnd(b: Uint8Array, at: number, end: number): number {
  if (at + HEADER_BYTES > end) return -1;
  const next = at + HEADER_BYTES + u16(b, at + 2);
  return next > end ? -1 : next;
}

/** Offset of the first option `code` between `at` and `end`, or −1; its data starts 4 bytes on. */
export function findDhcpv6Option(b: Uint8Array, at: number, end: number, code: number): number {
  for (let here = at; here < end; ) {
    const next = dhcpv6OptionEnd(b, here, end);
    if (next < 0) return -1;
    if (u16(b, here) === code) return here;
    here = next;
  }
  return -1;
}

export interface Dhcpv6OptionRecord {
  code: number;
  /** Hexadecimal. */
  data: string;
  /** DUIDs and the data of vendor and user classes stay in `data`; the rest as its standard reads it. */
  value?: string | number | number[] | string[];
  enterprise?: number;
  iaid?: number;
  preferredLifetimeS?: number;
  validLifetimeS?: number;
  prefixLength?: number;
  options?: Dhcpv6OptionRecord[];
}

/** Options that hold options: where these start in the data. IA_NA in a relayed message is as deep as it gets. */
const NESTED: Readonly<Record<number, number>> = { 3: 12, 4: 4, 5: 24, 25: 12, 26: 25 };
const MAX_DEPTH = 4;

function names(b: Uint8Array, start: number, end: number): string[] {
  const list: string[] = [];
  for (let at = start; at < end; ) {
    const name = dnsName(b, at, at, end);
    if (name === null) break;
    list.push(name.text);
    at = name.next;
  }
  return list;
}

/** Items with a two-byte length each: user class, vendor class. */
function items(b: Uint8Array, start: number, end: number): string[] {
  const list: string[] = [];
  for (let at = start; at + 2 <= end; at += 2 + u16(b, at)) {
    const itemEnd = at + 2 + u16(b, at);
    if (itemEnd > end) break;
    list.push(text(b, at + 2, itemEnd));
  }
  return list;
}

function read(option: Dhcpv6OptionRecord, b: Uint8Array, start: number, end: number): void {
  const length = end - start;
  switch (option.code) {
    case Dhcpv6Option.iaNa:
    case Dhcpv6Option.iaTa:
    case Dhcpv6Option.iaPd:
      if (length >= 4) option.iaid = u32(b, start);
      return;
    case Dhcpv6Option.iaAddress:
      if (length < 24) return;
      option.value = ipv6Text(b, start);
      option.preferredLifetimeS = u32(b, start + 16);
      option.validLifetimeS = u32(b, start + 20);
      return;
    case Dhcpv6Option.iaPrefix:
      if (length < 25) return;
      option.preferredLifetimeS = u32(b, start);
      option.validLifetimeS = u32(b, start + 4);
      option.prefixLength = b[start + 8];
      option.value = ipv6Text(b, start + 9);
      return;
    case Dhcpv6Option.optionRequest: {
      const codes: number[] = [];
      for (let at = start; at + 2 <= end; at += 2) codes.push(u16(b, at));
      option.value = codes;
      return;
    }
    case Dhcpv6Option.preference:
      if (length === 1) option.value = b[start];
      return;
    case Dhcpv6Option.elapsedTime:
      if (length === 2) option.value = u16(b, start);
      return;
    case Dhcpv6Option.statusCode:
      if (length >= 2) option.value = u16(b, start);
      return;
    case Dhcpv6Option.userClass:
      option.value = items(b, start, end);
      return;
    case Dhcpv6Option.vendorClass:
    case Dhcpv6Option.vendorOptions:
      if (length < 4) return;
      option.enterprise = u32(b, start);
      if (option.code === Dhcpv6Option.vendorClass) option.value = items(b, start + 4, end);
      return;
    case Dhcpv6Option.dnsServers: {
      const list: string[] = [];
      for (let at = start; at + 16 <= end; at += 16) list.push(ipv6Text(b, at));
      option.value = list;
      return;
    }
    case Dhcpv6Option.domainList:
      option.value = names(b, start, end);
      return;
    case Dhcpv6Option.bootFileUrl:
      option.value = text(b, start, end);
      return;
    case Dhcpv6Option.clientFqdn:
      option.value = dhcpv6Fqdn(b, start, end) ?? undefined;
  }
}

/** The name in the data of option 39, after its flags; null when empty. A partial name has no terminating zero. */
export function dhcpv6Fqdn(b: Uint8Array, start: number, end: number): string | null {
  if (end - start < 2) return null;
  const wire = new Uint8Array(end - start);
  wire.set(b.subarray(start + 1, end));
  const name = dnsName(wire, 0, 0, wire.length)?.text ?? null;
  return name === '.' ? null : name;
}

/** Options between `start` and `end`, up to the first whose length lies. */
export function dhcpv6Options(b: Uint8Array, start: number, end: number, depth = 0): Dhcpv6OptionRecord[] {
  const found: Dhcpv6OptionRecord[] = [];
  for (let at = start; at < end; ) {
    const next = dhcpv6OptionEnd(b, at, end);
    if (next < 0) break;
    const code = u16(b, at);
    const dataStart = at + HEADER_BYTES;
    const option: Dhcpv6OptionRecord = { code, data: hex(b, dataStart, next) };
    read(option, b, dataStart, next);
    const nested = NESTED[code];
    if (nested !== undefined && depth < MAX_DEPTH && dataStart + nested < next) {
      option.options = dhcpv6Options(b, dataStart + nested, next, depth + 1);
    }
    found.push(option);
    at = next;
  }
  return found;
}
