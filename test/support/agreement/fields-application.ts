import type { Dissection } from '../../../packets/dissection.ts';
import type { ClientHello } from '../../../packets/layers/client-hello.ts';
import type { Dhcpv4Record } from '../../../packets/layers/dhcpv4.ts';
import { dhcpv4 } from '../../../packets/layers/dhcpv4.ts';
import { dhcpv6 } from '../../../packets/layers/dhcpv6.ts';
import { dns } from '../../../packets/layers/dns.ts';
import type { DnsRecord } from '../../../packets/layers/dns-message.ts';
import { http } from '../../../packets/layers/http.ts';
import type { HeadRecord } from '../../../packets/layers/http-head.ts';
import { mdns } from '../../../packets/layers/mdns.ts';
import { quic } from '../../../packets/layers/quic.ts';
import { quicClientHello } from '../../../packets/layers/quic-initial.ts';
import { radius } from '../../../packets/layers/radius.ts';
import { ssdp } from '../../../packets/layers/ssdp.ts';
import { tls, tlsClientHello } from '../../../packets/layers/tls.ts';
import { type Field, flag, hexField, number, type Protocol, protocol, readings, text } from './protocol.ts';

const header = (name: string) => (r: HeadRecord) => {
  const found = r.headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
  return found;
};

const option = (
  r: Dhcpv4Record,
  code: number,
): string | number | readonly (string | number)[] | undefined => {
  const value = r.options.find((entry) => entry.code === code)?.value;
  if (typeof value === 'string' || typeof value === 'number') return value;
  return Array.isArray(value) ? value.filter((item) => typeof item !== 'object') : undefined;
};

const dnsFields: readonly Field<DnsRecord>[] = [
  number('dns.id', (r) => r.id),
  flag('dns.flags.response', (r) => r.response),
  number('dns.count.queries', (r) => r.questionCount),
  number('dns.count.answers', (r) => r.answerCount),
  text('dns.qry.name', (r) => r.questions.map((question) => question.name)),
  number('dns.qry.type', (r) => r.questions.map((question) => question.type)),
  number('dns.flags.rcode', (r) => (r.response ? r.responseCode : undefined)),
  text('dns.a', (r) => addresses(r, 1)),
  text('dns.aaaa', (r) => addresses(r, 28)),
];

const addresses = (r: DnsRecord, type: number): string[] =>
  [...r.answers, ...r.authorities, ...r.additionals]
    .filter((resource) => resource.type === type)
    .flatMap((resource) => resource.address ?? []);

/** A client identifier of hardware type 1 is a MAC address, and tshark prints it under the same name. */
function clientMac(r: Dhcpv4Record): string[] {
  const data = r.options.find((entry) => entry.code === 61)?.data ?? '';
  return /^01[0-9a-f]{12}$/.test(data) ? [data.slice(2).replace(/(..)(?=.)/g, '$1:')] : [];
}

/** mDNS and SSDP have the names of fields of DNS and HTTP in tshark. */
const has = (name: string) => (stack: string) => stack.split(':').includes(name);
const hasNot = (name: string) => (stack: string) => !stack.split(':').includes(name);

/** ClientHellos of a frame's TLS over TCP and QUIC. */
const hellos = (d: Dissection): ClientHello[] =>
  Array.from({ length: d.count }, (_, i) => {
    const [start, end] = [d.start[i], d.end[i]];
    if (d.proto[i] === tls.proto) return tlsClientHello(d.frame, start, end);
    return d.proto[i] === quic.proto ? quicClientHello(d.frame, start, end) : null;
  }).filter((hello) => hello !== null && hello !== undefined);

const QUIC_TYPES = ['initial', '0rtt', 'handshake', 'retry'];

const headFields: readonly Field<HeadRecord>[] = [
  text('http.request.method', (r) => r.method),
  text('http.request.uri', (r) => r.target),
  text('http.user_agent', header('user-agent')),
  text('http.host', header('host')),
  text('http.server', header('server')),
  number('http.response.code', (r) => r.status),
];

