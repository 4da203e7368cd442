/**
 * Which tshark field says the same as which part of our records. A getter returns the values in the order in
 * which tshark lists them; undefined means that this frame's record has no such part, and then tshark must
 * have none either.
 */
import type { Dhcpv4Record } from '../../../packets/layers/dhcpv4.ts';
import type { Dhcpv6Record } from '../../../packets/layers/dhcpv6.ts';
import type { Dhcpv6OptionRecord } from '../../../packets/layers/dhcpv6-options.ts';
import type { DnsRecord } from '../../../packets/layers/dns-message.ts';
import type { GreRecord } from '../../../packets/layers/gre.ts';
import type { HeadRecord } from '../../../packets/layers/http-head.ts';
import type { IcmpRecord } from '../../../packets/layers/icmp.ts';
import type { Icmpv6Record } from '../../../packets/layers/icmpv6.ts';
import type { NdpOptionRecord } from '../../../packets/layers/ndp-options.ts';
import type { TcpRecord } from '../../../packets/layers/tcp.ts';
import { Proto } from '../../../packets/protocols.ts';

type Value = string | number | boolean | undefined;
type Getter = (record: never) => Value | readonly Value[];

const flag =
  (bit: number) =>
  (r: TcpRecord): boolean =>
    (r.flags & bit) !== 0;
const dhcp =
  (code: number) =>
  (r: Dhcpv4Record): Value | readonly Value[] => {
    const value = r.options.find((option) => option.code === code)?.value;
    return value as Value | readonly Value[];
  };
const greFlag =
  (bit: number) =>
  (r: GreRecord): boolean =>
    (r.flags & bit) !== 0;
const resources = (r: DnsRecord) => [...r.answers, ...r.authorities, ...r.additionals];
const ofType =
  (type: number) =>
  (r: DnsRecord): Value[] =>
    resources(r)
      .filter((resource) => resource.type === type)
      .map((resource) => resource.address ?? resource.target);
const header =
  (name: string) =>
  (r: HeadRecord): Value[] =>
    r.headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
const ndp =
  (field: keyof NdpOptionRecord) =>
  (r: Icmpv6Record): Value[] =>
    (r.options ?? []).map((option) => option[field] as Value).filter((value) => value !== undefined);
function flatten(options: readonly Dhcpv6OptionRecord[]): Dhcpv6OptionRecord[] {
  return options.flatMap((option) => [option, ...flatten(option.options ?? [])]);
}
const dhcpv6 =
  (code: number, field: keyof Dhcpv6OptionRecord = 'value') =>
  (r: Dhcpv6Record): Value[] =>
    flatten(r.options)
      .filter((option) => option.code === code)
      .flatMap((option) => option[field] as Value | Value[]);
const colons = (hexadecimal: string): string => hexadecimal.replace(/(..)(?=.)/g, '$1:');
const dot = (name: Value): string => `${name}.`;
const isEcho = (r: IcmpRecord): boolean => r.type === 0 || r.type === 8;

const dnsFields: Record<string, Getter> = {
  'dns.id': (r: DnsRecord) => r.id,
  'dns.flags.response': (r: DnsRecord) => r.response,
  'dns.flags.opcode': (r: DnsRecord) => r.opcode,
  'dns.flags.truncated': (r: DnsRecord) => r.truncated,
  'dns.count.queries': (r: DnsRecord) => r.questionCount,
  'dns.count.answers': (r: DnsRecord) => r.answerCount,
  'dns.count.auth_rr': (r: DnsRecord) => r.authorityCount,
  'dns.count.add_rr': (r: DnsRecord) => r.additionalCount,
  'dns.qry.name': (r: DnsRecord) => r.questions.map((q) => q.name),
  'dns.qry.type': (r: DnsRecord) => r.questions.map((q) => q.type),
  // tshark takes the names of SRV records apart into other fields.
  'dns.resp.name': (r: DnsRecord) =>
    resources(r)
      .filter((a) => a.type !== 33)
      .map((a) => (a.name === '.' ? '<Root>' : a.name)),
  'dns.resp.ttl': (r: DnsRecord) =>
    resources(r)
      .filter((a) => a.type !== 41)
      .map((a) => a.ttlS),
  'dns.a': ofType(1),
  'dns.aaaa': ofType(28),
  'dns.cname': ofType(5),
  'dns.ns': ofType(2),
  'dns.ptr.domain_name': ofType(12),
  'dns.mx.mail_exchange': ofType(15),
  'dns.srv.target': ofType(33),
  'dns.srv.port': (r: DnsRecord) => resources(r).flatMap((a) => (a.port === undefined ? [] : [a.port])),
  'dns.txt': (r: DnsRecord) => resources(r).flatMap((a) => (a.type === 16 ? (a.strings ?? []) : [])),
};

