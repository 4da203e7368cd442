/** Frames of clients that fail, and of ones to which much the same happens and nothing fails, for each trigger. */
import { LinkType } from '../../packets/linktype.ts';
import type { PcapTriggerName } from '../../packets/trigger/names.ts';
import type { SeenFrame } from '../../packets/trigger/ring.ts';
import {
  be16,
  cat,
  ethernetFrame,
  hex,
  ipv4Packet,
  le16,
  MAC_A,
  MAC_B,
  managementFrame,
  udpDatagram,
} from './build-frames.ts';
import { wpa2Handshake } from './wpa-handshake.ts';

const AP = MAC_B;
export const STATION = MAC_A;
export const START_NS = 1_700_000_000_000_000_000n;

/** `[milliseconds from the start, frame]` */
type Timed = readonly [atMs: number, frame: Uint8Array];

const air = (frames: readonly Timed[]): SeenFrame[] => timed(frames, LinkType.ieee80211);
const wire = (frames: readonly Timed[]): SeenFrame[] => timed(frames, LinkType.ethernet);
function timed(frames: readonly Timed[], linkType: number): SeenFrame[] {
  return frames.map(([atMs, bytes]) => ({
    linkType,
    bytes,
    originalLength: bytes.length,
    timeNs: START_NS + BigInt(atMs) * 1_000_000n,
    interfaceName: 'test0',
  }));
}

const fromAp = (subtype: number, body: Uint8Array): Uint8Array =>
  managementFrame(subtype, STATION, AP, AP, body);
const fromStation = (subtype: number, body: Uint8Array): Uint8Array =>
  managementFrame(subtype, AP, STATION, AP, body);
const authentication = (algorithm: number, sequence: number, status: number): Uint8Array =>
  cat(le16(algorithm), le16(sequence), le16(status));
const association = (status: number): Uint8Array => cat(hex('1104'), le16(status), hex('01c0 010482848b96'));
const reassociationRequest = cat(hex('11040a00'), AP, hex('0000 010482848b96'));

const DHCP_SERVER = [10, 1, 0, 1];
function dhcp(type: number, fromServer: boolean, options: readonly number[] = []): Uint8Array {
  const fixed = cat(
    [fromServer ? 2 : 1, 1, 6, 0, 1, 2, 3, 4, 0, 0, 0x80, 0],
    new Uint8Array(16),
    STATION,
    new Uint8Array(10 + 192),
    hex('63825363'),
  );
  const message = cat(fixed, [53, 1, type, ...options, 255]);
  const [src, dst] = fromServer
    ? [DHCP_SERVER, [255, 255, 255, 255]]
    : [
        [0, 0, 0, 0],
        [255, 255, 255, 255],
      ];
  const ports = fromServer ? [67, 68] : [68, 67];
  const packet = ipv4Packet(17, udpDatagram(ports[0], ports[1], message, src, dst), { src, dst });
  return ethernetFrame(0x0800, packet, hex('ffffffffffff'), fromServer ? AP : STATION);
}
const WITH_ROUTER = [3, 4, ...DHCP_SERVER];

const arpRequest = (target: readonly number[]): Uint8Array =>
  ethernetFrame(
    0x0806,
    cat(hex('0001080006040001'), STATION, [10, 1, 0, 9], hex('000000000000'), target),
    hex('ffffffffffff'),
    STATION,
  );
const arpReply = ethernetFrame(
  0x0806,
  cat(hex('0001080006040002'), AP, DHCP_SERVER, STATION, [10, 1, 0, 9]),
  STATION,
  AP,
);

