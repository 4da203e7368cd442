import type { Layer } from './layer.ts';
import { arp } from './layers/arp.ts';
import { dhcpv4 } from './layers/dhcpv4.ts';
import { dns } from './layers/dns.ts';
import { eap } from './layers/eap.ts';
import { eapol } from './layers/eapol.ts';
import { ethernet } from './layers/ethernet.ts';
import { http } from './layers/http.ts';
import { icmp } from './layers/icmp.ts';
import { icmpv6 } from './layers/icmpv6.ts';
import { ieee80211 } from './layers/ieee80211.ts';
import { igmp } from './layers/igmp.ts';
import { ipv4 } from './layers/ipv4.ts';
import { ipv6 } from './layers/ipv6.ts';
import { ipv6Dest } from './layers/ipv6-dest.ts';
import { ipv6Fragment } from './layers/ipv6-fragment.ts';
import { ipv6Hop } from './layers/ipv6-hop.ts';
import { ipv6Mobility } from './layers/ipv6-mobility.ts';
import { ipv6Route } from './layers/ipv6-route.ts';
import { llc } from './layers/llc.ts';
import { mdns } from './layers/mdns.ts';
import { ppi } from './layers/ppi.ts';
import { radiotap } from './layers/radiotap.ts';
import { tcp } from './layers/tcp.ts';
import { udp } from './layers/udp.ts';
import { vlan } from './layers/vlan.ts';
import { PROTO_COUNT } from './protocols.ts';

/** Every decoder, one line each: adding a protocol adds its file and its line here. */
const LAYERS: readonly Layer[] = [
  arp,
  dhcpv4,
  dns,
  eap,
  eapol,
  ethernet,
  http,
  icmp,
  icmpv6,
  ieee80211,
  igmp,
  ipv4,
  ipv6,
  ipv6Dest,
  ipv6Fragment,
  ipv6Hop,
  ipv6Mobility,
  ipv6Route,
  llc,
  mdns,
  ppi,
  radiotap,
  tcp,
  udp,
  vlan,
];

export const layerOf: readonly (Layer | undefined)[] = (() => {
  const table: (Layer | undefined)[] = new Array(PROTO_COUNT).fill(undefined);
  for (const layer of LAYERS) table[layer.proto] = layer;
  return table;
})();
