/** DHCP for IPv6: RFC 8415 §8 and §9; the options are in dhcpv6-options.ts. */
import { ipv6Text, u24 } from '../bytes.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';
import {
  Dhcpv6Option,
  type Dhcpv6OptionRecord,
  dhcpv6OptionEnd,
  dhcpv6Options,
  findDhcpv6Option,
} from './dhcpv6-options.ts';

const CLIENT_BYTES = 4;
const RELAY_BYTES = 34;
const RELAY_FORWARD = 12;
const RELAY_REPLY = 13;
/** RFC 8415 §7.6, HOP_COUNT_LIMIT. */
const MAX_RELAYS = 8;

export const dhcpv6MessageType = (b: Uint8Array, start: number): number => b[start];
const isRelay = (type: number): boolean => type === RELAY_FORWARD || type === RELAY_REPLY;
const headerBytes = (type: number): number => (isRelay(type) ? RELAY_BYTES : CLIENT_BYTES);
/** Transaction id of a client or server message. */
export const dhcpv6Xid = (b: Uint8Array, start: number): number => u24(b, start + 1);

/** Offset of option `code` of the message at `start`, whose header has been checked; −1 when it has none. */
export const dhcpv6Option = (b: Uint8Array, start: number, end: number, code: number): number =>
  findDhcpv6Option(b, start + headerBytes(b[start]), end, code);

export interface Dhcpv6Record {
  messageType: number;
  /** Not in relay messages. */
  xid?: number;
  hopCount?: number;
  linkAddress?: string;
  peerAddress?: string;
  options: Dhcpv6OptionRecord[];
  /** The message inside a relay message. */
  relayed?: Dhcpv6Record;
}

/** Fields of the message at `start`; null when its header is cut off. */
function fields(b: Uint8Array, start: number, end: number): Dhcpv6Record | null {
  if (start >= end || end - start < headerBytes(b[start])) return null;
  const messageType = b[start];
  const options = dhcpv6Options(b, start + headerBytes(messageType), end);
  if (!isRelay(messageType)) return { messageType, xid: dhcpv6Xid(b, start), options };
  return {
    messageType,
    hopCount: b[start + 1],
    linkAddress: ipv6Text(b, start + 2),
    peerAddress: ipv6Text(b, start + 18),
    options: options.filter(({ code }) => code !== Dhcpv6Option.relayMessage),
  };
}

export const dhcpv6: Layer<Dhcpv6Record> = {
  proto: Proto.dhcpv6,

  dissect(d, start, end) {
    if (start >= end) return;
    const needed = headerBytes(d.frame[start]);
    if (end - start < needed) return d.truncated(Proto.dhcpv6, start, needed, end - start);
    d.push(Proto.dhcpv6, start, start + needed, end);
  },

  record(d, i) {
    const b = d.frame;
    let start = d.start[i];
    let end = d.end[i];
    const outer = fields(b, start, end) ?? { messageType: b[start], options: [] };
    let record = outer;
    for (let relays = 0; isRelay(record.messageType) && relays < MAX_RELAYS; relays++) {
      const at = dhcpv6Option(b, start, end, Dhcpv6Option.relayMessage);
      if (at < 0) break;
      end = dhcpv6OptionEnd(b, at, end);
      start = at + 4;
      const inner = fields(b, start, end);
      if (inner === null) break;
      record.relayed = inner;
      record = inner;
    }
    return outer;
  },
};
