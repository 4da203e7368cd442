import { hex, ipv4Text, ipv6Text, text, u16, u32 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

const HEADER = 4;
const TLV_HEADER = 4;

/** TLV types as Cisco publishes them and as its devices send them. */
const Tlv = {
  deviceId: 0x0001,
  addresses: 0x0002,
  portId: 0x0003,
  capabilities: 0x0004,
  softwareVersion: 0x0005,
  platform: 0x0006,
  ipPrefixes: 0x0007,
  vtpDomain: 0x0009,
  nativeVlan: 0x000a,
  duplex: 0x000b,
  voiceVlanReply: 0x000e,
  powerConsumption: 0x0010,
  mtu: 0x0011,
  trust: 0x0012,
  untrustedCos: 0x0013,
  systemName: 0x0014,
  managementAddresses: 0x0016,
  powerRequested: 0x0019,
  powerAvailable: 0x001a,
} as const;

export interface CdpRecord {
  /** cdp.version, cdp.ttl (seconds), cdp.checksum */
  version: number;
  ttl: number;
  checksum: number;
  /** cdp.deviceid, cdp.portid, cdp.capabilities, cdp.software_version, cdp.platform */
  deviceId?: string;
  addresses?: string[];
  portId?: string;
  capabilities?: number;
  softwareVersion?: string;
  platform?: string;
  ipPrefixes?: string[];
  vtpDomain?: string;
  nativeVlan?: number;
  /** cdp.duplex: true is full. */
  fullDuplex?: boolean;
  voiceVlan?: number;
  /** cdp.power_consumption in milliwatts */
  powerConsumptionMw?: number;
  powerRequestedMw?: number[];
  powerAvailableMw?: number[];
  mtu?: number;
  trust?: number;
  untrustedCos?: number;
  systemName?: string;
  managementAddresses?: string[];
  unknown: { type: number; data: string }[];
  /** TLVs shorter than their own fields: type and offset in the frame. */
  malformed: { type: number; offset: number }[];
}

const PROTOCOL_NLPID = 1;
const NLPID_IP = 0xcc;
const PROTOCOL_802_2 = 2;
const ETHERTYPE_IPV6 = 0x86dd;

/** Address list: number, then protocol type, its length, protocol, address length, address; undefined if it lies. */
function addressesOf(b: Uint8Array, from: number, to: number): string[] | undefined {
  if (from + 4 > to) return undefined;
  const count = u32(b, from);
  const addresses: string[] = [];
  let at = from + 4;
  for (let k = 0; k < count; k++) {
    if (at + 2 > to) return undefined;
    const protocol = at + 2;
    const lengthAt = protocol + b[at + 1];
    if (lengthAt + 2 > to) return undefined;
    const address = lengthAt + 2;
    const next = address + u16(b, lengthAt);
    if (next > to) return undefined;
    const isIpv4 = b[at] === PROTOCOL_NLPID && b[protocol] === NLPID_IP && next - address === 4;
    // 802.2 with SNAP: the EtherType is the last two of eight bytes.
    const isIpv6 =
      b[at] === PROTOCOL_802_2 &&
      b[at + 1] === 8 &&
      u16(b, protocol + 6) === ETHERTYPE_IPV6 &&
      next - address === 16;
    if (isIpv4) addresses.push(ipv4Text(b, address));
    else addresses.push(isIpv6 ? ipv6Text(b, address) : hex(b, address, next));
    at = next;
  }
  return addresses;
}

function prefixesOf(b: Uint8Array, from: number, to: number): string[] {
  // A lone address without a mask is the default route of a stub (on-demand routing).
  if (to - from === 4) return [ipv4Text(b, from)];
  const prefixes: string[] = [];
  for (let at = from; at + 5 <= to; at += 5) prefixes.push(`${ipv4Text(b, at)}/${b[at + 4]}`);
  return prefixes;
}

function powersOf(b: Uint8Array, from: number, to: number): number[] {
  const powers: number[] = [];
  for (let at = from + 4; at + 4 <= to; at += 4) powers.push(u32(b, at));
  return powers;
}

/** Cisco discovery, over SNAP 00-00-0C/2000. */
export const cdp: Layer<CdpRecord> = {
  proto: Proto.cdp,
  dissect(d: Dissection, start: number, end: number): void {
    const b = d.frame;
    if (end - start < HEADER) {
      d.truncated(Proto.cdp, start, HEADER, end - start);
      return;
    }
    let at = start + HEADER;
    while (at < end) {
      const needed = at + TLV_HEADER > end ? TLV_HEADER : u16(b, at + 2);
      // A length below its own header would never advance.
      if (needed < TLV_HEADER) {
        d.push(Proto.cdp, start, start + HEADER, at);
        d.malformed(Proto.cdp, at + 2, 'TLV length below its header');
        return;
      }
      if (at + needed > end) {
        d.push(Proto.cdp, start, start + HEADER, at);
        d.truncated(Proto.cdp, at, needed, end - at);
        return;
      }
      at += needed;
    }
    d.push(Proto.cdp, start, start + HEADER, at);
  },
  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const end = d.end[i];
    const record: CdpRecord = {
      version: b[start],
      ttl: b[start + 1],
      checksum: u16(b, start + 2),
      unknown: [],
      malformed: [],
    };
    for (let at = start + HEADER; at + TLV_HEADER <= end; ) {
      const next = at + u16(b, at + 2);
      if (next < at + TLV_HEADER || next > end) break;
      if (!readTlv(record, u16(b, at), b, at + TLV_HEADER, next)) {
        record.malformed.push({ type: u16(b, at), offset: at - d.frameStart });
      }
      at = next;
    }
    return record;
  },
};