export const APPLICATION: readonly Protocol[] = [
  protocol('DHCPv4', dhcpv4, [
    number('dhcp.type', (r) => r.op),
    number('dhcp.hops', (r) => r.hops),
    number('dhcp.id', (r) => r.xid),
    number('dhcp.secs', (r) => r.secs),
    text('dhcp.ip.client', (r) => r.ciaddr),
    text('dhcp.ip.your', (r) => r.yiaddr),
    text('dhcp.ip.server', (r) => r.siaddr),
    text('dhcp.ip.relay', (r) => r.giaddr),
    text('dhcp.hw.mac_addr', (r) => [
      ...(r.hardwareType === 1 && r.hardwareLength === 6 ? [r.chaddr] : []),
      ...clientMac(r),
    ]),
    number('dhcp.option.dhcp', (r) => r.messageType || undefined),
    text('dhcp.option.hostname', (r) => option(r, 12)),
    text('dhcp.option.vendor_class_id', (r) => option(r, 60)),
    text('dhcp.option.requested_ip_address', (r) => option(r, 50)),
    text('dhcp.option.dhcp_server_id', (r) => option(r, 54)),
    number('dhcp.option.ip_address_lease_time', (r) => option(r, 51)),
    number('dhcp.option.request_list_item', (r) => option(r, 55)),
    text('dhcp.option.router', (r) => option(r, 3)),
    text('dhcp.option.domain_name_server', (r) => option(r, 6)),
    text('dhcp.option.subnet_mask', (r) => option(r, 1)),
    text('dhcp.option.domain_name', (r) => option(r, 15)),
  ]),
  protocol('DHCPv6', dhcpv6, [
    number('dhcpv6.msgtype', (r) => [
      r.messageType,
      ...(r.relayed === undefined ? [] : [r.relayed.messageType]),
    ]),
    number('dhcpv6.xid', (r) => r.xid ?? r.relayed?.xid),
  ]),
  protocol('DNS', dns, dnsFields, undefined, hasNot('mdns')),
  protocol('mDNS', mdns, dnsFields, undefined, has('mdns')),
  protocol('HTTP', http, headFields, undefined, hasNot('ssdp')),
  protocol('SSDP', ssdp, headFields, undefined, has('ssdp')),
  protocol('TLS', tls, [
    number('tls.record.content_type', (r) => r.records.map((record) => record.contentType)),
    number('tls.record.version', (r) => r.records.map((record) => record.version)),
  ]),
  readings<ClientHello>(
    'ClientHello',
    'tls',
    [
      number('tls.handshake.ciphersuite', (r) => r.cipherSuites),
      number('tls.handshake.extension.type', (r) => r.extensions),
      number('tls.handshake.extensions.supported_version', (r) => r.supportedVersions),
      number('tls.handshake.extensions_supported_group', (r) => r.supportedGroups),
      number('tls.handshake.sig_hash_alg', (r) => r.signatureAlgorithms),
      text('tls.handshake.extensions_alpn_str', (r) => r.alpn),
    ],
    (d) => hellos(d).length > 0,
    hellos,
  ),
  protocol('QUIC', quic, [
    number('quic.version', (r) => r.version),
    number('quic.long.packet_type', (r) =>
      r.packetType === undefined ? undefined : QUIC_TYPES.indexOf(r.packetType),
    ),
    hexField('quic.dcid', (r) => r.destinationConnectionId || undefined),
    hexField('quic.scid', (r) => r.sourceConnectionId || undefined),
    number('quic.token_length', (r) => r.tokenBytes),
    number('quic.length', (r) => r.length),
  ]),
  protocol('RADIUS', radius, [
    number('radius.code', (r) => r.code),
    number('radius.id', (r) => r.identifier),
    number('radius.length', (r) => r.length),
  ]),
];
