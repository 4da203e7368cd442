import { Proto } from './protocols.ts';

/** Protocol numbers of the IANA registry (IPv4 Protocol, IPv6 Next Header) that decide something here. */
export const IpProto = {
  hopByHop: 0,
  icmp: 1,
  igmp: 2,
  ipv4: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  ipv6Route: 43,
  ipv6Fragment: 44,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  noNext: 59,
  ipv6Destination: 60,
  sctp: 132,
  mobility: 135,
  udpLite: 136,
  mplsInIp: 137,
} as const;

const common: readonly (readonly [number, number])[] = [
  [IpProto.ipv4, Proto.ipv4],
  [IpProto.ipv6, Proto.ipv6],
  [IpProto.tcp, Proto.tcp],
  [IpProto.udp, Proto.udp],
  [IpProto.gre, Proto.gre],
  [IpProto.esp, Proto.esp],
  [IpProto.ah, Proto.ah],
  [IpProto.sctp, Proto.sctp],
  [IpProto.udpLite, Proto.udpLite],
  [IpProto.mplsInIp, Proto.mpls],
];

function table(...rows: (readonly [number, number])[]): Uint8Array {
  const byNumber = new Uint8Array(256).fill(Proto.none);
  for (const [number, proto] of [...common, ...rows]) byNumber[number] = proto;
  return byNumber;
}

/** What an IPv4 header's Protocol field names; IPv6 extension headers have no meaning there. */
export const protocolInIpv4: Uint8Array = table([IpProto.icmp, Proto.icmp], [IpProto.igmp, Proto.igmp]);

/**
 * What a Next Header field names. Hop-by-Hop options are missing: they may only follow the IPv6 header
 * itself (RFC 8200 §4.1), which looks for them by hand.
 */
export const protocolInIpv6: Uint8Array = table(
  [IpProto.icmpv6, Proto.icmpv6],
  [IpProto.ipv6Route, Proto.ipv6Route],
  [IpProto.ipv6Fragment, Proto.ipv6Fragment],
  [IpProto.ipv6Destination, Proto.ipv6Dest],
  [IpProto.mobility, Proto.ipv6Mobility],
);
