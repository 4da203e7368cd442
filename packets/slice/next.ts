import { EtherType } from '../ethertype.ts';
import { IpProto } from '../ipproto.ts';
import { Proto } from '../protocols.ts';
import { Cut, type Walk } from './walk.ts';

const MAX_TAGS = 3;

/** What an EtherType names; types without a rule end the walk. */
export function etherTypeNext(w: Walk, etherType: number, start: number, end: number): void {
  switch (etherType) {
    case EtherType.ipv4:
      w.next(Proto.ipv4, start, end);
      return;
    case EtherType.ipv6:
      w.next(Proto.ipv6, start, end);
      return;
    case EtherType.arp:
    case EtherType.rarp:
      w.next(Proto.arp, start, end);
      return;
    case EtherType.customerVlan:
    case EtherType.serviceVlan:
    case EtherType.legacyQinQ:
      if (++w.tags > MAX_TAGS) w.stop(Cut.limit);
      else w.tag(Proto.vlan, start, end);
      return;
    case EtherType.mpls:
    case EtherType.mplsUpstream:
      w.next(Proto.mpls, start, end);
      return;
    case EtherType.pppoeDiscovery:
      w.next(PPPOE_DISCOVERY, start, end);
      return;
    case EtherType.pppoeSession:
      w.next(Proto.pppoe, start, end);
      return;
    case EtherType.eapol:
    case EtherType.preauthentication:
      w.next(Proto.eapol, start, end);
      return;
    case EtherType.lldp:
      w.next(Proto.lldp, start, end);
      return;
    default:
      w.stop(start < end ? Cut.unknown : Cut.none);
  }
}

/** What GRE and GENEVE both carry, by its EtherType; false when it is none of that. */
export function tunnelledNext(w: Walk, etherType: number, start: number, end: number): boolean {
  switch (etherType) {
    case EtherType.ipv4:
      w.next(Proto.ipv4, start, end);
      return true;
    case EtherType.ipv6:
      w.next(Proto.ipv6, start, end);
      return true;
    case EtherType.transparentEthernet:
      w.next(Proto.ethernet, start, end);
      return true;
    default:
      return false;
  }
}

/** What an IP header's protocol number names; unknown ones end the walk. */
export function transportOf(w: Walk, protocol: number, start: number, end: number): void {
  const proto = TRANSPORT[protocol];
  if (proto === Proto.none) w.stop(start < end ? Cut.unknown : Cut.none);
  else if (start >= end && !w.firstFragment) w.stop(Cut.malformed);
  else w.next(proto, start, end);
}

/** A rule that no decoder has; its number is above all of `Proto`. */
export const PPPOE_DISCOVERY = 137;

const TRANSPORT = new Uint8Array(256).fill(Proto.none);
TRANSPORT[IpProto.tcp] = Proto.tcp;
TRANSPORT[IpProto.udp] = Proto.udp;
TRANSPORT[IpProto.udpLite] = Proto.udpLite;
TRANSPORT[IpProto.icmp] = Proto.icmp;
TRANSPORT[IpProto.icmpv6] = Proto.icmpv6;
TRANSPORT[IpProto.igmp] = Proto.igmp;
TRANSPORT[IpProto.sctp] = Proto.sctp;
TRANSPORT[IpProto.gre] = Proto.gre;
TRANSPORT[IpProto.ipv4] = Proto.ipv4;
TRANSPORT[IpProto.ipv6] = Proto.ipv6;
TRANSPORT[IpProto.esp] = Proto.esp;
TRANSPORT[IpProto.ah] = Proto.ah;
