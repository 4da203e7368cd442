/** DHCPv6, RFC 8415: one identity association of one address. */
import { EtherType, ethernet } from './ethernet.ts';
import { linkLocal, multicastMac } from './icmpv6.ts';
import { IpProtocol, ipv6, udp } from './ip.ts';
import { be16, be32, ipv6Bytes, type Octets, octets, utf8 } from './octets.ts';

export const Dhcpv6Type = { solicit: 1, advertise: 2, request: 3, reply: 7 } as const;

export interface Dhcpv6Client {
  mac: Uint8Array;
  /** 24 bits. */
  transactionId: number;
  hostName?: string;
}

export interface Dhcpv6Lease {
  ipv6: string;
  serverMac: Uint8Array;
  validS: number;
}

const SERVERS = ipv6Bytes('ff02::1:2');

const option = (code: number, body: Octets): Uint8Array => octets(be16(code), be16(body.length), body);
/** DUID-LL, 11.4. */
const duid = (mac: Uint8Array): Uint8Array => octets([0, 3, 0, 1], mac);
const head = (type: number, transactionId: number): number[] => [
  type,
  ...be32(transactionId & 0xffffff).slice(1),
];

function association(mac: Uint8Array, lease: Dhcpv6Lease | null): Uint8Array {
  const renewS = lease === null ? 0 : Math.floor(lease.validS / 2);
  const rebindS = lease === null ? 0 : Math.floor((lease.validS * 4) / 5);
  const address =
    lease === null ? [] : option(5, octets(ipv6Bytes(lease.ipv6), be32(lease.validS), be32(lease.validS)));
  return option(3, octets(mac.subarray(2), be32(renewS), be32(rebindS), address));
}

/** Client FQDN, RFC 4704: a partial name of one label. */
const fqdn = (name: string): Uint8Array => option(39, octets([0, name.length], utf8(name)));

export function dhcpv6FromClient(
  client: Dhcpv6Client,
  kind: 'solicit' | 'request',
  lease: Dhcpv6Lease | null,
): Uint8Array {
  const message = octets(
    head(Dhcpv6Type[kind], client.transactionId),
    option(1, duid(client.mac)),
    ...(kind === 'request' && lease !== null ? [option(2, duid(lease.serverMac))] : []),
    association(client.mac, kind === 'request' ? lease : null),
    option(6, [...be16(23), ...be16(24)]),
    option(8, [0, 0]),
    ...(client.hostName === undefined ? [] : [fqdn(client.hostName)]),
  );
  const ends = { from: linkLocal(client.mac), to: SERVERS };
  const datagram = udp(ends, 546, 547, message);
  return ethernet(multicastMac(SERVERS), client.mac, EtherType.ipv6, ipv6(ends, IpProtocol.udp, datagram, 1));
}

export function dhcpv6FromServer(
  client: Dhcpv6Client,
  kind: 'advertise' | 'reply',
  lease: Dhcpv6Lease,
): Uint8Array {
  const message = octets(
    head(Dhcpv6Type[kind], client.transactionId),
    option(1, duid(client.mac)),
    option(2, duid(lease.serverMac)),
    association(client.mac, lease),
  );
  const ends = { from: linkLocal(lease.serverMac), to: linkLocal(client.mac) };
  const datagram = udp(ends, 547, 546, message);
  return ethernet(client.mac, lease.serverMac, EtherType.ipv6, ipv6(ends, IpProtocol.udp, datagram));
}