const QUESTION = cat([7], Buffer.from('example'), [3], Buffer.from('com'), hex('0000010001'));
function dns(id: number, isAnswer: boolean, code = 0): Uint8Array {
  const message = cat(
    be16(id),
    [isAnswer ? 0x81 : 0x01, isAnswer ? 0x80 | code : 0],
    hex('0001000000000000'),
    QUESTION,
  );
  const [src, dst] = isAnswer ? [DHCP_SERVER, [10, 1, 0, 9]] : [[10, 1, 0, 9], DHCP_SERVER];
  const ports = isAnswer ? [53, 41000] : [41000, 53];
  const packet = ipv4Packet(17, udpDatagram(ports[0], ports[1], message, src, dst), { src, dst });
  return isAnswer ? ethernetFrame(0x0800, packet, STATION, AP) : ethernetFrame(0x0800, packet, AP, STATION);
}

const eapOnWire = (body: Uint8Array, isFromStation: boolean): Uint8Array =>
  ethernetFrame(0x888e, body, hex('0180c2000003'), isFromStation ? STATION : AP);
const EAP_IDENTITY_REQUEST = hex('02000005 0101000501');
const EAP_IDENTITY_RESPONSE = hex('02000008 0201000801 626f62');
const EAP_SUCCESS = hex('02000004 03020004');

const handshake = wpa2Handshake({ ssid: 'test', passphrase: 'long enough', ap: AP, station: STATION });
const messages = (count: number): Timed[] => handshake.slice(5, 5 + count).map((frame, i) => [i * 20, frame]);
const deauthentications = (reason: number): Timed[] =>
  [0, 1000, 2000].map((atMs) => [atMs, fromAp(12, Uint8Array.from(le16(reason)))]);
function retries(share: number): Timed[] {
  return Array.from({ length: 120 }, (_, i) => {
    const frame = cat([0x48, i % 100 < share * 100 ? 0x09 : 0x01, 0, 0], AP, STATION, AP, le16(i << 4));
    return [i * 20, frame];
  });
}

export interface Scenario {
  trigger: PcapTriggerName;
  what: string;
  /** What tshark has to find in the failing frames, so that they are what they claim. */
  filter: string;
  failing: SeenFrame[];
  /** Much alike, but nothing failed. */
  fine: SeenFrame[];
}

