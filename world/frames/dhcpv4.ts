/** DHCP for IPv4: RFC 2131, options of RFC 2132. */
import { EtherType, ethernet } from './ethernet.ts';
import { type IpEnds, udp4 } from './ip.ts';
import { BROADCAST_MAC, be16, be32, element, ipv4Bytes, type Octets, octets, utf8 } from './octets.ts';

export const DhcpType = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const;

/** What one client's software asks for, and how it presents itself. */
export interface DhcpHabit {
  hostName?: string;
  vendorClass?: string;
  /** Option 55, in the client's order. */
  parameterRequestList: readonly number[];
}

export interface DhcpLease {
  ipv4: string;
  prefixLength: number;
  router: string;
  dns: string;
  domain: string;
  leaseS: number;
  server: string;
  serverMac: Uint8Array;
}

export interface DhcpClient extends DhcpHabit {
  mac: Uint8Array;
  transactionId: number;
}

const CLIENT_PORT = 68;
const SERVER_PORT = 67;
const COOKIE = [99, 130, 83, 99];
const NONE: Uint8Array = new Uint8Array(4);
const BROADCAST_IP: Uint8Array = Uint8Array.of(255, 255, 255, 255);

interface Bootp {
  op: 1 | 2;
  secs?: number;
  ciaddr?: Uint8Array;
  yiaddr?: Uint8Array;
  siaddr?: Uint8Array;
  options: readonly Octets[];
}

function message(client: DhcpClient, of: Bootp): Uint8Array {
  const { ciaddr = NONE, yiaddr = NONE, siaddr = NONE, secs = 0 } = of;
  const fixed = octets(
    [of.op, 1, 6, 0, ...be32(client.transactionId), ...be16(secs), 0, 0],
    ciaddr,
    yiaddr,
    siaddr,
    NONE,
    client.mac,
    new Uint8Array(10 + 64 + 128),
    COOKIE,
  );
  const whole = octets(fixed, ...of.options, [255]);
  // BOOTP receivers may insist on 300 bytes (RFC 1542 2.1).
  return whole.length >= 300 ? whole : octets(whole, new Uint8Array(300 - whole.length));
}

const clientIdOption = (mac: Uint8Array): Uint8Array => element(61, octets([1], mac));
const type = (value: number): Uint8Array => element(53, [value]);

function habitOptions(client: DhcpClient): Uint8Array[] {
  const { hostName, vendorClass, parameterRequestList } = client;
  return [
    clientIdOption(client.mac),
    ...(hostName === undefined ? [] : [element(12, utf8(hostName))]),
    ...(vendorClass === undefined ? [] : [element(60, utf8(vendorClass))]),
    ...(parameterRequestList.length === 0 ? [] : [element(55, parameterRequestList)]),
  ];
}

const fromClient = (
  client: DhcpClient,
  of: Bootp,
  ends: IpEnds = { from: NONE, to: BROADCAST_IP },
  to = BROADCAST_MAC,
): Uint8Array =>
  ethernet(
    to,
    client.mac,
    EtherType.ipv4,
    udp4(ends, { from: CLIENT_PORT, to: SERVER_PORT }, message(client, of)),
  );

export const dhcpDiscover = (client: DhcpClient, secs = 0): Uint8Array =>
  fromClient(client, { op: 1, secs, options: [type(DhcpType.discover), ...habitOptions(client)] });

/** SELECTING names the server; INIT-REBOOT, after a roam or a sleep, only asks for the address (4.3.2). */
export function dhcpRequest(client: DhcpClient, wanted: string, server: string | null): Uint8Array {
  const chosen = server === null ? [] : [element(54, ipv4Bytes(server))];
  const options = [
    type(DhcpType.request),
    element(50, ipv4Bytes(wanted)),
    ...chosen,
    ...habitOptions(client),
  ];
  return fromClient(client, { op: 1, options });
}

/** RENEWING: unicast to the server, with the address in `ciaddr` and in neither option 50 nor 54 (4.3.2). */
export function dhcpRenew(client: DhcpClient, lease: DhcpLease): Uint8Array {
  const ciaddr = ipv4Bytes(lease.ipv4);
  const ends = { from: ciaddr, to: ipv4Bytes(lease.server) };
  const options = [type(DhcpType.request), ...habitOptions(client)];
  return fromClient(client, { op: 1, ciaddr, options }, ends, lease.serverMac);
}

export function dhcpRelease(client: DhcpClient, lease: DhcpLease): Uint8Array {
  const ciaddr = ipv4Bytes(lease.ipv4);
  const ends = { from: ciaddr, to: ipv4Bytes(lease.server) };
  const options = [type(DhcpType.release), element(54, ends.to), clientIdOption(client.mac)];
  return fromClient(client, { op: 1, ciaddr, options }, ends, lease.serverMac);
}

const mask = (prefixLength: number): number[] =>
  be32(prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0);

/** OFFER or ACK: to the client's hardware and future address, since it set no broadcast flag (4.1). */
export function dhcpGrant(
  client: DhcpClient,
  lease: DhcpLease,
  kind: 'offer' | 'ack',
  renewing = false,
): Uint8Array {
  const yiaddr = ipv4Bytes(lease.ipv4);
  const siaddr = ipv4Bytes(lease.server);
  const options = [
    type(DhcpType[kind]),
    element(54, siaddr),
    element(51, be32(lease.leaseS)),
    element(58, be32(Math.floor(lease.leaseS / 2))),
    element(59, be32(Math.floor((lease.leaseS * 7) / 8))),
    element(1, mask(lease.prefixLength)),
    element(3, ipv4Bytes(lease.router)),
    element(6, ipv4Bytes(lease.dns)),
    element(15, utf8(lease.domain)),
  ];
  const ciaddr = renewing ? yiaddr : NONE;
  const payload = message(client, { op: 2, ciaddr, yiaddr, siaddr, options });
  const ends = { from: siaddr, to: yiaddr };
  const packet = udp4(ends, { from: SERVER_PORT, to: CLIENT_PORT }, payload);
  return ethernet(client.mac, lease.serverMac, EtherType.ipv4, packet);
}

/** To everybody: the client has no address to be reached at (4.3.2). */
export function dhcpNak(client: DhcpClient, server: string, serverMac: Uint8Array, text: string): Uint8Array {
  const from = ipv4Bytes(server);
  const options = [type(DhcpType.nak), element(54, from), element(56, utf8(text))];
  const payload = message(client, { op: 2, options });
  const packet = udp4({ from, to: BROADCAST_IP }, { from: SERVER_PORT, to: CLIENT_PORT }, payload);
  return ethernet(BROADCAST_MAC, serverMac, EtherType.ipv4, packet);
}
