import type { Dissection } from '../../../packets/dissection.ts';
import { ah } from '../../../packets/layers/ah.ts';
import { capwap } from '../../../packets/layers/capwap.ts';
import { erspan } from '../../../packets/layers/erspan.ts';
import { esp } from '../../../packets/layers/esp.ts';
import { geneve } from '../../../packets/layers/geneve.ts';
import { gre } from '../../../packets/layers/gre.ts';
import { gtpu } from '../../../packets/layers/gtpu.ts';
import { icmp } from '../../../packets/layers/icmp.ts';
import { icmpv6 } from '../../../packets/layers/icmpv6.ts';
import { igmp } from '../../../packets/layers/igmp.ts';
import { ipv4 } from '../../../packets/layers/ipv4.ts';
import { ipv6 } from '../../../packets/layers/ipv6.ts';
import { ipv6Dest } from '../../../packets/layers/ipv6-dest.ts';
import { ipv6Fragment } from '../../../packets/layers/ipv6-fragment.ts';
import type { Ipv6OptionsRecord } from '../../../packets/layers/ipv6-hop.ts';
import { ipv6Hop } from '../../../packets/layers/ipv6-hop.ts';
import { ipv6Mobility } from '../../../packets/layers/ipv6-mobility.ts';
import { ipv6Route } from '../../../packets/layers/ipv6-route.ts';
import type { MldRecord } from '../../../packets/layers/mld.ts';
import { NdpOption } from '../../../packets/layers/ndp-options.ts';
import type { QuotedPacket } from '../../../packets/layers/quoted.ts';
import { sctp } from '../../../packets/layers/sctp.ts';
import { type TcpRecord, tcp } from '../../../packets/layers/tcp.ts';
import { teredo } from '../../../packets/layers/teredo.ts';
import { type UdpRecord, udp } from '../../../packets/layers/udp.ts';
import { vxlan } from '../../../packets/layers/vxlan.ts';
import { flag, hexField, number, type Protocol, protocol, readings, recordsOf, text } from './protocol.ts';

/** Packets that the ICMP errors of a frame quote; tshark lists their fields behind the frame's own. */
function quoted(d: Dissection): QuotedPacket[] {
  const found: QuotedPacket[] = [];
  for (let i = 0; i < d.count; i++) {
    const message =
      d.proto[i] === icmp.proto
        ? icmp.record(d, i)
        : d.proto[i] === icmpv6.proto
          ? icmpv6.record(d, i)
          : undefined;
    if (message?.quoted !== undefined) found.push(message.quoted);
    if (message !== undefined && 'options' in message) {
      found.push(...(message.options ?? []).flatMap((option) => option.redirected ?? []));
    }
  }
  return found;
}

/** Ports alone are known of a quoted transport header, so a quote is part of a record. */
/** tshark 4.0 prints the field as sent, in units of eight bytes. */
const FRAGMENT_UNIT = 8;
const TCP = 6;
const UDP = 17;
const ports = (d: Dissection, transport: number): { sourcePort: number; destinationPort: number }[] =>
  quoted(d).flatMap(({ protocol: of, sourcePort, destinationPort }) =>
    of === transport && sourcePort !== undefined && destinationPort !== undefined
      ? [{ sourcePort, destinationPort }]
      : [],
  );

const mldOf = (d: Dissection): MldRecord[] => recordsOf(icmpv6, d).flatMap((record) => record.mld ?? []);

