/** Each builder asked for values, read back by tshark and by our decoder: both must find what was asked for. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Proto } from '../../../packets/protocols.ts';
import * as arp from '../../../world/frames/arp.ts';
import {
  configurationBpdu,
  DESIGNATED_FORWARDING,
  rapidBpdu,
} from '../../../world/frames/bridge-protocol.ts';
import { cdp } from '../../../world/frames/cdp.ts';
import * as dhcp from '../../../world/frames/dhcpv4.ts';
import * as dhcpv6 from '../../../world/frames/dhcpv6.ts';
import * as dns from '../../../world/frames/dns.ts';
import * as eap from '../../../world/frames/eap.ts';
import { EtherType, ethernet, snapBody, tagged } from '../../../world/frames/ethernet.ts';
import { httpGet, httpOk } from '../../../world/frames/http.ts';
import * as ndp from '../../../world/frames/icmpv6.ts';
import { data, nullData, setSequence } from '../../../world/frames/ieee80211.ts';
import { rsn } from '../../../world/frames/ieee80211-elements.ts';
import * as management from '../../../world/frames/ieee80211-management.ts';
import { IpProtocol, ipv4, TcpFlag, tcp, udp4 } from '../../../world/frames/ip.ts';
import { LldpCapability, type LldpSender, lldp } from '../../../world/frames/lldp.ts';
import { BROADCAST_MAC, ipv4Bytes, ipv6Bytes, macBytes } from '../../../world/frames/octets.ts';
import { radiotap } from '../../../world/frames/radiotap.ts';
import { clientHello, serverHello } from '../../../world/frames/tls.ts';
import {
  type LinkFrame,
  readByTshark,
  readByUs,
  tsharkComplaints,
  withCapture,
} from '../../support/read-frames.ts';

const A = macBytes('02:11:22:33:44:55');
const B = macBytes('02:66:77:88:99:aa');
const AP = macBytes('02:00:00:00:00:10');
const ETHERNET = 1;
const RADIOTAP = 127;

interface Case extends LinkFrame {
  name: string;
  /** Values that tshark must read, all occurrences joined by commas. */
  tshark: Record<string, string>;
  /** The layer of our decoder, and part of its record. */
  ours: [keyof typeof Proto, object];
}

const wired = (name: string, bytes: Uint8Array, tshark: Case['tshark'], ours: Case['ours']): Case => ({
  name,
  linkType: ETHERNET,
  bytes,
  tshark,
  ours,
});
const ip = (payload: Uint8Array): Uint8Array => ethernet(B, A, EtherType.ipv4, payload);
const ENDS = { from: ipv4Bytes('10.1.0.5'), to: ipv4Bytes('10.1.0.1') };

const client: dhcp.DhcpClient = {
  mac: A,
  transactionId: 0xdeadbeef,
  hostName: 'alice-laptop',
  vendorClass: 'MSFT 5.0',
  parameterRequestList: [1, 3, 6, 15, 31],
};
const lease: dhcp.DhcpLease = {
  ipv4: '10.1.0.5',
  prefixLength: 16,
  router: '10.1.0.1',
  dns: '10.1.0.3',
  domain: 'corp.example',
  leaseS: 3600,
  server: '10.1.0.2',
  serverMac: B,
};
const options = (...expected: { code: number; data?: string }[]) => ({
  options: expect.arrayContaining(expected.map((option) => expect.objectContaining(option))),
});

const sender: LldpSender = {
  portMac: A,
  chassisMac: B,
  portName: 'ge-0/0/7',
  portDescription: 'to the lobby',
  systemName: 'sw-f0',
  systemDescription: 'AH-SW-48 switch',
  capabilities: LldpCapability.bridge | LldpCapability.router,
  managementIpv4: '10.1.0.9',
  ttlS: 120,
  portVlan: 10,
  mauType: 30,
  maxFrame: 1522,
  power: { watts: 30, role: 'pse' },
  med: { deviceClass: 4, model: 'AH-SW-48' },
};

