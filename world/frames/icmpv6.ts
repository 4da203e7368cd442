/** Neighbour discovery (RFC 4861) and address configuration (RFC 4862). */
import { EtherType, ethernet } from './ethernet.ts';
import { IpProtocol, ipv6, sealTransport } from './ip.ts';
import { be16, be32, ipv6Bytes, type Octets, octets } from './octets.ts';

const UNSPECIFIED = new Uint8Array(16);
const ALL_ROUTERS = ipv6Bytes('ff02::2');
const ALL_NODES = ipv6Bytes('ff02::1');
const SOURCE_LINK_LAYER = 1;
const TARGET_LINK_LAYER = 2;

/** 33:33 and the last four bytes of the group (RFC 2464 7). */
export const multicastMac = (group: Uint8Array): Uint8Array => octets([0x33, 0x33], group.subarray(12));

/** ff02::1:ff00:0/104 and the last three bytes of the address (RFC 4291 2.7.1). */
const solicitedNode = (address: Uint8Array): Uint8Array =>
  octets([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff], address.subarray(13));

/** fe80::/64 with the modified EUI-64 of a MAC (RFC 4291 appendix A). */
export const linkLocal = (mac: Uint8Array): Uint8Array => octets([0xfe, 0x80, 0, 0, 0, 0, 0, 0], eui64(mac));

export const eui64 = (mac: Uint8Array): Uint8Array =>
  octets([mac[0] ^ 2, mac[1], mac[2], 0xff, 0xfe], mac.subarray(3));

function packet(
  from: { mac: Uint8Array; ip: Uint8Array },
  to: { mac: Uint8Array; ip: Uint8Array },
  type: number,
  body: Octets,
): Uint8Array {
  const message = octets([type, 0, 0, 0], body);
  const ends = { from: from.ip, to: to.ip };
  sealTransport(message, 2, ends, IpProtocol.icmpv6);
  // RFC 4861 demands hop limit 255, so that nothing from beyond a router is believed.
  return ethernet(to.mac, from.mac, EtherType.ipv6, ipv6(ends, IpProtocol.icmpv6, message, 255));
}

const toGroup = (ip: Uint8Array) => ({ mac: multicastMac(ip), ip });

/** RFC 4862 5.4.2: does anybody have `target`? */
export const duplicateAddressProbe = (mac: Uint8Array, target: Uint8Array): Uint8Array =>
  packet({ mac, ip: UNSPECIFIED }, toGroup(solicitedNode(target)), 135, octets([0, 0, 0, 0], target));

export const routerSolicitation = (mac: Uint8Array): Uint8Array =>
  packet(
    { mac, ip: linkLocal(mac) },
    toGroup(ALL_ROUTERS),
    133,
    octets([0, 0, 0, 0, SOURCE_LINK_LAYER, 1], mac),
  );

export interface RouterAdvertisement {
  mac: Uint8Array;
  /** First 64 bits are the prefix. */
  prefix: Uint8Array;
  lifetimeS: number;
  mtu: number;
}

export const routerAdvertisement = ({ mac, prefix, lifetimeS, mtu }: RouterAdvertisement): Uint8Array =>
  packet(
    { mac, ip: linkLocal(mac) },
    toGroup(ALL_NODES),
    134,
    octets(
      [64, 0, ...be16(lifetimeS), 0, 0, 0, 0, 0, 0, 0, 0],
      octets([SOURCE_LINK_LAYER, 1], mac),
      octets([3, 4, 64, 0xc0, ...be32(86_400), ...be32(14_400), 0, 0, 0, 0], prefix.subarray(0, 8)),
      new Uint8Array(8),
      octets([5, 1, 0, 0], be32(mtu)),
    ),
  );

/** Unsolicited: override flag, to all nodes (RFC 4861 7.2.6). */
export const neighbourAnnouncement = (mac: Uint8Array, address: Uint8Array): Uint8Array =>
  packet(
    { mac, ip: address },
    toGroup(ALL_NODES),
    136,
    octets([0x20, 0, 0, 0], address, [TARGET_LINK_LAYER, 1], mac),
  );
