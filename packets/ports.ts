/**
 * Which protocol a well-known port suggests. A port is a hint only: each layer below checks what it finds and
 * steps back when it is something else. The destination port is asked first, then the source port.
 */
import { Proto } from './protocols.ts';

const UDP: readonly (readonly [proto: number, ...ports: number[]])[] = [
  [Proto.dns, 53, 5355], // 5355: LLMNR (RFC 4795) has the DNS message format
  [Proto.dhcpv4, 67, 68],
  [Proto.quic, 443],
  [Proto.dhcpv6, 546, 547],
  [Proto.radius, 1645, 1646, 1812, 1813, 3799],
  [Proto.ssdp, 1900],
  [Proto.gtpu, 2152],
  [Proto.teredo, 3544],
  [Proto.vxlan, 4789, 8472], // 8472: what Linux used before IANA gave 4789
  [Proto.capwap, 5246, 5247],
  [Proto.mdns, 5353],
  [Proto.geneve, 6081],
];

const TCP: readonly (readonly [proto: number, ...ports: number[]])[] = [
  [Proto.dns, 53],
  [Proto.http, 80, 591, 3128, 8000, 8008, 8080, 8088, 8888],
  [Proto.tls, 443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 5061, 8443, 8883],
];

function table(rows: readonly (readonly [number, ...number[]])[]): Uint8Array {
  const byPort = new Uint8Array(65_536).fill(Proto.none);
  for (const [proto, ...ports] of rows) for (const port of ports) byPort[port] = proto;
  return byPort;
}

const udp = table(UDP);
const tcp = table(TCP);

export const protocolOfUdpPorts = (source: number, destination: number): number =>
  udp[destination] || udp[source];

export const protocolOfTcpPorts = (source: number, destination: number): number =>
  tcp[destination] || tcp[source];
