import type { Layer } from './layer.ts';
import { ah } from './layers/ah.ts';
import { arp } from './layers/arp.ts';
import { avs } from './layers/avs.ts';
import { capwap } from './layers/capwap.ts';
import { cdp } from './layers/cdp.ts';
import { dhcpv4 } from './layers/dhcpv4.ts';
import { dhcpv6 } from './layers/dhcpv6.ts';
import { dns } from './layers/dns.ts';
import { eap } from './layers/eap.ts';
import { eapol } from './layers/eapol.ts';
import { edp } from './layers/edp.ts';
import { erspan } from './layers/erspan.ts';
import { esp } from './layers/esp.ts';
import { ethernet } from './layers/ethernet.ts';
import { geneve } from './layers/geneve.ts';
import { gre } from './layers/gre.ts';
import { gtpu } from './layers/gtpu.ts';
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
import { lacp } from './layers/lacp.ts';
import { linuxSll, linuxSll2 } from './layers/linux-sll.ts';
import { llc } from './layers/llc.ts';
import { lldp } from './layers/lldp.ts';
import { mdns } from './layers/mdns.ts';
import { mpls } from './layers/mpls.ts';
import { nullLoopback } from './layers/null-loopback.ts';
import { ppi } from './layers/ppi.ts';
import { ppp } from './layers/ppp.ts';
import { pppoe } from './layers/pppoe.ts';
import { prism } from './layers/prism.ts';
import { quic } from './layers/quic.ts';
import { radiotap } from './layers/radiotap.ts';
import { radius } from './layers/radius.ts';
import { rawIp } from './layers/raw-ip.ts';
import { sctp } from './layers/sctp.ts';
import { ssdp } from './layers/ssdp.ts';
import { stp } from './layers/stp.ts';
import { tcp } from './layers/tcp.ts';
import { teredo } from './layers/teredo.ts';
import { tls } from './layers/tls.ts';
import { udp } from './layers/udp.ts';
import { udpLite } from './layers/udp-lite.ts';
import { vlan } from './layers/vlan.ts';
import { vxlan } from './layers/vxlan.ts';
import { PROTO_COUNT } from './protocols.ts';

/** Every decoder, one line each: adding a protocol adds its file and its line here. */
const LAYERS: readonly Layer[] = [
  ah,
  arp,
  avs,
  capwap,
  cdp,
  dhcpv4,
  dhcpv6,
  dns,
  eap,
  eapol,
  edp,
  erspan,
  esp,
  ethernet,
  geneve,
  gre,
  gtpu,
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
  lacp,
  linuxSll,
  linuxSll2,
  llc,
  lldp,
  mdns,
  mpls,
  nullLoopback,
  ppi,
  ppp,
  pppoe,
  prism,
  quic,
  radiotap,
  radius,
  rawIp,
  sctp,
  ssdp,
  stp,
  tcp,
  teredo,
  tls,
  udp,
  udpLite,
  vlan,
  vxlan,
];

export const layerOf: readonly (Layer | undefined)[] = (() => {
  const table: (Layer | undefined)[] = new Array(PROTO_COUNT).fill(undefined);
  for (const layer of LAYERS) table[layer.proto] = layer;
  return table;
})();