export const IP: readonly Protocol[] = [
  protocol(
    'IPv4',
    ipv4,
    [
      text('ip.src', (r) => r.source),
      text('ip.dst', (r) => r.destination),
      number('ip.hdr_len', (r) => r.headerBytes),
      number('ip.dsfield.dscp', (r) => r.dscp),
      number('ip.dsfield.ecn', (r) => r.ecn),
      number('ip.len', (r) => r.totalLength),
      number('ip.id', (r) => r.identification),
      flag('ip.flags.df', (r) => r.dontFragment),
      flag('ip.flags.mf', (r) => r.moreFragments),
      number('ip.frag_offset', (r) => r.fragmentOffset / FRAGMENT_UNIT),
      number('ip.ttl', (r) => r.ttl),
      number('ip.proto', (r) => r.protocol),
      number('ip.checksum', (r) => r.checksum),
      number('ip.opt.type', (r) => r.options.map((option) => option.type)),
    ],
    (d) => quoted(d).flatMap((packet) => packet.ipv4 ?? []),
  ),
  protocol(
    'IPv6',
    ipv6,
    [
      text('ipv6.src', (r) => r.source),
      text('ipv6.dst', (r) => r.destination),
      number('ipv6.tclass', (r) => r.trafficClass),
      number('ipv6.flow', (r) => r.flowLabel),
      number('ipv6.plen', (r) => r.payloadLength),
      number('ipv6.nxt', (r) => r.nextHeader),
      number('ipv6.hlim', (r) => r.hopLimit),
    ],
    (d) => quoted(d).flatMap((packet) => packet.ipv6 ?? []),
  ),
  protocol('IPv6 hop-by-hop', ipv6Hop, [
    number('ipv6.hopopts.nxt', (r) => r.nextHeader),
    number('ipv6.hopopts.len_oct', (r) => r.headerBytes),
  ]),
  protocol('IPv6 destination options', ipv6Dest, [
    number('ipv6.dstopts.nxt', (r) => r.nextHeader),
    number('ipv6.dstopts.len_oct', (r) => r.headerBytes),
  ]),
  readings(
    'IPv6 options',
    'ipv6-hop',
    [number('ipv6.opt.type', (r: Ipv6OptionsRecord) => r.options.map((option) => option.type))],
    (d) => d.find(ipv6Hop.proto) >= 0 || d.find(ipv6Dest.proto) >= 0,
    (d) => [...recordsOf(ipv6Hop, d), ...recordsOf(ipv6Dest, d)],
  ),
  protocol('IPv6 mobility', ipv6Mobility, [
    number('mip6.proto', (r) => r.payloadProtocol),
    number('mip6.mhtype', (r) => r.type),
    number('mip6.csum', (r) => r.checksum),
  ]),
  protocol('IPv6 routing', ipv6Route, [
    number('ipv6.routing.nxt', (r) => r.nextHeader),
    number('ipv6.routing.type', (r) => r.routingType),
    number('ipv6.routing.segleft', (r) => r.segmentsLeft),
    text('ipv6.routing.src.addr', (r) => (r.routingType === 0 ? r.addresses : undefined)),
  ]),
  protocol('IPv6 fragment', ipv6Fragment, [
    number('ipv6.fraghdr.nxt', (r) => r.nextHeader),
    flag('ipv6.fraghdr.more', (r) => r.moreFragments),
    number('ipv6.fraghdr.ident', (r) => r.identification),
  ]),
  protocol('ICMP', icmp, [
    number('icmp.type', (r) => r.type),
    number('icmp.code', (r) => r.code),
    number('icmp.checksum', (r) => r.checksum),
    number('icmp.ident', (r) => r.identifier),
    number('icmp.seq', (r) => r.sequence),
    number('icmp.mtu', (r) => r.mtu),
    text('icmp.redir_gw', (r) => r.gateway),
  ]),
  protocol('ICMPv6 and NDP', icmpv6, [
    number('icmpv6.type', (r) => r.type),
    number('icmpv6.code', (r) => r.code),
    number('icmpv6.checksum', (r) => r.checksum),
    number('icmpv6.echo.identifier', (r) => r.identifier),
    number('icmpv6.echo.sequence_number', (r) => r.sequence),
    number('icmpv6.mtu', (r) => r.mtu),
    number('icmpv6.pointer', (r) => r.pointer),
    text('icmpv6.nd.ns.target_address', (r) => (r.type === 135 ? r.target : undefined)),
    text('icmpv6.nd.na.target_address', (r) => (r.type === 136 ? r.target : undefined)),
    flag('icmpv6.nd.na.flag.r', (r) => r.router),
    flag('icmpv6.nd.na.flag.s', (r) => r.solicited),
    flag('icmpv6.nd.na.flag.o', (r) => r.override),
    number('icmpv6.nd.ra.cur_hop_limit', (r) => r.hopLimit),
    number('icmpv6.nd.ra.router_lifetime', (r) => r.lifetimeS),
    number('icmpv6.opt.type', (r) => r.options?.map((option) => option.type)),
    hexField('icmpv6.opt.linkaddr', (r) => r.options?.flatMap((option) => option.linkLayerAddress ?? [])),
    text('icmpv6.opt.prefix', (r) =>
      r.options?.filter((o) => o.type === NdpOption.prefixInformation).flatMap((o) => o.prefix ?? []),
    ),
    number('icmpv6.opt.prefix.valid_lifetime', (r) => r.options?.flatMap((o) => o.validLifetimeS ?? [])),
    number('icmpv6.opt.mtu', (r) => r.options?.flatMap((o) => o.mtu ?? [])),
  ]),
  readings<MldRecord>(
    'MLD',
    'icmpv6',
    [
      number('icmpv6.mld.maximum_response_delay', (r) => (r.version === 1 ? r.maxResponseMs : undefined)),
      text('icmpv6.mld.multicast_address', (r) => r.group),
      flag('icmpv6.mld.flag.s', (r) => r.suppress),
      number('icmpv6.mld.flag.qrv', (r) => r.robustness),
      number('icmpv6.mld.nb_sources', (r) => r.sources?.length),
      text('icmpv6.mld.source_address', (r) => r.sources),
      number('icmpv6.mldr.nb_mcast_records', (r) => r.records?.length),
      number('icmpv6.mldr.mar.record_type', (r) => r.records?.map((record) => record.type)),
      text('icmpv6.mldr.mar.multicast_address', (r) => r.records?.map((record) => record.group)),
      number('icmpv6.mldr.mar.nb_sources', (r) => r.records?.map((record) => record.sources.length)),
      text('icmpv6.mldr.mar.source_address', (r) => r.records?.flatMap((record) => record.sources)),
    ],
    (d) => mldOf(d).length > 0,
    mldOf,
  ),
  protocol('IGMP', igmp, [
    number('igmp.type', (r) => r.type),
    number('igmp.checksum', (r) => r.checksum),
    text('igmp.maddr', (r) => r.group ?? r.records?.map((record) => record.group)),
  ]),
  protocol<Partial<TcpRecord>>(
    'TCP',
    tcp,
    [
      number('tcp.srcport', (r) => r.sourcePort),
      number('tcp.dstport', (r) => r.destinationPort),
      number('tcp.seq_raw', (r) => r.sequence),
      number('tcp.ack_raw', (r) => r.acknowledgment),
      number('tcp.hdr_len', (r) => r.headerBytes),
      number('tcp.flags', (r) => r.flags),
      number('tcp.window_size_value', (r) => r.window),
      number('tcp.checksum', (r) => r.checksum),
      number('tcp.urgent_pointer', (r) => r.urgentPointer),
      number('tcp.option_kind', (r) => r.options?.map((option) => option.kind)),
      number('tcp.options.mss_val', (r) => r.maximumSegmentSize),
      number('tcp.options.wscale.shift', (r) => r.windowScale),
      number('tcp.options.timestamp.tsval', (r) => r.timestamp),
      number('tcp.options.timestamp.tsecr', (r) => r.timestampEcho),
    ],
    (d) => ports(d, TCP),
  ),
  protocol<Partial<UdpRecord>>(
    'UDP',
    udp,
    [
      number('udp.srcport', (r) => r.sourcePort),
      number('udp.dstport', (r) => r.destinationPort),
      number('udp.length', (r) => r.length),
      number('udp.checksum', (r) => r.checksum),
    ],
    (d) => ports(d, UDP),
  ),
  protocol('SCTP', sctp, [
    number('sctp.srcport', (r) => r.sourcePort),
    number('sctp.dstport', (r) => r.destinationPort),
    number('sctp.verification_tag', (r) => r.verificationTag),
    number('sctp.chunk_type', (r) => r.chunks.map((chunk) => chunk.type)),
    number('sctp.chunk_length', (r) => r.chunks.map((chunk) => chunk.length)),
    number('sctp.data_sid', (r) => r.chunks.flatMap((chunk) => chunk.streamId ?? [])),
  ]),
  protocol('GRE', gre, [
    number('gre.proto', (r) => r.protocolType),
    number('gre.flags_and_version', (r) => (r.flags & ~7) | r.version),
    number('gre.key', (r) => (r.version === 0 ? r.key : undefined)),
    number('gre.sequence_number', (r) => r.sequence),
  ]),
  protocol('VXLAN', vxlan, [number('vxlan.flags', (r) => r.flags << 8), number('vxlan.vni', (r) => r.vni)]),
  protocol('GENEVE', geneve, [
    number('geneve.vni', (r) => r.vni),
    number('geneve.proto_type', (r) => r.protocolType),
    number('geneve.version', (r) => r.version),
    flag('geneve.flags.oam', (r) => r.oam),
    flag('geneve.flags.critical', (r) => r.critical),
    number('geneve.option.class', (r) => r.options.map((option) => option.class)),
    number('geneve.option.type', (r) =>
      r.options.map((option) => option.type | (option.critical ? 0x80 : 0)),
    ),
  ]),
  protocol('GTP-U', gtpu, [
    number('gtp.message', (r) => r.messageType),
    number('gtp.length', (r) => r.length),
    number('gtp.teid', (r) => r.teid),
    number('gtp.seq_number', (r) => r.sequence),
    number('gtp.npdu_number', (r) => r.npdu),
  ]),
  protocol('CAPWAP', capwap, [
    number('capwap.header.length', (r) => (r.headerBytes === undefined ? undefined : r.headerBytes / 4)),
    number('capwap.header.rid', (r) => r.radioId),
    number('capwap.header.wbid', (r) => r.bindingId),
    number('capwap.header.fragment.id', (r) => r.fragmentId),
    number('capwap.header.fragment.offset', (r) =>
      r.fragmentOffset === undefined ? undefined : r.fragmentOffset / FRAGMENT_UNIT,
    ),
    text('capwap.header.mac.eui48', (r) => r.radioMac),
    number('capwap.header.wireless.data.ieee80211.fi.rssi', (r) => r.rssiDbm),
    number('capwap.header.wireless.data.ieee80211.fi.snr', (r) => r.snrDb),
    number('capwap.header.wireless.data.ieee80211.fi.data_rate', (r) => r.dataRate100Kbps),
    number('capwap.control.header.message_type', (r) => r.messageType),
    number('capwap.control.header.sequence_number', (r) => r.sequence),
  ]),
  protocol('Teredo', teredo, [
    number('teredo.auth.idlen', (r) => r.authentication?.clientIdBytes),
    number('teredo.auth.aulen', (r) => r.authentication?.valueBytes),
    hexField('teredo.auth.conf', (r) =>
      r.authentication === undefined
        ? undefined
        : r.authentication.confirmation.toString(16).padStart(2, '0'),
    ),
    number('teredo.orig.port', (r) => r.origin?.port),
    text('teredo.orig.addr', (r) => r.origin?.address),
  ]),
  protocol('ERSPAN', erspan, [
    number('erspan.version', (r) => r.version),
    number('erspan.vlan', (r) => r.vlanId),
    number('erspan.spanid', (r) => r.sessionId),
  ]),
  protocol('AH', ah, [
    number('ah.next_header', (r) => r.nextHeader),
    number('ah.spi', (r) => r.spi),
    number('ah.sequence', (r) => r.sequence),
    hexField('ah.icv', (r) => r.icv || undefined),
  ]),
  protocol('ESP', esp, [number('esp.spi', (r) => r.spi), number('esp.sequence', (r) => r.sequence)]),
];