const headFields: Record<string, Getter> = {
  'http.request.method': (r: HeadRecord) => r.method,
  'http.request.uri': (r: HeadRecord) => r.target,
  'http.response.code': (r: HeadRecord) => r.status,
  'http.host': header('host'),
  'http.user_agent': header('user-agent'),
  'http.server': header('server'),
  'http.referer': header('referer'),
};

export const AGREEMENT: Readonly<Record<string, { proto: number; fields: Record<string, Getter> }>> = {
  ip: {
    proto: Proto.ipv4,
    fields: {
      'ip.hdr_len': (r: { headerBytes: number }) => r.headerBytes,
      'ip.dsfield.dscp': (r: { dscp: number }) => r.dscp,
      'ip.dsfield.ecn': (r: { ecn: number }) => r.ecn,
      'ip.len': (r: { totalLength: number }) => r.totalLength,
      'ip.id': (r: { identification: number }) => r.identification,
      'ip.flags.df': (r: { dontFragment: boolean }) => r.dontFragment,
      'ip.flags.mf': (r: { moreFragments: boolean }) => r.moreFragments,
      // tshark 4.0 counts in units of 8 bytes here.
      'ip.frag_offset': (r: { fragmentOffset: number }) => r.fragmentOffset / 8,
      'ip.ttl': (r: { ttl: number }) => r.ttl,
      'ip.proto': (r: { protocol: number }) => r.protocol,
      'ip.checksum': (r: { checksum: number }) => r.checksum,
      'ip.src': (r: { source: string }) => r.source,
      'ip.dst': (r: { destination: string }) => r.destination,
      'ip.opt.type': (r: { options: { type: number }[] }) => r.options.map((o) => o.type),
    },
  },
  ipv6: {
    proto: Proto.ipv6,
    fields: {
      'ipv6.tclass.dscp': (r: { dscp: number }) => r.dscp,
      'ipv6.tclass.ecn': (r: { ecn: number }) => r.ecn,
      'ipv6.flow': (r: { flowLabel: number }) => r.flowLabel,
      'ipv6.plen': (r: { payloadLength: number }) => r.payloadLength,
      'ipv6.nxt': (r: { nextHeader: number }) => r.nextHeader,
      'ipv6.hlim': (r: { hopLimit: number }) => r.hopLimit,
      'ipv6.src': (r: { source: string }) => r.source,
      'ipv6.dst': (r: { destination: string }) => r.destination,
    },
  },
  'ipv6.hopopts': {
    proto: Proto.ipv6Hop,
    fields: {
      'ipv6.hopopts.nxt': (r: { nextHeader: number }) => r.nextHeader,
      'ipv6.hopopts.len_oct': (r: { headerBytes: number }) => r.headerBytes,
      'ipv6.opt.type': (r: { options: { type: number }[] }) => r.options.map((o) => o.type),
    },
  },
  'ipv6.dstopts': {
    proto: Proto.ipv6Dest,
    fields: {
      'ipv6.dstopts.nxt': (r: { nextHeader: number }) => r.nextHeader,
      'ipv6.dstopts.len_oct': (r: { headerBytes: number }) => r.headerBytes,
      'ipv6.opt.type': (r: { options: { type: number }[] }) => r.options.map((o) => o.type),
    },
  },
  'ipv6.routing': {
    proto: Proto.ipv6Route,
    fields: {
      'ipv6.routing.nxt': (r: { nextHeader: number }) => r.nextHeader,
      'ipv6.routing.type': (r: { routingType: number }) => r.routingType,
      'ipv6.routing.segleft': (r: { segmentsLeft: number }) => r.segmentsLeft,
      'ipv6.routing.src.addr': (r: { routingType: number; addresses: string[] }) =>
        r.routingType === 0 ? r.addresses : [],
      'ipv6.routing.srh.addr': (r: { routingType: number; addresses: string[] }) =>
        r.routingType === 4 ? r.addresses : [],
    },
  },
  'ipv6.fraghdr': {
    proto: Proto.ipv6Fragment,
    fields: {
      'ipv6.fraghdr.nxt': (r: { nextHeader: number }) => r.nextHeader,
      // tshark 4.0 counts in units of 8 bytes here.
      'ipv6.fraghdr.offset': (r: { fragmentOffset: number }) => r.fragmentOffset / 8,
      'ipv6.fraghdr.more': (r: { moreFragments: boolean }) => r.moreFragments,
      'ipv6.fraghdr.ident': (r: { identification: number }) => r.identification,
    },
  },
  mipv6: {
    proto: Proto.ipv6Mobility,
    fields: {
      'mip6.proto': (r: { payloadProtocol: number }) => r.payloadProtocol,
      'mip6.mhtype': (r: { type: number }) => r.type,
      'mip6.csum': (r: { checksum: number }) => r.checksum,
    },
  },
  ah: {
    proto: Proto.ah,
    fields: {
      'ah.next_header': (r: { nextHeader: number }) => r.nextHeader,
      'ah.spi': (r: { spi: number }) => r.spi,
    },
  },
  esp: {
    proto: Proto.esp,
    fields: {
      'esp.spi': (r: { spi: number }) => r.spi,
      'esp.sequence': (r: { sequence: number }) => r.sequence,
    },
  },
  tcp: {
    proto: Proto.tcp,
    fields: {
      'tcp.srcport': (r: TcpRecord) => r.sourcePort,
      'tcp.dstport': (r: TcpRecord) => r.destinationPort,
      'tcp.seq_raw': (r: TcpRecord) => r.sequence,
      'tcp.ack_raw': (r: TcpRecord) => r.acknowledgment,
      'tcp.hdr_len': (r: TcpRecord) => r.headerBytes,
      'tcp.flags': (r: TcpRecord) => r.flags,
      'tcp.flags.syn': flag(0x002),
      'tcp.flags.ack': flag(0x010),
      'tcp.flags.fin': flag(0x001),
      'tcp.flags.reset': flag(0x004),
      'tcp.window_size_value': (r: TcpRecord) => r.window,
      'tcp.checksum': (r: TcpRecord) => r.checksum,
      'tcp.urgent_pointer': (r: TcpRecord) => r.urgentPointer,
      'tcp.option_kind': (r: TcpRecord) =>
        r.options.map((o) => o.kind).filter((kind) => kind !== 0 && kind !== 30),
      'tcp.options.mss_val': (r: TcpRecord) => r.maximumSegmentSize,
      'tcp.options.wscale.shift': (r: TcpRecord) => r.windowScale,
      'tcp.options.timestamp.tsval': (r: TcpRecord) => r.timestamp,
      'tcp.options.timestamp.tsecr': (r: TcpRecord) => r.timestampEcho,
      'tcp.options.sack_le': (r: TcpRecord) => r.sack?.map(([left]) => left),
      'tcp.options.sack_re': (r: TcpRecord) => r.sack?.map(([, right]) => right),
    },
  },
  udp: {
    proto: Proto.udp,
    fields: {
      'udp.srcport': (r: { sourcePort: number }) => r.sourcePort,
      'udp.dstport': (r: { destinationPort: number }) => r.destinationPort,
      'udp.length': (r: { length: number }) => r.length,
      'udp.checksum': (r: { checksum: number }) => r.checksum,
    },
  },
  icmp: {
    proto: Proto.icmp,
    fields: {
      'icmp.type': (r: IcmpRecord) => r.type,
      'icmp.code': (r: IcmpRecord) => r.code,
      'icmp.checksum': (r: IcmpRecord) => r.checksum,
      'icmp.ident': (r: IcmpRecord) => r.identifier,
      'icmp.seq': (r: IcmpRecord) => (isEcho(r) || r.type > 12 ? r.sequence : undefined),
      'icmp.redir_gw': (r: IcmpRecord) => r.gateway,
      'icmp.mtu': (r: IcmpRecord) => r.mtu,
      'icmp.originate_timestamp': (r: IcmpRecord) => r.originateTimestamp,
      'icmp.transmit_timestamp': (r: IcmpRecord) => r.transmitTimestamp,
    },
  },
  icmpv6: {
    proto: Proto.icmpv6,
    fields: {
      'icmpv6.type': (r: Icmpv6Record) => r.type,
      'icmpv6.code': (r: Icmpv6Record) => r.code,
      'icmpv6.checksum': (r: Icmpv6Record) => r.checksum,
      'icmpv6.echo.identifier': (r: Icmpv6Record) => r.identifier,
      'icmpv6.echo.sequence_number': (r: Icmpv6Record) => r.sequence,
      'icmpv6.mtu': (r: Icmpv6Record) => r.mtu,
      'icmpv6.pointer': (r: Icmpv6Record) => r.pointer,
      'icmpv6.nd.ns.target_address': (r: Icmpv6Record) => (r.type === 135 ? r.target : undefined),
      'icmpv6.nd.na.target_address': (r: Icmpv6Record) => (r.type === 136 ? r.target : undefined),
      'icmpv6.nd.na.flag.r': (r: Icmpv6Record) => r.router,
      'icmpv6.nd.na.flag.s': (r: Icmpv6Record) => r.solicited,
      'icmpv6.nd.na.flag.o': (r: Icmpv6Record) => r.override,
      'icmpv6.nd.ra.cur_hop_limit': (r: Icmpv6Record) => r.hopLimit,
      'icmpv6.nd.ra.flag.m': (r: Icmpv6Record) => r.managed,
      'icmpv6.nd.ra.flag.o': (r: Icmpv6Record) => r.otherConfig,
      'icmpv6.nd.ra.router_lifetime': (r: Icmpv6Record) => r.lifetimeS,
      'icmpv6.nd.ra.reachable_time': (r: Icmpv6Record) => r.reachableMs,
      'icmpv6.nd.ra.retrans_timer': (r: Icmpv6Record) => r.retransMs,
      'icmpv6.nd.rd.target_address': (r: Icmpv6Record) => (r.type === 137 ? r.target : undefined),
      'icmpv6.rd.na.destination_address': (r: Icmpv6Record) => r.destination,
      'icmpv6.opt.type': ndp('type'),
      'icmpv6.opt.linkaddr': ndp('linkLayerAddress'),
      'icmpv6.opt.prefix': ndp('prefix'),
      'icmpv6.opt.prefix.length': ndp('prefixLength'),
      'icmpv6.opt.prefix.valid_lifetime': ndp('validLifetimeS'),
      'icmpv6.opt.mtu': ndp('mtu'),
      'icmpv6.opt.rdnss': (r: Icmpv6Record) => r.options?.flatMap((o) => o.servers ?? []),
      'icmpv6.opt.dnssl': (r: Icmpv6Record) => r.options?.flatMap((o) => o.domains ?? []),
      'icmpv6.mld.maximum_response_delay': (r: Icmpv6Record) =>
        r.mld?.version === 1 ? r.mld.maxResponseMs : undefined,
      'icmpv6.mld.maximum_response_code': (r: Icmpv6Record) =>
        r.mld?.version === 2 ? r.mld.maxResponseMs : undefined,
      'icmpv6.mld.qqi': (r: Icmpv6Record) => r.mld?.queryIntervalS,
      'icmpv6.mld.source_address': (r: Icmpv6Record) => r.mld?.sources,
      'icmpv6.mld.multicast_address': (r: Icmpv6Record) => r.mld?.group,
      'icmpv6.mldr.mar.record_type': (r: Icmpv6Record) => r.mld?.records?.map((g) => g.type),
      'icmpv6.mldr.mar.multicast_address': (r: Icmpv6Record) => r.mld?.records?.map((g) => g.group),
      'icmpv6.mldr.mar.source_address': (r: Icmpv6Record) => r.mld?.records?.flatMap((g) => g.sources),
    },
  },
  igmp: {
    proto: Proto.igmp,
    fields: {
      'igmp.type': (r: { type: number }) => r.type,
      'igmp.version': (r: { version: number }) => r.version,
      'igmp.checksum': (r: { checksum: number }) => r.checksum,
      'igmp.record_type': (r: { records?: { type: number }[] }) => r.records?.map((g) => g.type),
      'igmp.maddr': (r: { group?: string; records?: { group: string }[] }) =>
        r.records?.map((g) => g.group) ?? r.group,
      'igmp.saddr': (r: { sources?: string[]; records?: { sources: string[] }[] }) =>
        r.records?.flatMap((g) => g.sources) ?? r.sources,
    },
  },
  sctp: {
    proto: Proto.sctp,
    fields: {
      'sctp.srcport': (r: { sourcePort: number }) => r.sourcePort,
      'sctp.dstport': (r: { destinationPort: number }) => r.destinationPort,
      'sctp.verification_tag': (r: { verificationTag: number }) => r.verificationTag,
      'sctp.checksum': (r: { checksum: number }) => r.checksum,
      'sctp.chunk_type': (r: { chunks: { type: number }[] }) => r.chunks.map((c) => c.type),
      'sctp.chunk_length': (r: { chunks: { length: number }[] }) => r.chunks.map((c) => c.length),
    },
  },
  gre: {
    proto: Proto.gre,
    fields: {
      'gre.flags.checksum': greFlag(0x8000),
      'gre.flags.routing': greFlag(0x4000),
      'gre.flags.key': greFlag(0x2000),
      'gre.flags.sequence_number': greFlag(0x1000),
      'gre.flags.version': (r: GreRecord) => r.version,
      'gre.proto': (r: GreRecord) => r.protocolType,
      'gre.checksum': (r: GreRecord) => r.checksum,
      'gre.key': (r: GreRecord) => r.key,
      'gre.key.payload_length': (r: GreRecord) => r.payloadLength,
      'gre.key.call_id': (r: GreRecord) => r.callId,
      'gre.sequence_number': (r: GreRecord) => r.sequence,
      'gre.ack_number': (r: GreRecord) => r.acknowledgment,
    },
  },
  erspan: {
    proto: Proto.erspan,
    fields: {
      'erspan.version': (r: { version?: number }) => r.version,
      'erspan.vlan': (r: { vlanId?: number }) => r.vlanId,
      'erspan.cos': (r: { classOfService?: number }) => r.classOfService,
      'erspan.truncated': (r: { truncated?: boolean }) => r.truncated,
      'erspan.spanid': (r: { sessionId?: number }) => r.sessionId,
      'erspan.index': (r: { portIndex?: number }) => r.portIndex,
      'erspan.timestamp': (r: { timestamp?: number }) => r.timestamp,
      'erspan.sgt': (r: { securityGroupTag?: number }) => r.securityGroupTag,
      'erspan.ft': (r: { frameType?: number }) => r.frameType,
      'erspan.hw': (r: { hardwareId?: number }) => r.hardwareId,
      'erspan.direction': (r: { direction?: number }) => r.direction,
      'erspan.gra': (r: { granularity?: number }) => r.granularity,
    },
  },
  vxlan: { proto: Proto.vxlan, fields: { 'vxlan.vni': (r: { vni: number }) => r.vni } },
  geneve: {
    proto: Proto.geneve,
    fields: {
      'geneve.vni': (r: { vni: number }) => r.vni,
      'geneve.proto_type': (r: { protocolType: number }) => r.protocolType,
      'geneve.flags.oam': (r: { oam: boolean }) => r.oam,
      'geneve.option.class': (r: { options: { class: number }[] }) => r.options.map((o) => o.class),
    },
  },
  gtp: {
    proto: Proto.gtpu,
    fields: {
      'gtp.message': (r: { messageType: number }) => r.messageType,
      'gtp.length': (r: { length: number }) => r.length,
      'gtp.teid': (r: { teid: number }) => r.teid,
      'gtp.seq_number': (r: { sequence?: number }) => r.sequence,
    },
  },
  'capwap.data': {
    proto: Proto.capwap,
    fields: {
      'capwap.header.rid': (r: { radioId?: number }) => r.radioId,
      'capwap.header.wbid': (r: { bindingId?: number }) => r.bindingId,
      'capwap.header.fragment.id': (r: { fragmentId?: number }) => r.fragmentId,
      'capwap.header.mac.eui48': (r: { radioMac?: string }) => r.radioMac,
      'capwap.header.wireless.data.ieee80211.fi.rssi': (r: { rssiDbm?: number }) => r.rssiDbm,
      'capwap.header.wireless.data.ieee80211.fi.snr': (r: { snrDb?: number }) => r.snrDb,
      'capwap.header.wireless.data.ieee80211.fi.data_rate': (r: { dataRate100Kbps?: number }) =>
        r.dataRate100Kbps,
    },
  },
  'capwap.control': {
    proto: Proto.capwap,
    fields: {
      'capwap.header.rid': (r: { radioId?: number }) => r.radioId,
      'capwap.control.header.message_type': (r: { messageType?: number }) => r.messageType,
      'capwap.control.header.sequence_number': (r: { sequence?: number }) => r.sequence,
    },
  },
  teredo: {
    proto: Proto.teredo,
    fields: {
      'teredo.orig.addr': (r: { origin?: { address: string } }) => r.origin?.address,
      'teredo.orig.port': (r: { origin?: { port: number } }) => r.origin?.port,
      'teredo.auth.idlen': (r: { authentication?: { clientIdBytes: number } }) =>
        r.authentication?.clientIdBytes,
    },
  },
  dhcp: {
    proto: Proto.dhcpv4,
    fields: {
      'dhcp.type': (r: Dhcpv4Record) => r.op,
      'dhcp.hops': (r: Dhcpv4Record) => r.hops,
      'dhcp.id': (r: Dhcpv4Record) => r.xid,
      'dhcp.secs': (r: Dhcpv4Record) => r.secs,
      'dhcp.flags.bc': (r: Dhcpv4Record) => r.broadcast,
      'dhcp.ip.client': (r: Dhcpv4Record) => r.ciaddr,
      'dhcp.ip.your': (r: Dhcpv4Record) => r.yiaddr,
      'dhcp.ip.server': (r: Dhcpv4Record) => r.siaddr,
      'dhcp.ip.relay': (r: Dhcpv4Record) => r.giaddr,
      'dhcp.option.dhcp': dhcp(53),
      'dhcp.option.subnet_mask': dhcp(1),
      'dhcp.option.router': dhcp(3),
      'dhcp.option.domain_name_server': dhcp(6),
      'dhcp.option.hostname': dhcp(12),
      'dhcp.option.domain_name': dhcp(15),
      'dhcp.option.broadcast_address': dhcp(28),
      'dhcp.option.ntp_server': dhcp(42),
      'dhcp.option.requested_ip_address': dhcp(50),
      'dhcp.option.ip_address_lease_time': dhcp(51),
      'dhcp.option.dhcp_server_id': dhcp(54),
      'dhcp.option.request_list_item': dhcp(55),
      'dhcp.option.message': dhcp(56),
      'dhcp.option.dhcp_max_message_size': dhcp(57),
      'dhcp.option.renewal_time_value': dhcp(58),
      'dhcp.option.rebinding_time_value': dhcp(59),
      'dhcp.option.vendor_class_id': dhcp(60),
      'dhcp.fqdn.name': dhcp(81),
      'dhcp.option.agent_information_option.suboption': (r: Dhcpv4Record) => {
        const value = r.options.find(({ code }) => code === 82)?.value;
        return Array.isArray(value) ? value.map((sub) => (typeof sub === 'object' ? sub.code : sub)) : [];
      },
    },
  },
  dhcpv6: {
    proto: Proto.dhcpv6,
    fields: {
      'dhcpv6.msgtype': (r: Dhcpv6Record) => r.messageType,
      'dhcpv6.xid': (r: Dhcpv6Record) => r.xid,
      'dhcpv6.hopcount': (r: Dhcpv6Record) => r.hopCount,
      'dhcpv6.linkaddr': (r: Dhcpv6Record) => r.linkAddress,
      'dhcpv6.peeraddr': (r: Dhcpv6Record) => r.peerAddress,
      'dhcpv6.duid.bytes': (r: Dhcpv6Record) =>
        flatten(r.options)
          .filter(({ code }) => code === 1 || code === 2)
          .map(({ data }) => colons(data)),
      'dhcpv6.requested_option_code': dhcpv6(6),
      'dhcpv6.elapsed_time': (r: Dhcpv6Record) => dhcpv6(8)(r).map((hundredths) => Number(hundredths) * 10),
      'dhcpv6.dns_server': dhcpv6(23),
      'dhcpv6.search_list_entry': (r: Dhcpv6Record) => dhcpv6(24)(r).map(dot),
      'dhcpv6.iaaddr.ip': dhcpv6(5),
      'dhcpv6.iaaddr.valid_lifetime': dhcpv6(5, 'validLifetimeS'),
      'dhcpv6.iaprefix.pref_addr': dhcpv6(26),
      'dhcpv6.iaprefix.pref_len': dhcpv6(26, 'prefixLength'),
      'dhcpv6.vendoropts.enterprise': dhcpv6(17, 'enterprise'),
      'dhcpv6.vendorclass.enterprise': dhcpv6(16, 'enterprise'),
      'dhcpv6.client_domain': (r: Dhcpv6Record) => dhcpv6(39)(r).map(dot),
      'dhcpv6.vendorclass.data': dhcpv6(16),
    },
  },
  dns: { proto: Proto.dns, fields: dnsFields },
  mdns: { proto: Proto.mdns, fields: dnsFields },
  llmnr: { proto: Proto.dns, fields: dnsFields },
  http: { proto: Proto.http, fields: headFields },
  ssdp: { proto: Proto.ssdp, fields: headFields },
  tls: {
    proto: Proto.tls,
    fields: {
      'tls.record.content_type': (r: { records: { contentType: number }[] }) =>
        r.records.map((header) => header.contentType),
      'tls.record.length': (r: { records: { length: number }[] }) => r.records.map((header) => header.length),
    },
  },
  quic: {
    proto: Proto.quic,
    fields: {
      'quic.version': (r: { version: number }) => r.version,
      'quic.dcid': (r: { destinationConnectionId: string }) => colons(r.destinationConnectionId),
    },
  },
  radius: {
    proto: Proto.radius,
    fields: {
      'radius.code': (r: { code: number }) => r.code,
      'radius.id': (r: { identifier: number }) => r.identifier,
      'radius.length': (r: { length: number }) => r.length,
      'radius.User_Name': (r: { attributes: { type: number; value?: Value }[] }) =>
        r.attributes.filter((a) => a.type === 1).map((a) => a.value),
      'radius.Calling_Station_Id': (r: { attributes: { type: number; value?: Value }[] }) =>
        r.attributes.filter((a) => a.type === 31).map((a) => a.value),
      'radius.NAS_IP_Address': (r: { attributes: { type: number; value?: Value }[] }) =>
        r.attributes.filter((a) => a.type === 4).map((a) => a.value),
    },
  },
};

/**
 * What we leave out on purpose: RFC 9293 §3.2 ends the options at the first End of Option List. (And tshark
 * gives multipath TCP, kind 30, a tree of its own.)
 */
const LEFT_OUT: Readonly<Record<string, (shown: string) => boolean>> = {
  'tcp.option_kind': (shown) => shown === '0',
};

/** Values of a field that we are to have as well. */
export const shownValues = (fields: ReadonlyMap<string, string[]>, name: string): string[] =>
  (fields.get(name) ?? []).filter((shown) => !LEFT_OUT[name]?.(shown));

/** Our values in tshark's spelling of them. */
export function sameValues(shown: readonly string[], ours: Value | readonly Value[]): boolean {
  const list = (Array.isArray(ours) ? ours : [ours]).filter((value) => value !== undefined);
  if (list.length !== shown.length) return false;
  return list.every((value, i) => {
    if (typeof value === 'string') return value === shown[i];
    return Number(value) === Number(shown[i]);
  });
}