function readTlv(record: CdpRecord, type: number, b: Uint8Array, from: number, to: number): boolean {
  const length = to - from;
  switch (type) {
    case Tlv.deviceId:
      record.deviceId ??= text(b, from, to);
      return true;
    case Tlv.addresses:
      record.addresses ??= addressesOf(b, from, to);
      return record.addresses !== undefined;
    case Tlv.portId:
      record.portId ??= text(b, from, to);
      return true;
    case Tlv.softwareVersion:
      record.softwareVersion ??= text(b, from, to);
      return true;
    case Tlv.platform:
      record.platform ??= text(b, from, to);
      return true;
    case Tlv.ipPrefixes:
      record.ipPrefixes ??= prefixesOf(b, from, to);
      return true;
    case Tlv.vtpDomain:
      record.vtpDomain ??= text(b, from, to);
      return true;
    case Tlv.systemName:
      record.systemName ??= text(b, from, to);
      return true;
    case Tlv.managementAddresses:
      record.managementAddresses ??= addressesOf(b, from, to);
      return record.managementAddresses !== undefined;
    case Tlv.powerRequested:
      record.powerRequestedMw ??= powersOf(b, from, to);
      return length >= 4;
    case Tlv.powerAvailable:
      record.powerAvailableMw ??= powersOf(b, from, to);
      return length >= 4;
    default:
      return readNumber(record, type, b, from, to);
  }
}

function readNumber(record: CdpRecord, type: number, b: Uint8Array, from: number, to: number): boolean {
  const length = to - from;
  switch (type) {
    case Tlv.capabilities:
      if (length < 4) return false;
      record.capabilities ??= u32(b, from);
      return true;
    case Tlv.nativeVlan:
      if (length < 2) return false;
      record.nativeVlan ??= u16(b, from);
      return true;
    case Tlv.duplex:
      if (length < 1) return false;
      record.fullDuplex ??= b[from] !== 0;
      return true;
    case Tlv.voiceVlanReply:
      // Appliance id, then the VLAN; an empty reply is a single byte.
      if (length < 3) return length === 1;
      record.voiceVlan ??= u16(b, from + 1);
      return true;
    case Tlv.powerConsumption:
      if (length < 2) return false;
      record.powerConsumptionMw ??= u16(b, from);
      return true;
    case Tlv.mtu:
      if (length < 4) return false;
      record.mtu ??= u32(b, from);
      return true;
    case Tlv.trust:
      if (length < 1) return false;
      record.trust ??= b[from];
      return true;
    case Tlv.untrustedCos:
      if (length < 1) return false;
      record.untrustedCos ??= b[from];
      return true;
    default:
      record.unknown.push({ type, data: hex(b, from, to) });
      return true;
  }
}
