import { hex, ipv4Text, ipv6Text, macText, text, u16, u24, u32 } from '../bytes.ts';
import { type Dot1Record, OUI_802_1, readDot1 } from './lldp-8021.ts';
import { type Dot3Record, OUI_802_3, readDot3 } from './lldp-8023.ts';
import { type MedRecord, OUI_MED, readMed } from './lldp-med.ts';

export interface LldpId {
  subtype: number;
  /** MAC or IP address as usual, a name as text, anything else in hexadecimal. */
  id: string;
}

export interface ManagementAddress {
  /** lldp.mgn.addr.subtype: IANA address family, 1 IPv4, 2 IPv6, 6 MAC. */
  family: number;
  address: string;
  /** lldp.mgn.interface.subtype: 2 ifIndex, 3 port number. */
  interfaceSubtype: number;
  interfaceNumber: number;
  oid: string;
}

export interface LldpRecord {
  /** lldp.chassis.subtype, lldp.port.subtype and their ids */
  chassis?: LldpId;
  port?: LldpId;
  /** lldp.time_to_live, seconds; 0 is a farewell. */
  timeToLive?: number;
  /** lldp.port.desc, lldp.tlv.system.name, lldp.tlv.system.desc */
  portDescription?: string;
  systemName?: string;
  systemDescription?: string;
  /** lldp.tlv.system_cap, lldp.tlv.enable_system_cap */
  capabilities?: number;
  enabledCapabilities?: number;
  managementAddresses: ManagementAddress[];
  dot1: Dot1Record;
  dot3: Dot3Record;
  med: MedRecord;
  /** RFC 8520 clause 11 */
  mudUrl?: string;
  organisational: { oui: string; subtype: number; data: string }[];
  unknown: { type: number; data: string }[];
  /** TLVs that are there but shorter than their own fields: type and offset in the frame. */
  malformed: { type: number; offset: number }[];
}

const OUI_IANA = 0x00005e;
const IANA_MUD_URL = 1;

const FAMILY_IPV4 = 1;
const FAMILY_IPV6 = 2;
const FAMILY_MAC = 6;

/** Text of an address of an IANA family, hexadecimal when the length does not fit it. */
export function addressText(b: Uint8Array, family: number, from: number, to: number): string {
  if (family === FAMILY_IPV4 && to - from === 4) return ipv4Text(b, from);
  if (family === FAMILY_IPV6 && to - from === 16) return ipv6Text(b, from);
  if (family === FAMILY_MAC && to - from === 6) return macText(b, from);
  return hex(b, from, to);
}

/** Chassis ids have MAC 4 and network address 5, table 8-2; port ids have 3 and 4, table 8-3. */
function idOf(b: Uint8Array, from: number, to: number, macSubtype: number): LldpId {
  const subtype = b[from];
  const value = from + 1;
  if (subtype === macSubtype && to - value === 6) return { subtype, id: macText(b, value) };
  if (subtype === macSubtype + 1 && value < to) {
    return { subtype, id: addressText(b, b[value], value + 1, to) };
  }
  return { subtype, id: subtype === macSubtype ? hex(b, value, to) : text(b, value, to) };
}

export const chassisIdOf = (b: Uint8Array, from: number, to: number): LldpId => idOf(b, from, to, 4);
export const portIdOf = (b: Uint8Array, from: number, to: number): LldpId => idOf(b, from, to, 3);

export function managementAddressOf(b: Uint8Array, from: number, to: number): ManagementAddress | undefined {
  if (from + 9 > to || b[from] === 0) return undefined;
  const address = from + 2;
  const addressEnd = from + 1 + b[from];
  if (addressEnd + 6 > to) return undefined;
  const oid = addressEnd + 6;
  const oidEnd = oid + b[oid - 1];
  if (oidEnd > to) return undefined;
  return {
    family: b[from + 1],
    address: addressText(b, b[from + 1], address, addressEnd),
    interfaceSubtype: b[addressEnd],
    interfaceNumber: u32(b, addressEnd + 1),
    oid: hex(b, oid, oidEnd),
  };
}

/**
 * All TLVs between `start` and `end`, which the dissection has found whole. Offsets in the record are counted
 * from `frameStart`.
 */
export function lldpRecord(b: Uint8Array, start: number, end: number, frameStart: number): LldpRecord {
  const record: LldpRecord = {
    managementAddresses: [],
    dot1: {},
    dot3: {},
    med: {},
    organisational: [],
    unknown: [],
    malformed: [],
  };
  for (let at = start; at + 2 <= end; ) {
    const type = b[at] >> 1;
    const value = at + 2;
    const next = value + (u16(b, at) & 0x1ff);
    if (type === 0 || next > end) break;
    if (!readTlv(record, type, b, value, next)) record.malformed.push({ type, offset: at - frameStart });
    at = next;
  }
  return record;
}

/** False when the value is too short for its own fields. */
function readTlv(record: LldpRecord, type: number, b: Uint8Array, from: number, to: number): boolean {
  switch (type) {
    case 1:
      record.chassis ??= chassisIdOf(b, from, to);
      return true;
    case 2:
      record.port ??= portIdOf(b, from, to);
      return true;
    case 3:
      record.timeToLive ??= u16(b, from);
      return true;
    case 4:
      record.portDescription ??= text(b, from, to);
      return true;
    case 5:
      record.systemName ??= text(b, from, to);
      return true;
    case 6:
      record.systemDescription ??= text(b, from, to);
      return true;
    case 7:
      record.capabilities ??= u16(b, from);
      record.enabledCapabilities ??= u16(b, from + 2);
      return true;
    case 8: {
      const address = managementAddressOf(b, from, to);
      if (address !== undefined) record.managementAddresses.push(address);
      return address !== undefined;
    }
    case 127:
      return readOrganisational(record, b, from, to);
    default:
      record.unknown.push({ type, data: hex(b, from, to) });
      return true;
  }
}

function readOrganisational(record: LldpRecord, b: Uint8Array, from: number, to: number): boolean {
  if (from + 4 > to) return false;
  const oui = u24(b, from);
  const subtype = b[from + 3];
  const body = from + 4;
  if (oui === OUI_IANA && subtype === IANA_MUD_URL) {
    record.mudUrl ??= text(b, body, to);
    return true;
  }
  let known: boolean | undefined;
  if (oui === OUI_802_1) known = readDot1(record.dot1, subtype, b, body, to);
  else if (oui === OUI_802_3) known = readDot3(record.dot3, subtype, b, body, to);
  else if (oui === OUI_MED) known = readMed(record.med, subtype, b, body, to);
  if (known !== undefined) return known;
  record.organisational.push({ oui: hex(b, from, from + 3, '-'), subtype, data: hex(b, body, to) });
  return true;
}