const bss: management.Bss = { bssid: AP, ssid: 'corp', security: 'wpa2-enterprise', band: '5', channel: 36 };
const on24: management.Bss = { ...bss, ssid: 'guest', security: 'open', band: '2.4', channel: 6 };
const air = (
  name: string,
  frame: Uint8Array,
  tshark: Case['tshark'],
  record: object,
  proto: keyof typeof Proto = 'ieee80211',
): Case => {
  setSequence(frame, 77);
  const bytes = radiotap(
    frame,
    { tsftUs: 123_456_789_012, frequencyMhz: 5180, rate: 12, signalDbm: -61, noiseDbm: -94 },
    true,
  );
  return { name, linkType: RADIOTAP, bytes, tshark: { 'wlan.seq': '77', ...tshark }, ours: [proto, record] };
};

const bpdu = {
  source: A,
  root: { priority: 4096, mac: B },
  rootPathCost: 20_000,
  bridge: { priority: 32_768, mac: A },
  port: { priority: 128, number: 3 },
  messageAgeS: 1,
  flags: DESIGNATED_FORWARDING,
};
const six = { mac: A, transactionId: 0xabcdef, hostName: 'alice-laptop' };
const lease6 = { ipv6: 'fd00:a::5', serverMac: B, validS: 7200 };
const GLOBAL = ipv6Bytes('fd00:a::1234:5678:9abc:def0');
const hello = {
  serverName: 'www.example.com',
  random: new Uint8Array(32).fill(7),
  sessionId: new Uint8Array(32).fill(8),
  publicKey: new Uint8Array(32).fill(9),
  alpn: ['h2', 'http/1.1'],
};

const segment = (ports: { fromPort: number; toPort: number }, payload: Uint8Array): Uint8Array =>
  ip(
    ipv4(
      ENDS,
      IpProtocol.tcp,
      tcp(ENDS, { ...ports, seq: 1000, ack: 2000, flags: TcpFlag.psh | TcpFlag.ack }, payload),
    ),
  );

