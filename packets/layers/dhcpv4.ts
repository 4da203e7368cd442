/** DHCP for IPv4, and BOOTP below it: RFC 2131, RFC 951; the options are in dhcpv4-options.ts. */
import { hex, ipv4Text, macText, text, u16, u32 } from '../bytes.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';
import {
  DHCPV4_OPTIONS,
  Dhcpv4Option,
  type Dhcpv4Value,
  dhcpv4Option,
  dhcpv4Options,
  dhcpv4Value,
  hasDhcpv4Cookie,
  joinOptionParts,
} from './dhcpv4-options.ts';

/** Offsets from the start of the message. */
export const DHCPV4_CIADDR = 12;
export const DHCPV4_YIADDR = 16;
export const DHCPV4_GIADDR = 24;
export const DHCPV4_CHADDR = 28;
const BOOTP_BYTES = 236;

/** 1 request, 2 reply. */
export const dhcpv4Op = (b: Uint8Array, start: number): number => b[start];
export const dhcpv4Xid = (b: Uint8Array, start: number): number => u32(b, start + 4);

/** 1 discover, 2 offer, 3 request, 4 decline, 5 ack, 6 nak, 7 release, 8 inform; 0 is plain BOOTP. */
export function dhcpv4MessageType(b: Uint8Array, start: number, end: number): number {
  return dhcpv4Option(b, start, end, Dhcpv4Option.messageType)?.[0] ?? 0;
}

export interface Dhcpv4Record {
  op: number;
  hardwareType: number;
  hardwareLength: number;
  hops: number;
  xid: number;
  secs: number;
  broadcast: boolean;
  ciaddr: string;
  yiaddr: string;
  siaddr: string;
  giaddr: string;
  /** A MAC where the hardware type is Ethernet, else hexadecimal. */
  chaddr: string;
  serverName: string;
  file: string;
  /** 0 is plain BOOTP. */
  messageType: number;
  /** Each code once, in order of first appearance, split options joined; `data` is hexadecimal. */
  options: { code: number; data: string; value?: Dhcpv4Value }[];
}

function options(b: Uint8Array, start: number, end: number): Dhcpv4Record['options'] {
  const byCode = new Map<number, Uint8Array[]>();
  for (const { code, start: from, end: to } of dhcpv4Options(b, start, end)) {
    const parts = byCode.get(code);
    if (parts === undefined) byCode.set(code, [b.subarray(from, to)]);
    else parts.push(b.subarray(from, to));
  }
  const found: Dhcpv4Record['options'] = [];
  for (const [code, parts] of byCode) {
    const whole = joinOptionParts(parts);
    found.push({ code, data: hex(whole, 0, whole.length), value: dhcpv4Value(code, whole) });
  }
  return found;
}

/** Text of a NUL-terminated fixed field. */
function fixedText(b: Uint8Array, start: number, end: number): string {
  let to = start;
  while (to < end && b[to] !== 0) to++;
  return text(b, start, to);
}

export const dhcpv4: Layer<Dhcpv4Record> = {
  proto: Proto.dhcpv4,

  dissect(d, start, end) {
    const b = d.frame;
    if (end - start < BOOTP_BYTES) return d.truncated(Proto.dhcpv4, start, BOOTP_BYTES, end - start);
    if (b[start] !== 1 && b[start] !== 2) return; // the port was a wrong guess
    const headerBytes = hasDhcpv4Cookie(b, start, end) ? DHCPV4_OPTIONS : BOOTP_BYTES;
    d.push(Proto.dhcpv4, start, start + headerBytes, end);
  },

  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const end = d.end[i];
    const hardwareLength = Math.min(b[start + 2], 16);
    const chaddr = start + DHCPV4_CHADDR;
    return {
      op: dhcpv4Op(b, start),
      hardwareType: b[start + 1],
      hardwareLength: b[start + 2],
      hops: b[start + 3],
      xid: dhcpv4Xid(b, start),
      secs: u16(b, start + 8),
      broadcast: (b[start + 10] & 0x80) !== 0,
      ciaddr: ipv4Text(b, start + DHCPV4_CIADDR),
      yiaddr: ipv4Text(b, start + DHCPV4_YIADDR),
      siaddr: ipv4Text(b, start + 20),
      giaddr: ipv4Text(b, start + DHCPV4_GIADDR),
      chaddr:
        b[start + 1] === 1 && hardwareLength === 6
          ? macText(b, chaddr)
          : hex(b, chaddr, chaddr + hardwareLength),
      serverName: fixedText(b, start + 44, start + 108),
      file: fixedText(b, start + 108, start + BOOTP_BYTES),
      messageType: dhcpv4MessageType(b, start, end),
      options: options(b, start, end),
    };
  },
};
