/** Cisco Discovery Protocol, version 2: SNAP with OUI 00:00:0c and protocol 0x2000. */
import { internetChecksum } from '../../packets/checksum.ts';
import { ethernetLlc } from './ethernet.ts';
import { be16, be32, ipv4Bytes, type Octets, octets, utf8 } from './octets.ts';

export interface CdpSender {
  mac: Uint8Array;
  deviceId: string;
  portId: string;
  platform: string;
  software: string;
  ttlS: number;
  ipv4: string | null;
  nativeVlan: number;
  /** Bits: 1 router, 2 transparent bridge, 8 switch, 16 host. */
  capabilities: number;
}

const CDP_GROUP = [0x01, 0x00, 0x0c, 0xcc, 0xcc, 0xcc];
const SNAP = [0xaa, 0xaa, 0x03, 0x00, 0x00, 0x0c, 0x20, 0x00];

const tlv = (type: number, body: Octets): Uint8Array => octets(be16(type), be16(4 + body.length), body);

/** One address: protocol type NLPID, one byte, 0xcc for IPv4. */
const addresses = (ipv4: string): Uint8Array => octets(be32(1), [1, 1, 0xcc], be16(4), ipv4Bytes(ipv4));

export function cdp(of: CdpSender): Uint8Array {
  const message = octets(
    [2, of.ttlS, 0, 0],
    tlv(1, utf8(of.deviceId)),
    ...(of.ipv4 === null ? [] : [tlv(2, addresses(of.ipv4))]),
    tlv(3, utf8(of.portId)),
    tlv(4, be32(of.capabilities)),
    tlv(5, utf8(of.software)),
    tlv(6, utf8(of.platform)),
    tlv(10, be16(of.nativeVlan)),
    tlv(11, [1]),
  );
  // Unlike RFC 1071, an odd last byte is the low half of its word; duplex, the last TLV, keeps it below 0x80,
  // where the implementations agree.
  const even = message.length & ~1;
  const last = message.length > even ? message[even] : 0;
  message.set(be16(internetChecksum(message, 0, even, last)), 2);
  return ethernetLlc(CDP_GROUP, of.mac, octets(SNAP, message));
}