const CASES: Case[] = [
  wired(
    'ARP request',
    arp.arpRequest({ mac: A, ipv4: ENDS.from }, ENDS.to),
    {
      'arp.opcode': '1',
      'arp.src.proto_ipv4': '10.1.0.5',
      'arp.dst.proto_ipv4': '10.1.0.1',
      'eth.dst': 'ff:ff:ff:ff:ff:ff',
    },
    ['arp', { opcode: 1, srcHw: '02:11:22:33:44:55', dstProto: '10.1.0.1' }],
  ),
  wired(
    'ARP reply',
    arp.arpReply({ mac: B, ipv4: ENDS.to }, { mac: A, ipv4: ENDS.from }),
    {
      'arp.opcode': '2',
      'arp.src.hw_mac': '02:66:77:88:99:aa',
      'arp.dst.hw_mac': '02:11:22:33:44:55',
    },
    ['arp', { opcode: 2, srcProto: '10.1.0.1' }],
  ),
  wired('ARP announcement', arp.arpAnnouncement({ mac: A, ipv4: ENDS.from }), { 'arp.isgratuitous': '1' }, [
    'arp',
    { isGratuitous: true },
  ]),
  wired(
    'DHCP discover',
    dhcp.dhcpDiscover(client, 4),
    {
      'dhcp.option.dhcp': '1',
      'dhcp.id': '0xdeadbeef',
      'dhcp.secs': '4',
      'dhcp.hw.mac_addr': '02:11:22:33:44:55,02:11:22:33:44:55',
      'dhcp.option.hostname': 'alice-laptop',
      'dhcp.option.vendor_class_id': 'MSFT 5.0',
      'dhcp.option.request_list_item': '1,3,6,15,31',
      'ip.src': '0.0.0.0',
      'ip.dst': '255.255.255.255',
    },
    [
      'dhcpv4',
      {
        messageType: 1,
        xid: 0xdeadbeef,
        chaddr: '02:11:22:33:44:55',
        ...options({ code: 55, data: '0103060f1f' }),
      },
    ],
  ),
  wired(
    'DHCP offer',
    dhcp.dhcpGrant(client, lease, 'offer'),
    {
      'dhcp.option.dhcp': '2',
      'dhcp.ip.your': '10.1.0.5',
      'dhcp.option.dhcp_server_id': '10.1.0.2',
      'dhcp.option.subnet_mask': '255.255.0.0',
      'dhcp.option.router': '10.1.0.1',
      'dhcp.option.domain_name_server': '10.1.0.3',
      'dhcp.option.domain_name': 'corp.example',
      'dhcp.option.ip_address_lease_time': '3600',
    },
    ['dhcpv4', { messageType: 2, yiaddr: '10.1.0.5', siaddr: '10.1.0.2' }],
  ),
  wired(
    'DHCP request',
    dhcp.dhcpRequest(client, '10.1.0.5', '10.1.0.2'),
    {
      'dhcp.option.dhcp': '3',
      'dhcp.option.requested_ip_address': '10.1.0.5',
      'dhcp.option.dhcp_server_id': '10.1.0.2',
    },
    ['dhcpv4', { messageType: 3, ciaddr: '0.0.0.0' }],
  ),
  wired(
    'DHCP renewal',
    dhcp.dhcpRenew(client, lease),
    {
      'dhcp.option.dhcp': '3',
      'dhcp.ip.client': '10.1.0.5',
      'ip.src': '10.1.0.5',
      'ip.dst': '10.1.0.2',
      'dhcp.option.requested_ip_address': '',
    },
    ['dhcpv4', { messageType: 3, ciaddr: '10.1.0.5' }],
  ),
  wired(
    'DHCP ack',
    dhcp.dhcpGrant(client, lease, 'ack', true),
    { 'dhcp.option.dhcp': '5', 'dhcp.ip.client': '10.1.0.5' },
    ['dhcpv4', { messageType: 5 }],
  ),
  wired(
    'DHCP nak',
    dhcp.dhcpNak(client, '10.1.0.2', B, 'wrong network'),
    {
      'dhcp.option.dhcp': '6',
      'dhcp.option.message': 'wrong network',
      'dhcp.ip.your': '0.0.0.0',
    },
    ['dhcpv4', { messageType: 6, yiaddr: '0.0.0.0' }],
  ),
  wired('DHCP release', dhcp.dhcpRelease(client, lease), { 'dhcp.option.dhcp': '7' }, [
    'dhcpv4',
    { messageType: 7, ciaddr: '10.1.0.5' },
  ]),
  wired(
    'DHCPv6 solicit',
    dhcpv6.dhcpv6FromClient(six, 'solicit', null),
    {
      'dhcpv6.msgtype': '1',
      'dhcpv6.xid': '0xabcdef',
      'dhcpv6.duidll.link_layer_addr': '02:11:22:33:44:55',
      'dhcpv6.client_domain': 'alice-laptop',
      'ipv6.dst': 'ff02::1:2',
    },
    ['dhcpv6', { messageType: 1 }],
  ),
  wired(
    'DHCPv6 request',
    dhcpv6.dhcpv6FromClient(six, 'request', lease6),
    { 'dhcpv6.msgtype': '3', 'dhcpv6.iaaddr.ip': 'fd00:a::5' },
    ['dhcpv6', { messageType: 3 }],
  ),
  wired(
    'DHCPv6 reply',
    dhcpv6.dhcpv6FromServer(six, 'reply', lease6),
    {
      'dhcpv6.msgtype': '7',
      'dhcpv6.iaaddr.ip': 'fd00:a::5',
      'dhcpv6.iaaddr.valid_lifetime': '7200',
    },
    ['dhcpv6', { messageType: 7 }],
  ),
  wired(
    'IPv6 duplicate address detection',
    ndp.duplicateAddressProbe(A, GLOBAL),
    {
      'icmpv6.type': '135',
      'icmpv6.nd.ns.target_address': 'fd00:a::1234:5678:9abc:def0',
      'ipv6.src': '::',
      'ipv6.dst': 'ff02::1:ffbc:def0',
      'eth.dst': '33:33:ff:bc:de:f0',
    },
    ['icmpv6', { type: 135, target: 'fd00:a::1234:5678:9abc:def0' }],
  ),
  wired(
    'router solicitation',
    ndp.routerSolicitation(A),
    {
      'icmpv6.type': '133',
      'ipv6.src': 'fe80::11:22ff:fe33:4455',
      'icmpv6.opt.linkaddr': '02:11:22:33:44:55',
    },
    ['icmpv6', { type: 133 }],
  ),
  wired(
    'router advertisement',
    ndp.routerAdvertisement({ mac: B, prefix: GLOBAL, lifetimeS: 1800, mtu: 1500 }),
    {
      'icmpv6.type': '134',
      'icmpv6.opt.prefix': 'fd00:a::',
      'icmpv6.opt.prefix.length': '64',
      'icmpv6.nd.ra.router_lifetime': '1800',
      'icmpv6.opt.mtu': '1500',
    },
    ['icmpv6', { type: 134, lifetimeS: 1800 }],
  ),
  wired(
    'neighbour announcement',
    ndp.neighbourAnnouncement(A, GLOBAL),
    { 'icmpv6.type': '136', 'icmpv6.nd.na.flag.o': '1' },
    ['icmpv6', { type: 136, override: true }],
  ),
  wired(
    'DNS query',
    ip(udp4(ENDS, { from: 50_000, to: 53 }, dns.dnsQuery(0x1234, 'www.example.com'))),
    {
      'dns.id': '0x1234',
      'dns.qry.name': 'www.example.com',
      'dns.flags.response': '0',
      'udp.srcport': '50000',
    },
    ['dns', { id: 0x1234, questionCount: 1, complete: true }],
  ),
  wired(
    'DNS answer',
    ip(udp4(ENDS, { from: 53, to: 50_000 }, dns.dnsAnswer(0x1234, 'www.example.com', '203.0.113.10'))),
    {
      'dns.a': '203.0.113.10',
      'dns.flags.rcode': '0',
    },
    ['dns', { response: true, answerCount: 1, complete: true }],
  ),
  wired(
    'DNS failure',
    ip(udp4(ENDS, { from: 53, to: 50_000 }, dns.dnsFailure(1, 'www.example.com', 2))),
    { 'dns.flags.rcode': '2' },
    ['dns', { responseCode: 2 }],
  ),
  wired(
    'mDNS announcement',
    dns.mdnsAnnouncement({
      mac: A,
      ipv4: '10.1.0.5',
      hostName: 'printer',
      service: { type: '_ipp._tcp', port: 631 },
    }),
    {
      'dns.a': '10.1.0.5',
      'dns.srv.port': '631',
      'dns.srv.target': 'printer.local',
      'dns.ptr.domain_name': 'printer._ipp._tcp.local',
      'ip.ttl': '255',
    },
    ['mdns', { response: true, answerCount: 4, complete: true }],
  ),
  wired(
    'TCP with HTTP request',
    segment({ fromPort: 50_001, toPort: 80 }, httpGet('www.example.com', '/x', 'Agent/1.0')),
    {
      'tcp.seq_raw': '1000',
      'tcp.ack_raw': '2000',
      'http.request.uri': '/x',
      'http.host': 'www.example.com',
      'http.user_agent': 'Agent/1.0',
    },
    ['tcp', { sequence: 1000, acknowledgment: 2000, flags: 0x18 }],
  ),
  wired(
    'HTTP response',
    segment({ fromPort: 80, toPort: 50_001 }, httpOk('hello')),
    { 'http.response.code': '200', 'http.content_length': '5' },
    ['http', {}],
  ),
  wired(
    'TLS ClientHello',
    segment({ fromPort: 50_001, toPort: 443 }, clientHello(hello)),
    {
      'tls.handshake.type': '1',
      'tls.handshake.extensions_server_name': 'www.example.com',
      'tls.handshake.extensions_alpn_str': 'h2,http/1.1',
      'tls.handshake.extensions.supported_version': '0x0304,0x0303',
    },
    ['tls', {}],
  ),
  wired(
    'TLS ServerHello',
    segment({ fromPort: 443, toPort: 50_001 }, serverHello(hello)),
    { 'tls.handshake.type': '2', 'tls.handshake.ciphersuite': '0x1301' },
    ['tls', {}],
  ),
  wired(
    'LLDP',
    lldp(sender),
    {
      'lldp.chassis.id.mac': '02:66:77:88:99:aa',
      'lldp.port.id': 'ge-0/0/7',
      'lldp.time_to_live': '120',
      'lldp.tlv.system.name': 'sw-f0',
      'lldp.tlv.system.desc': 'AH-SW-48 switch',
      'lldp.port.desc': 'to the lobby',
      'lldp.mgn.addr.ip4': '10.1.0.9',
      'lldp.ieee.802_1.port_vlan.id': '10',
      'lldp.tlv.system_cap': '0x0014',
      'lldp.media.model': 'AH-SW-48',
      'lldp.ieee.802_3.max_frame_size': '1522',
      'lldp.ieee.802_3.mdi_pse_allocated': '300',
    },
    [
      'lldp',
      {
        timeToLive: 120,
        systemName: 'sw-f0',
        portDescription: 'to the lobby',
        capabilities: 20,
        malformed: [],
        unknown: [],
      },
    ],
  ),
  wired(
    'LLDP of an access point',
    lldp({
      ...sender,
      capabilities: 12,
      managementIpv4: null,
      portVlan: null,
      power: { watts: 19.5, role: 'pd' },
      med: null,
    }),
    {
      'lldp.tlv.system_cap': '0x000c',
      'lldp.ieee.802_3.mdi_pde_requested': '195',
    },
    ['lldp', { capabilities: 12, malformed: [] }],
  ),
  ...['odd', 'even!'].map((platform) =>
    wired(
      `CDP (${platform})`,
      cdp({
        mac: A,
        deviceId: 'cam',
        portId: 'eth0',
        platform,
        software: '1.2',
        ttlS: 120,
        ipv4: '10.1.0.7',
        nativeVlan: 10,
        capabilities: 0x10,
      }),
      {
        'cdp.deviceid': 'cam',
        'cdp.portid': 'eth0',
        'cdp.platform': platform,
        'cdp.nrgyz.ip_address': '10.1.0.7',
        'cdp.native_vlan': '10',
        'cdp.ttl': '120',
        'cdp.checksum.status': '1',
      },
      ['cdp', { deviceId: 'cam', portId: 'eth0', platform, nativeVlan: 10, malformed: [] }],
    ),
  ),
  wired(
    'RSTP',
    rapidBpdu(bpdu),
    {
      'stp.version': '2',
      'stp.root.prio': '4096',
      'stp.root.hw': '02:66:77:88:99:aa',
      'stp.root.cost': '20000',
      'stp.bridge.hw': '02:11:22:33:44:55',
      'stp.port': '0x8003',
      'stp.flags.port_role': '3',
      'stp.msg_age': '1',
      'stp.hello': '2',
    },
    ['stp', { version: 2, rootPathCost: 20_000, port: 0x8003, messageAge: 1, maxAge: 20, forward: 15 }],
  ),
  wired(
    'STP',
    configurationBpdu({ ...bpdu, flags: 0 }),
    { 'stp.version': '0', 'stp.type': '0x00', 'stp.bridge.prio': '32768' },
    ['stp', { version: 0, type: 0 }],
  ),
  wired(
    'EAP identity on a tagged port',
    tagged(ethernet(B, A, EtherType.eapol, eap.identityResponse(9, 'alice@corp.example')), 30),
    {
      'eap.code': '2',
      'eap.id': '9',
      'eap.identity': 'alice@corp.example',
      'vlan.id': '30',
    },
    ['eap', { code: 2, id: 9, identity: 'alice@corp.example' }],
  ),
  wired('EAPOL start', ethernet(B, A, EtherType.eapol, eap.eapolStart()), { 'eapol.type': '1' }, [
    'eapol',
    {},
  ]),
  ...(['peap', 'ttls', 'tls'] as const).map((method) =>
    wired(
      `EAP ${method} start`,
      ethernet(A, B, EtherType.eapol, eap.methodStart(3, method)),
      {
        'eap.code': '1',
        'eap.type': String(eap.EapType[method]),
      },
      ['eap', { type: eap.EapType[method], tls: expect.objectContaining({ start: true }) }],
    ),
  ),
  wired(
    'EAP with a ClientHello',
    ethernet(B, A, EtherType.eapol, eap.methodData(true, 4, 'peap', clientHello(hello))),
    {
      'eap.type': '25',
      'tls.handshake.extensions_server_name': 'www.example.com',
    },
    ['eap', { tls: expect.objectContaining({ lengthIncluded: true }) }],
  ),
  wired('EAP success', ethernet(A, B, EtherType.eapol, eap.eapSuccess(5)), { 'eap.code': '3' }, [
    'eap',
    { code: 3, len: 4 },
  ]),
  wired('EAP failure', ethernet(A, B, EtherType.eapol, eap.eapFailure(5)), { 'eap.code': '4' }, [
    'eap',
    { code: 4 },
  ]),

  air(
    'beacon',
    management.beacon(bss, 123_456_789, 4),
    {
      'wlan.ssid': '636f7270',
      'wlan.fixed.timestamp': '123456789',
      'wlan.fixed.beacon': '100',
      'wlan.rsn.akms.type': '1',
      'wlan.fixed.capabilities.privacy': '1',
      'wlan.tim.dtim_count': '1',
      'radiotap.dbm_antsignal': '-61',
      'radiotap.dbm_antnoise': '-94',
      'radiotap.channel.freq': '5180',
      'radiotap.mactime': '123456789012',
    },
    {
      antennas: [{ dbmAntSignal: -61, dbmAntNoise: -94 }],
      mactime: '123456789012',
      channel: expect.objectContaining({ freq: 5180 }),
    },
    'radiotap',
  ),
  air(
    'probe request',
    management.probeRequest(A, '', '2.4', 6),
    { 'wlan.fc.type_subtype': '0x0004', 'wlan.ta': '02:11:22:33:44:55', 'wlan.ds.current_channel': '6' },
    {},
  ),
  air(
    'probe response',
    management.probeResponse(on24, A, 55),
    { 'wlan.fc.type_subtype': '0x0005', 'wlan.ssid': '6775657374', 'wlan.fixed.capabilities.privacy': '0' },
    {},
  ),
  air(
    'authentication',
    management.authentication(bss, A, 2, 0),
    { 'wlan.fixed.auth.alg': '0', 'wlan.fixed.auth_seq': '0x0002', 'wlan.fixed.status_code': '0x0000' },
    {},
  ),
  air(
    'SAE commit',
    management.saeCommit(bss, A, true, new Uint8Array(32).fill(1), new Uint8Array(64).fill(2)),
    { 'wlan.fixed.auth.alg': '3', 'wlan.fixed.sae_message_type': '1' },
    {},
  ),
  air(
    'SAE confirm',
    management.saeConfirm(bss, A, false, new Uint8Array(32).fill(1)),
    { 'wlan.fixed.sae_message_type': '2' },
    {},
  ),
  air(
    'association request',
    management.associationRequest(bss, A, null),
    { 'wlan.fc.type_subtype': '0x0000', 'wlan.ssid': '636f7270', 'wlan.fixed.listen_ival': '0x000a' },
    {},
  ),
  air(
    'reassociation request',
    management.associationRequest(bss, A, B),
    { 'wlan.fc.type_subtype': '0x0002', 'wlan.fixed.current_ap': '02:66:77:88:99:aa' },
    {},
  ),
  air(
    'association response',
    management.associationResponse(bss, A, { status: 0, associationId: 5, reassociation: false }),
    { 'wlan.fc.type_subtype': '0x0001', 'wlan.fixed.aid': '0x0005' },
    {},
  ),
  air(
    'refused reassociation',
    management.associationResponse(bss, A, { status: 17, associationId: 5, reassociation: true }),
    { 'wlan.fc.type_subtype': '0x0003', 'wlan.fixed.status_code': '0x0011' },
    {},
  ),
  air(
    'deauthentication',
    management.deauthentication(bss, A, true, management.Reason.deauthLeaving),
    { 'wlan.fc.type_subtype': '0x000c', 'wlan.fixed.reason_code': '0x0003', 'wlan.da': '02:00:00:00:00:10' },
    {},
  ),
  air(
    'disassociation',
    management.disassociation(bss, A, false, 8),
    { 'wlan.fc.type_subtype': '0x000a', 'wlan.fixed.reason_code': '0x0008', 'wlan.da': '02:11:22:33:44:55' },
    {},
  ),
  air('null data', nullData(AP, A, true), { 'wlan.fc.type_subtype': '0x0024', 'wlan.fc.pwrmgt': '1' }, {}),
  air(
    'DHCP over the air',
    data({ up: true, bssid: AP, station: A, other: BROADCAST_MAC }, snapBody(dhcp.dhcpDiscover(client))),
    {
      'wlan.bssid': '02:00:00:00:00:10',
      'wlan.da': 'ff:ff:ff:ff:ff:ff',
      'dhcp.option.dhcp': '1',
    },
    { messageType: 1 },
    'dhcpv4',
  ),
  air(
    'ARP over the air, without the padding of Ethernet',
    data(
      { up: false, bssid: AP, station: A, other: B },
      snapBody(arp.arpReply({ mac: B, ipv4: ENDS.to }, { mac: A, ipv4: ENDS.from })),
    ),
    {
      'wlan.sa': '02:66:77:88:99:aa',
      'arp.opcode': '2',
      'frame.len': String(24 + 26 + 8 + 28 + 4),
    },
    { opcode: 2 },
    'arp',
  ),
];

