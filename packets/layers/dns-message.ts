/** The message of DNS, mDNS and LLMNR: RFC 1035 §4, SRV RFC 2782, EDNS RFC 6891, mDNS RFC 6762. */
import { hex, ipv4Text, ipv6Text, text, u16, u32 } from '../bytes.ts';
import { dnsName } from './dns-name.ts';

export const DNS_HEADER_BYTES = 12;

export const DnsType = {
  a: 1,
  ns: 2,
  cname: 5,
  soa: 6,
  ptr: 12,
  hinfo: 13,
  mx: 15,
  txt: 16,
  aaaa: 28,
  srv: 33,
  dname: 39,
  opt: 41,
} as const;

export interface DnsQuestion {
  name: string;
  type: number;
  /** Without the top bit of mDNS. */
  class: number;
  /** mDNS: the answer may come by unicast (RFC 6762 §5.4). */
  unicastResponse: boolean;
}

export interface DnsResource {
  name: string;
  type: number;
  class: number;
  /** mDNS: replaces what is cached (RFC 6762 §10.2). */
  cacheFlush: boolean;
  ttlS: number;
  /** A and AAAA. */
  address?: string;
  /** NS, CNAME, PTR, DNAME, MX exchange, SRV target, SOA primary server. */
  target?: string;
  /** MX preference, SRV priority. */
  priority?: number;
  weight?: number;
  port?: number;
  /** TXT and HINFO strings. */
  strings?: string[];
  /** All other types: hexadecimal. */
  data?: string;
}

export interface DnsRecord {
  id: number;
  response: boolean;
  opcode: number;
  authoritative: boolean;
  truncated: boolean;
  recursionDesired: boolean;
  recursionAvailable: boolean;
  responseCode: number;
  questionCount: number;
  answerCount: number;
  authorityCount: number;
  additionalCount: number;
  questions: DnsQuestion[];
  answers: DnsResource[];
  authorities: DnsResource[];
  additionals: DnsResource[];
  /** False when a count promises more than could be read: cut off, malformed, or a looping name. */
  complete: boolean;
}

export const dnsId = (b: Uint8Array, start: number): number => u16(b, start);
export const dnsIsResponse = (b: Uint8Array, start: number): boolean => (b[start + 2] & 0x80) !== 0;
export const dnsResponseCode = (b: Uint8Array, start: number): number => b[start + 3] & 0x0f;

function characterStrings(b: Uint8Array, start: number, end: number): string[] {
  const strings: string[] = [];
  for (let at = start; at < end; at += 1 + b[at]) {
    const stringEnd = at + 1 + b[at];
    if (stringEnd > end) break;
    strings.push(text(b, at + 1, stringEnd));
  }
  return strings;
}

function readData(r: DnsResource, b: Uint8Array, message: number, at: number, end: number): void {
  switch (r.type) {
    case DnsType.a:
      if (end - at === 4) r.address = ipv4Text(b, at);
      break;
    case DnsType.aaaa:
      if (end - at === 16) r.address = ipv6Text(b, at);
      break;
    case DnsType.ns:
    case DnsType.cname:
    case DnsType.ptr:
    case DnsType.dname:
    case DnsType.soa:
      r.target = dnsName(b, message, at, end)?.text;
      break;
    case DnsType.mx:
      if (end - at < 3) break;
      r.priority = u16(b, at);
      r.target = dnsName(b, message, at + 2, end)?.text;
      break;
    case DnsType.srv:
      if (end - at < 7) break;
      r.priority = u16(b, at);
      r.weight = u16(b, at + 2);
      r.port = u16(b, at + 4);
      r.target = dnsName(b, message, at + 6, end)?.text;
      break;
    case DnsType.txt:
    case DnsType.hinfo:
      r.strings = characterStrings(b, at, end);
      break;
    default:
      r.data = hex(b, at, end);
  }
}

/** The entry at `at` and where the next one starts; null when it cannot be read. */
function question(
  b: Uint8Array,
  message: number,
  at: number,
  end: number,
): { q: DnsQuestion; next: number } | null {
  const name = dnsName(b, message, at, end);
  if (name === null || name.next + 4 > end) return null;
  const cls = u16(b, name.next + 2);
  return {
    q: {
      name: name.text,
      type: u16(b, name.next),
      class: cls & 0x7fff,
      unicastResponse: (cls & 0x8000) !== 0,
    },
    next: name.next + 4,
  };
}

function resource(
  b: Uint8Array,
  message: number,
  at: number,
  end: number,
): { r: DnsResource; next: number } | null {
  const name = dnsName(b, message, at, end);
  if (name === null || name.next + 10 > end) return null;
  const dataStart = name.next + 10;
  const dataEnd = dataStart + u16(b, name.next + 8);
  if (dataEnd > end) return null;
  const type = u16(b, name.next);
  const cls = u16(b, name.next + 2);
  // The class of OPT is a payload size, all 16 bits of it (RFC 6891 §6.1.2).
  const isOpt = type === DnsType.opt;
  const r: DnsResource = {
    name: name.text,
    type,
    class: isOpt ? cls : cls & 0x7fff,
    cacheFlush: !isOpt && (cls & 0x8000) !== 0,
    ttlS: u32(b, name.next + 4),
  };
  readData(r, b, message, dataStart, dataEnd);
  return { r, next: dataEnd };
}

/** The message at `start`, whose 12-byte header has been checked. */
export function dnsFields(b: Uint8Array, start: number, end: number): DnsRecord {
  const flags = u16(b, start + 2);
  const record: DnsRecord = {
    id: dnsId(b, start),
    response: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 15,
    authoritative: (flags & 0x0400) !== 0,
    truncated: (flags & 0x0200) !== 0,
    recursionDesired: (flags & 0x0100) !== 0,
    recursionAvailable: (flags & 0x0080) !== 0,
    responseCode: flags & 15,
    questionCount: u16(b, start + 4),
    answerCount: u16(b, start + 6),
    authorityCount: u16(b, start + 8),
    additionalCount: u16(b, start + 10),
    questions: [],
    answers: [],
    authorities: [],
    additionals: [],
    complete: false,
  };
  let at = start + DNS_HEADER_BYTES;
  for (let n = record.questionCount; n > 0; n--) {
    const entry = question(b, start, at, end);
    if (entry === null) return record;
    record.questions.push(entry.q);
    at = entry.next;
  }
  const sections: [number, DnsResource[]][] = [
    [record.answerCount, record.answers],
    [record.authorityCount, record.authorities],
    [record.additionalCount, record.additionals],
  ];
  for (const [count, into] of sections) {
    for (let n = count; n > 0; n--) {
      const entry = resource(b, start, at, end);
      if (entry === null) return record;
      into.push(entry.r);
      at = entry.next;
    }
  }
  record.complete = true;
  return record;
}
