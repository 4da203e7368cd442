import type { Dissection } from '../../../packets/dissection.ts';
import { arp } from '../../../packets/layers/arp.ts';
import { cdp } from '../../../packets/layers/cdp.ts';
import { eap } from '../../../packets/layers/eap.ts';
import { eapol } from '../../../packets/layers/eapol.ts';
import { edp } from '../../../packets/layers/edp.ts';
import { ethernet } from '../../../packets/layers/ethernet.ts';
import { type Ieee80211Record, ieee80211 } from '../../../packets/layers/ieee80211.ts';
import type { ElementRecord } from '../../../packets/layers/ieee80211-element-record.ts';
import { lacp } from '../../../packets/layers/lacp.ts';
import { linuxSll } from '../../../packets/layers/linux-sll.ts';
import { type LlcRecord, llc } from '../../../packets/layers/llc.ts';
import { lldp } from '../../../packets/layers/lldp.ts';
import { mpls } from '../../../packets/layers/mpls.ts';
import { ppi } from '../../../packets/layers/ppi.ts';
import { ppp } from '../../../packets/layers/ppp.ts';
import { pppoe } from '../../../packets/layers/pppoe.ts';
import { radiotap } from '../../../packets/layers/radiotap.ts';
import { stp } from '../../../packets/layers/stp.ts';
import { vlan } from '../../../packets/layers/vlan.ts';
import { decimal, flag, float, hexField, number, type Protocol, protocol, text } from './protocol.ts';

/** Organisations whose protocol identifiers have a field of their own in tshark. */
const PID_FIELDS = new Map([
  [0x00000c, 'llc.cisco_pid'],
  [0x000081, 'llc.nortel_pid'],
  [0x00e02b, 'llc.extreme_pid'],
]);

const isMac = (value: string): boolean => /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(value);
const isIp4 = (value: string): boolean => /^\d+(\.\d+){3}$/.test(value);
const isIp6 = (value: string): boolean => value.includes(':') && !isMac(value);
const only = (value: string | undefined, is: (value: string) => boolean): string | undefined =>
  value !== undefined && is(value) ? value : undefined;

/** tshark prints padded text up to its first NUL. */
const untilNul = (value: string | undefined): string | undefined => value?.split('\0', 1)[0];

const ofElement = (
  elements: readonly ElementRecord[] | undefined,
  id: number,
  key: string,
): (string | number | boolean)[] =>
  (elements ?? [])
    .filter((element) => element.number === id && element.fields !== undefined)
    .flatMap((element) => {
      const value: unknown = Reflect.get(element.fields ?? {}, key);
      if (value === undefined) return [];
      return (Array.isArray(value) ? value : [value]) as (string | number | boolean)[];
    });

type Management = Pick<Ieee80211Record, 'management'>;

/** Elements in the key data of a handshake, which tshark lists under the names of management frames. */
function handshakeElements(d: Dissection): Management[] {
  const i = d.find(eapol.proto);
  const elements = i < 0 ? undefined : eapol.record(d, i).key?.elements;
  return elements === undefined ? [] : [{ management: { elements } }];
}

/** `00-0f-ac:4` → 4 */
const suiteType = (suite: string | number | boolean): number => Number(String(suite).split(':')[1]);

