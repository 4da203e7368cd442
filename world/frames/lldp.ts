/** LLDP (IEEE 802.1AB-2016) with the organisation's TLVs of 802.1, 802.3 and TIA-1057 (MED). */
import { EtherType, ethernet } from './ethernet.ts';
import { be16, ipv4Bytes, type Octets, octets, utf8 } from './octets.ts';

const NEAREST_BRIDGE = [0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e];
const IEEE_8021 = [0x00, 0x80, 0xc2];
const IEEE_8023 = [0x00, 0x12, 0x0f];
const TIA = [0x00, 0x12, 0xbb];

export const LldpCapability = { bridge: 4, accessPoint: 8, router: 16, telephone: 32, station: 128 } as const;

export interface LldpPower {
  /** Watts that the port gives, or that the device asks for. */
  watts: number;
  role: 'pse' | 'pd';
}

export interface LldpSender {
  /** Address of the port; also the frame's source. */
  portMac: Uint8Array;
  chassisMac: Uint8Array;
  portName: string;
  portDescription: string;
  systemName: string;
  systemDescription: string;
  capabilities: number;
  managementIpv4: string | null;
  ttlS: number;
  /** VLAN that is untagged on the port; null leaves the TLV out. */
  portVlan: number | null;
  /** 802.3 MAU type: 30 is 1000BASE-T full duplex (RFC 4836). */
  mauType: number;
  maxFrame: number;
  power: LldpPower | null;
  /** MED device class (1 to 4: endpoints and connectivity), with inventory; null leaves MED out. */
  med: { deviceClass: number; model: string } | null;
}

const tlv = (type: number, body: Octets): Uint8Array => octets(be16((type << 9) | body.length), body);
const organisational = (oui: Octets, subtype: number, body: Octets): Uint8Array =>
  tlv(127, octets(oui, [subtype], body));

/** 8.5.9: an IPv4 address, interface number unknown, no object identifier. */
const managementAddress = (address: string): Uint8Array =>
  tlv(8, octets([5, 1], ipv4Bytes(address), [1, 0, 0, 0, 0, 0]));

/** 802.3 power via MDI (802.3bt 79.3.2) with the allocation of 802.3at, in tenths of a watt. */
function powerTlv({ watts, role }: LldpPower): Uint8Array {
  const support = role === 'pse' ? 0x0f : 0x00;
  const typeSourcePriority = (role === 'pse' ? 0x00 : 0x40) | 0x10 | 0x03;
  const tenths = be16(Math.round(watts * 10));
  return organisational(IEEE_8023, 2, [support, 1, 5, typeSourcePriority, ...tenths, ...tenths]);
}

function medTlvs(med: NonNullable<LldpSender['med']>): Uint8Array[] {
  const capabilities = 0x0021;
  return [
    organisational(TIA, 1, [...be16(capabilities), med.deviceClass]),
    organisational(TIA, 10, utf8(med.model)),
  ];
}

export function lldp(of: LldpSender): Uint8Array {
  const tlvs = [
    tlv(1, octets([4], of.chassisMac)),
    tlv(2, octets([5], utf8(of.portName))),
    tlv(3, be16(of.ttlS)),
    tlv(4, utf8(of.portDescription)),
    tlv(5, utf8(of.systemName)),
    tlv(6, utf8(of.systemDescription)),
    tlv(7, [...be16(of.capabilities), ...be16(of.capabilities)]),
    ...(of.managementIpv4 === null ? [] : [managementAddress(of.managementIpv4)]),
    ...(of.portVlan === null ? [] : [organisational(IEEE_8021, 1, be16(of.portVlan))]),
    // Auto-negotiation supported and enabled; 1000BASE-T full duplex advertised (bit 15 is "other").
    organisational(IEEE_8023, 1, [3, ...be16(0x0001), ...be16(of.mauType)]),
    ...(of.power === null ? [] : [powerTlv(of.power)]),
    organisational(IEEE_8023, 4, be16(of.maxFrame)),
    ...(of.med === null ? [] : medTlvs(of.med)),
    tlv(0, []),
  ];
  return ethernet(NEAREST_BRIDGE, of.portMac, EtherType.lldp, octets(...tlvs));
}
