import { Proto } from './protocols.ts';

/** IEEE 802 EtherTypes that some decoder of ours reads (IEEE registration authority, RFC 9542). */
export const EtherType = {
  ipv4: 0x0800,
  arp: 0x0806,
  erspanIII: 0x22eb,
  transparentEthernet: 0x6558,
  rarp: 0x8035,
  customerVlan: 0x8100,
  ipv6: 0x86dd,
  slow: 0x8809,
  ppp: 0x880b,
  mpls: 0x8847,
  mplsUpstream: 0x8848,
  pppoeDiscovery: 0x8863,
  pppoeSession: 0x8864,
  eapol: 0x888e,
  serviceVlan: 0x88a8,
  erspanI: 0x88be,
  /** RSN pre-authentication, IEEE 802.11-2020 12.6.9.2: EAPOL under another EtherType. */
  preauthentication: 0x88c7,
  lldp: 0x88cc,
  /** QinQ of before 802.1ad. */
  legacyQinQ: 0x9100,
} as const;

/** Values from here on are types, values up to 1500 are 802.3 lengths (IEEE 802.3 3.2.6). */
export const FIRST_ETHERTYPE = 0x0600;
export const MAX_802_3_LENGTH = 1500;

export function protocolOfEtherType(etherType: number): number {
  switch (etherType) {
    case EtherType.ipv4:
      return Proto.ipv4;
    case EtherType.ipv6:
      return Proto.ipv6;
    case EtherType.arp:
    case EtherType.rarp:
      return Proto.arp;
    case EtherType.customerVlan:
    case EtherType.serviceVlan:
    case EtherType.legacyQinQ:
      return Proto.vlan;
    case EtherType.mpls:
    case EtherType.mplsUpstream:
      return Proto.mpls;
    case EtherType.pppoeDiscovery:
    case EtherType.pppoeSession:
      return Proto.pppoe;
    case EtherType.ppp:
      return Proto.ppp;
    case EtherType.eapol:
    case EtherType.preauthentication:
      return Proto.eapol;
    case EtherType.lldp:
      return Proto.lldp;
    case EtherType.slow:
      return Proto.lacp;
    case EtherType.transparentEthernet:
      return Proto.ethernet;
    default:
      return Proto.none;
  }
}
