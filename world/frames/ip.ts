/** IPv4 (RFC 791), IPv6 (RFC 8200) and UDP (RFC 768) with their checksums. */
import { addWords, foldChecksum, internetChecksum } from '../../packets/checksum.ts';
import { be16, be32, type Octets, octets } from './octets.ts';

export const IpProtocol = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;

/** Both ends of a flow; addresses of 4 or 16 bytes, of one kind. */
export interface IpEnds {
  from: Uint8Array;
  to: Uint8Array;
}

export interface Ipv4Fields {
  /** Identification; a host counts it up. */
  id?: number;
  ttl?: number;
}

export function ipv4(ends: IpEnds, protocol: number, payload: Octets, fields: Ipv4Fields = {}): Uint8Array {
  const { id = 0, ttl = 64 } = fields;
  const packet = octets(
    [0x45, 0, ...be16(20 + payload.length), ...be16(id), 0x40, 0, ttl, protocol, 0, 0],
    ends.from,
    ends.to,
    payload,
  );
  packet.set(be16(internetChecksum(packet, 0, 20)), 10);
  return packet;
}

export const ipv6 = (ends: IpEnds, nextHeader: number, payload: Octets, hopLimit = 64): Uint8Array =>
  octets([0x60, 0, 0, 0, ...be16(payload.length), nextHeader, hopLimit], ends.from, ends.to, payload);

/** Sum of the pseudo header (RFC 9293 3.1, RFC 8200 8.1). */
const pseudoSum = (ends: IpEnds, protocol: number, length: number): number =>
  addWords(ends.to, 0, ends.to.length, addWords(ends.from, 0, ends.from.length)) + protocol + length;

/** Writes the checksum of a TCP segment, UDP datagram or ICMPv6 message at `offset`, where zeros are. */
export function sealTransport(segment: Uint8Array, offset: number, ends: IpEnds, protocol: number): void {
  const sum = addWords(segment, 0, segment.length, pseudoSum(ends, protocol, segment.length));
  const checksum = foldChecksum(sum);
  segment.set(be16(protocol === IpProtocol.udp && checksum === 0 ? 0xffff : checksum), offset);
}

export function udp(ends: IpEnds, fromPort: number, toPort: number, payload: Octets): Uint8Array {
  const datagram = octets(be16(fromPort), be16(toPort), be16(8 + payload.length), [0, 0], payload);
  sealTransport(datagram, 6, ends, IpProtocol.udp);
  return datagram;
}

/** An IPv4 packet with a UDP datagram. */
export const udp4 = (
  ends: IpEnds,
  ports: { from: number; to: number },
  payload: Octets,
  fields?: Ipv4Fields,
): Uint8Array => ipv4(ends, IpProtocol.udp, udp(ends, ports.from, ports.to, payload), fields);

export interface TcpFields {
  fromPort: number;
  toPort: number;
  seq: number;
  ack: number;
  flags: number;
  window?: number;
  options?: Octets;
}

export const TcpFlag = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const;

/** RFC 9293 3.1. `options` must be a multiple of four bytes. */
export function tcp(ends: IpEnds, fields: TcpFields, payload: Octets = []): Uint8Array {
  const { options = [], window = 64_240 } = fields;
  const segment = octets(
    be16(fields.fromPort),
    be16(fields.toPort),
    be32(fields.seq >>> 0),
    be32(fields.ack >>> 0),
    [((20 + options.length) / 4) << 4, fields.flags],
    be16(window),
    [0, 0, 0, 0],
    options,
    payload,
  );
  sealTransport(segment, 16, ends, IpProtocol.tcp);
  return segment;
}