export const LINK: readonly Protocol[] = [
  protocol('Ethernet', ethernet, [
    text('eth.dst', (r) => r.dst),
    text('eth.src', (r) => r.src),
    number('eth.type', (r) => r.type),
    number('eth.len', (r) => r.len),
  ]),
  protocol('VLAN', vlan, [
    number('vlan.id', (r) => r.id),
    number('vlan.priority', (r) => r.priority),
    flag('vlan.dei', (r) => r.dei),
    number('vlan.etype', (r) => r.etype),
    number('vlan.len', (r) => r.len),
  ]),
  protocol('LLC/SNAP', llc, [
    number('llc.dsap', (r) => r.dsap),
    number('llc.ssap', (r) => r.ssap),
    number('llc.control', (r) => r.control),
    number('llc.oui', (r) => r.oui),
    ...['llc.pid', ...PID_FIELDS.values()].map((name) =>
      number<LlcRecord>(name, (r) =>
        (PID_FIELDS.get(r.oui ?? 0) ?? 'llc.pid') === name ? r.pid : undefined,
      ),
    ),
    number('llc.type', (r) => r.type),
  ]),
  protocol('ARP', arp, [
    number('arp.hw.type', (r) => r.hwType),
    number('arp.proto.type', (r) => r.protoType),
    number('arp.hw.size', (r) => r.hwSize),
    number('arp.proto.size', (r) => r.protoSize),
    number('arp.opcode', (r) => r.opcode),
    text('arp.src.hw_mac', (r) => only(r.srcHw, isMac)),
    text('arp.dst.hw_mac', (r) => only(r.dstHw, isMac)),
    text('arp.src.proto_ipv4', (r) => only(r.srcProto, isIp4)),
    text('arp.dst.proto_ipv4', (r) => only(r.dstProto, isIp4)),
  ]),
  protocol('LLDP', lldp, [
    number('lldp.chassis.subtype', (r) => r.chassis?.subtype),
    text('lldp.chassis.id.mac', (r) => (r.chassis?.subtype === 4 ? only(r.chassis.id, isMac) : undefined)),
    text('lldp.chassis.id.ip4', (r) => (r.chassis?.subtype === 5 ? only(r.chassis.id, isIp4) : undefined)),
    number('lldp.port.subtype', (r) => r.port?.subtype),
    text('lldp.port.id.mac', (r) => (r.port?.subtype === 3 ? only(r.port.id, isMac) : undefined)),
    text('lldp.port.id', (r) =>
      r.port !== undefined && [1, 2, 5, 6, 7].includes(r.port.subtype) ? r.port.id : undefined,
    ),
    number('lldp.time_to_live', (r) => r.timeToLive),
    text('lldp.port.desc', (r) => r.portDescription),
    text('lldp.tlv.system.name', (r) => r.systemName),
    text('lldp.tlv.system.desc', (r) => r.systemDescription),
    number('lldp.tlv.system_cap', (r) => r.capabilities),
    number('lldp.tlv.enable_system_cap', (r) => r.enabledCapabilities),
    text('lldp.mgn.addr.ip4', (r) => r.managementAddresses.map((a) => a.address).filter(isIp4)),
    text('lldp.mgn.addr.ip6', (r) => r.managementAddresses.map((a) => a.address).filter(isIp6)),
    number('lldp.mgn.interface.number', (r) => r.managementAddresses.map((a) => a.interfaceNumber)),
    number('lldp.ieee.802_1.port_vlan.id', (r) => r.dot1.portVlan),
    number('lldp.ieee.802_1.vlan.id', (r) => r.dot1.vlanNames?.map((v) => v.id)),
    text('lldp.ieee.802_1.vlan.name', (r) => r.dot1.vlanNames?.map((v) => v.name)),
    number('lldp.ieee.802_3.max_frame_size', (r) => r.dot3.maxFrameSize),
    number('lldp.ieee.802_3.pmd_mau_type', (r) => r.dot3.macPhy?.operationalMau),
    number('lldp.ieee.802_3.mac_phy_auto_neg_status', (r) => r.dot3.macPhy?.autoNegotiation),
    number('lldp.ieee.802_3.mdi_power_support', (r) => r.dot3.power?.support),
    number('lldp.ieee.802_3.mdi_pse_pair', (r) => r.dot3.power?.powerPair),
    number('lldp.ieee.802_3.bt_power_status', (r) => r.dot3.power?.bt?.powerStatus),
    number('lldp.ieee.802_3.aggregated_port_id', (r) => r.dot3.linkAggregation?.portId),
    number('lldp.media.subtype.caps', (r) => r.med.capabilities),
    number('lldp.media.subtype.class', (r) => r.med.deviceClass),
    number('lldp.media.app_type', (r) => r.med.networkPolicies?.map((p) => p.application)),
    number('lldp.media.vlan_id', (r) => r.med.networkPolicies?.map((p) => p.vlan)),
    number('lldp.media.dscp', (r) => r.med.networkPolicies?.map((p) => p.dscp)),
    text('lldp.media.manufacturer', (r) => untilNul(r.med.manufacturer)),
    text('lldp.media.model', (r) => untilNul(r.med.model)),
    text('lldp.media.sn', (r) => r.med.serialNumber),
    text('lldp.media.firmware', (r) => r.med.firmwareRevision),
    text('lldp.media.software', (r) => r.med.softwareRevision),
    text('lldp.media.hardware', (r) => r.med.hardwareRevision),
  ]),
  protocol('CDP', cdp, [
    number('cdp.version', (r) => r.version),
    number('cdp.ttl', (r) => r.ttl),
    number('cdp.checksum', (r) => r.checksum),
    text('cdp.deviceid', (r) => r.deviceId),
    text('cdp.portid', (r) => r.portId),
    text('cdp.platform', (r) => r.platform),
    // tshark makes a value of each line.
    text('cdp.software_version', (r) => r.softwareVersion?.split('\n')),
    number('cdp.capabilities', (r) => r.capabilities),
    number('cdp.native_vlan', (r) => r.nativeVlan),
  ]),
  protocol('EDP', edp, [
    number('edp.version', (r) => r.version),
    number('edp.length', (r) => r.length),
    number('edp.seqno', (r) => r.sequence),
  ]),
  protocol('STP', stp, [
    number('stp.version', (r) => r.version),
    number('stp.type', (r) => r.type),
    number('stp.flags', (r) => r.flags),
    text('stp.root.hw', (r) => r.root?.mac),
    number('stp.root.cost', (r) => r.rootPathCost),
    text('stp.bridge.hw', (r) => r.bridge?.mac),
    number('stp.port', (r) => r.port),
  ]),
  protocol('LACP', lacp, [
    number('slow.subtype', (r) => r.subtype),
    number('lacp.version', (r) => r.version),
    text('lacp.actor.sysid', (r) => r.actor?.system),
    number('lacp.actor.key', (r) => r.actor?.key),
    number('lacp.actor.state', (r) => r.actor?.state),
  ]),
  protocol('MPLS', mpls, [
    number('mpls.label', (r) => r.label),
    number('mpls.exp', (r) => r.exp),
    flag('mpls.bottom', (r) => r.bottom),
    number('mpls.ttl', (r) => r.ttl),
  ]),
  protocol('PPPoE', pppoe, [
    number('pppoe.version', (r) => r.version),
    number('pppoe.code', (r) => r.code),
    number('pppoe.session_id', (r) => r.sessionId),
    number('pppoe.payload_length', (r) => r.payloadLength),
  ]),
  protocol('PPP', ppp, [number('ppp.protocol', (r) => r.protocol)]),
  protocol('Linux cooked', linuxSll, [
    number('sll.pkttype', (r) => r.packetType),
    number('sll.hatype', (r) => r.hardwareType),
    text('sll.src.eth', (r) => only(r.source, isMac)),
    number('sll.etype', (r) => r.protocol),
  ]),
  protocol('EAPOL', eapol, [
    number('eapol.version', (r) => r.version),
    number('eapol.type', (r) => r.type),
    number('eapol.len', (r) => r.len),
    number('eapol.keydes.type', (r) => r.key?.descriptorType),
    number('wlan_rsna_eapol.keydes.key_info', (r) => r.key?.keyInfo),
    number('eapol.keydes.key_len', (r) => r.key?.keyLength),
    decimal('eapol.keydes.replay_counter', (r) => r.key?.replayCounter),
    hexField('wlan_rsna_eapol.keydes.nonce', (r) => r.key?.nonce),
    number('wlan_rsna_eapol.keydes.data_len', (r) => r.key?.dataLength),
    number('wlan_rsna_eapol.keydes.msgnr', (r) => r.key?.messageNumber),
  ]),
  protocol('EAP', eap, [
    number('eap.code', (r) => r.code),
    number('eap.id', (r) => r.id),
    number('eap.len', (r) => r.len),
    number('eap.type', (r) => r.type),
    text('eap.identity', (r) => r.identity || undefined),
    number('eap.desired_type', (r) => r.desiredTypes),
    hexField('eap.md5.value', (r) => r.md5?.value),
    number('eap.tls.flags', (r) => r.tls?.flags),
    number('eap.tls.len', (r) => r.tls?.messageLength),
  ]),
  protocol('radiotap', radiotap, [
    number('radiotap.version', (r) => r.version),
    number('radiotap.length', (r) => r.length),
    number('radiotap.present.word', (r) => r.present),
    decimal('radiotap.mactime', (r) => r.mactime),
    number('radiotap.flags', (r) => r.flags),
    float('radiotap.datarate', (r) => r.datarate),
    number('radiotap.channel.freq', (r) => r.channel?.freq),
    number('radiotap.channel.flags', (r) => r.channel?.flags),
    number('radiotap.dbm_antsignal', (r) => r.antennas.flatMap((a) => a.dbmAntSignal ?? [])),
    number('radiotap.dbm_antnoise', (r) => r.antennas.flatMap((a) => a.dbmAntNoise ?? [])),
    number('radiotap.antenna', (r) => r.antennas.flatMap((a) => a.antenna ?? [])),
    number('radiotap.rxflags', (r) => r.rxFlags),
    number('radiotap.txpower', (r) => r.txPower),
    number('radiotap.mcs.index', (r) => r.mcs?.index),
    number('radiotap.ampdu.reference', (r) => r.ampdu?.reference),
    number('radiotap.xchannel.freq', (r) => r.xchannel?.freq),
  ]),
  protocol('PPI', ppi, [
    number('ppi.version', (r) => r.version),
    number('ppi.length', (r) => r.length),
    number('ppi.dlt', (r) => r.dlt),
    number('ppi.80211-common.chan.freq', (r) => r.common?.chanFreq),
    number('ppi.80211-common.dbm.antsignal', (r) => r.common?.dbmAntSignal),
  ]),
  protocol('802.11', ieee80211, [
    number('wlan.fc.version', (r) => r.version),
    number('wlan.fc.type', (r) => r.type),
    number('wlan.fc.subtype', (r) => r.subtype),
    flag('wlan.fc.tods', (r) => r.toDs),
    flag('wlan.fc.fromds', (r) => r.fromDs),
    flag('wlan.fc.frag', (r) => r.moreFragments),
    flag('wlan.fc.retry', (r) => r.retry),
    flag('wlan.fc.pwrmgt', (r) => r.powerManagement),
    flag('wlan.fc.moredata', (r) => r.moreData),
    flag('wlan.fc.protected', (r) => r.protected),
    flag('wlan.fc.order', (r) => r.order),
    number('wlan.duration', (r) => r.duration),
    text('wlan.ra', (r) => r.ra),
    text('wlan.ta', (r) => r.ta),
    text('wlan.da', (r) => r.da),
    text('wlan.sa', (r) => r.sa),
    text('wlan.bssid', (r) => r.bssid),
    number('wlan.seq', (r) => r.seq),
    number('wlan.frag', (r) => r.frag),
    number('wlan.qos.tid', (r) => r.qos?.tid),
  ]),
  protocol<Management>(
    '802.11 management',
    ieee80211,
    [
      decimal('wlan.fixed.timestamp', (r) => r.management?.timestamp),
      number('wlan.fixed.capabilities', (r) => r.management?.capabilities?.value),
      number('wlan.fixed.listen_ival', (r) => r.management?.listenInterval),
      number('wlan.fixed.aid', (r) => r.management?.aid),
      number('wlan.fixed.status_code', (r) => r.management?.statusCode ?? r.management?.action?.statusCode),
      number('wlan.fixed.reason_code', (r) => r.management?.reasonCode ?? r.management?.action?.reasonCode),
      number('wlan.fixed.auth.alg', (r) => r.management?.auth?.alg),
      number('wlan.fixed.auth_seq', (r) => r.management?.auth?.seq),
      number('wlan.tag.number', (r) => r.management?.elements.map((e) => e.number)),
      number('wlan.tag.length', (r) =>
        r.management?.elements.filter((e) => e.extension === undefined).map((e) => e.length),
      ),
      hexField('wlan.ssid', (r) =>
        ofElement(r.management?.elements, 0, 'ssid').map((ssid) => Buffer.from(String(ssid)).toString('hex')),
      ),
      number('wlan.ds.current_channel', (r) => ofElement(r.management?.elements, 3, 'currentChannel')),
      number('wlan.tim.dtim_count', (r) => ofElement(r.management?.elements, 5, 'dtimCount')),
      number('wlan.tim.dtim_period', (r) => ofElement(r.management?.elements, 5, 'dtimPeriod')),
      number('wlan.ht.capabilities', (r) => ofElement(r.management?.elements, 45, 'info')),
      number('wlan.ht.info.primarychannel', (r) => ofElement(r.management?.elements, 61, 'primaryChannel')),
      number('wlan.rsn.gcs.type', (r) => ofElement(r.management?.elements, 48, 'groupCipher').map(suiteType)),
      number('wlan.rsn.pcs.type', (r) =>
        ofElement(r.management?.elements, 48, 'pairwiseCiphers').map(suiteType),
      ),
      number('wlan.rsn.akms.type', (r) => ofElement(r.management?.elements, 48, 'akms').map(suiteType)),
      number('wlan.rsn.version', (r) => ofElement(r.management?.elements, 48, 'version')),
      number('wlan.rsn.capabilities', (r) => ofElement(r.management?.elements, 48, 'capabilities')),
    ],
    handshakeElements,
  ),
];