export const scenarios: Scenario[] = [
  {
    trigger: 'association-refused',
    what: 'status 17, the access point is full',
    filter: 'wlan.fc.type_subtype == 1 && wlan.fixed.status_code == 17',
    failing: air([[0, fromAp(1, association(17))]]),
    fine: air([
      [0, fromAp(1, association(0))],
      [9, fromAp(1, association(30))],
    ]),
  },
  {
    trigger: 'authentication-refused',
    what: 'status 1; SAE that asks for a token is no refusal',
    filter: 'wlan.fc.type_subtype == 11 && wlan.fixed.status_code == 1',
    failing: air([[0, fromAp(11, authentication(0, 2, 1))]]),
    fine: air([
      [0, fromAp(11, authentication(0, 2, 0))],
      [9, fromAp(11, authentication(3, 1, 76))],
    ]),
  },
  {
    trigger: 'roam-failure',
    what: 'reassociation refused',
    filter: 'wlan.fc.type_subtype == 3 && wlan.fixed.status_code == 53',
    failing: air([
      [0, fromStation(2, reassociationRequest)],
      [20, fromAp(3, association(53))],
    ]),
    fine: air([
      [0, fromStation(2, reassociationRequest)],
      [20, fromAp(3, association(0))],
    ]),
  },
  {
    trigger: 'roam-failure',
    what: 'reassociation not answered',
    filter: 'wlan.fc.type_subtype == 2',
    failing: air([[0, fromStation(2, reassociationRequest)]]),
    fine: air([
      [0, fromStation(2, reassociationRequest)],
      [900, fromAp(3, association(0))],
    ]),
  },
  {
    trigger: 'handshake-timeout',
    what: 'no message 4',
    filter: 'wlan_rsna_eapol.keydes.msgnr == 3',
    failing: air(messages(3)),
    fine: air(messages(4)),
  },
  {
    trigger: 'handshake-timeout',
    what: 'message 1 again and again, as with a wrong password',
    filter: 'wlan_rsna_eapol.keydes.msgnr == 1',
    failing: air([...messages(1), ...messages(2).map(([at, frame]): Timed => [at + 1000, frame])]),
    fine: air(messages(4)),
  },
  {
    trigger: 'dot1x-timeout',
    what: 'nobody answers an EAPOL-Start; a port that is only asked who is there fails nobody',
    filter: 'eapol.type == 1',
    failing: wire([[0, eapOnWire(hex('02010000'), true)]]),
    fine: wire([[0, eapOnWire(EAP_IDENTITY_REQUEST, false)]]),
  },
  {
    trigger: 'dot1x-timeout',
    what: 'the server falls silent behind an identity',
    filter: 'eap.code == 2 && eap.type == 1',
    failing: wire([
      [0, eapOnWire(EAP_IDENTITY_REQUEST, false)],
      [50, eapOnWire(EAP_IDENTITY_RESPONSE, true)],
    ]),
    fine: wire([
      [0, eapOnWire(EAP_IDENTITY_RESPONSE, true)],
      [500, eapOnWire(EAP_SUCCESS, false)],
    ]),
  },
  {
    trigger: 'dhcp-no-offer',
    what: 'discover alone',
    filter: 'dhcp.option.dhcp == 1',
    failing: wire([
      [0, dhcp(1, false)],
      [4000, dhcp(1, false)],
    ]),
    fine: wire([
      [0, dhcp(1, false)],
      [4500, dhcp(2, true)],
    ]),
  },
  {
    trigger: 'dhcp-timeout',
    what: 'request alone',
    filter: 'dhcp.option.dhcp == 3',
    failing: wire([
      [0, dhcp(1, false)],
      [10, dhcp(2, true)],
      [20, dhcp(3, false)],
    ]),
    fine: wire([
      [0, dhcp(3, false)],
      [4500, dhcp(5, true)],
    ]),
  },
  {
    trigger: 'dhcp-nak',
    what: 'request refused',
    filter: 'dhcp.option.dhcp == 6',
    failing: wire([
      [0, dhcp(3, false)],
      [10, dhcp(6, true)],
    ]),
    fine: wire([
      [0, dhcp(3, false)],
      [10, dhcp(5, true)],
    ]),
  },
  {
    trigger: 'arp-gateway-unanswered',
    what: 'the gateway that DHCP named; other addresses may stay silent',
    filter: 'arp.opcode == 1 && arp.dst.proto_ipv4 == 10.1.0.1',
    failing: wire([
      [0, dhcp(5, true, WITH_ROUTER)],
      [10, arpRequest(DHCP_SERVER)],
      [1010, arpRequest(DHCP_SERVER)],
    ]),
    fine: wire([
      [0, dhcp(5, true, WITH_ROUTER)],
      [10, arpRequest([10, 1, 0, 77])],
      [20, arpRequest(DHCP_SERVER)],
      [1500, arpReply],
    ]),
  },
  {
    trigger: 'dns-unanswered',
    what: 'two queries, no answer',
    filter: 'dns.flags.response == 0 && udp.dstport == 53',
    failing: wire([
      [0, dns(1, false)],
      [2000, dns(1, false)],
    ]),
    fine: wire([
      [0, dns(1, false)],
      [2000, dns(1, true)],
    ]),
  },
  {
    trigger: 'dns-servfail',
    what: 'rcode 2; a name that does not exist is an answer',
    filter: 'dns.flags.rcode == 2',
    failing: wire([
      [0, dns(1, false)],
      [5, dns(1, true, 2)],
    ]),
    fine: wire([
      [0, dns(1, false)],
      [5, dns(1, true, 3)],
    ]),
  },
  {
    trigger: 'error-burst',
    what: 'thrown out three times, not leaving three times',
    filter: 'wlan.fc.type_subtype == 12 && wlan.fixed.reason_code == 15',
    failing: air(deauthentications(15)),
    fine: air(deauthentications(3)),
  },
  {
    trigger: 'error-burst',
    what: 'most frames are retries',
    filter: 'wlan.fc.retry == 1',
    failing: air(retries(0.9)),
    fine: air(retries(0.2)),
  },
];