describe('frames', () => {
  const fields = [...new Set(CASES.flatMap(({ tshark }) => Object.keys(tshark)))];
  let read: string[][][];
  beforeAll(async () => {
    read = await readByTshark(CASES, fields);
  });

  test.each(CASES.map((of, i) => ({ ...of, i })))('$name', ({ i, tshark, ours, ...frame }) => {
    const found = Object.fromEntries(
      Object.keys(tshark).map((field) => [field, read[i][fields.indexOf(field)].join(',')]),
    );
    expect(found).toEqual(tshark);
    const { fault, record } = readByUs(frame, ours[0]);
    expect(fault).toBeNull();
    expect(record).toMatchObject(ours[1]);
  });

  test('tshark finds none malformed and every checksum right', async () => {
    expect(await withCapture(CASES, async (path) => tsharkComplaints(path))).toEqual([]);
  });

  test('a wrong checksum would be found', async () => {
    const bad = CASES.filter(({ name }) => ['DNS query', 'beacon', 'CDP (odd)'].includes(name)).map((of) => {
      const bytes = of.bytes.slice();
      bytes[bytes.length - 2] ^= 0x40;
      return { ...of, bytes };
    });
    expect(await withCapture(bad, async (path) => tsharkComplaints(path))).toHaveLength(3);
  });

  test('open networks have no RSN element', () => {
    expect(rsn('open')).toBeNull();
  });
});
