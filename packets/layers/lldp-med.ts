import { hex, text, u16, u24, u32 } from '../bytes.ts';

/** Media endpoint discovery TLVs (ANSI/TIA-1057 clause 10.2). */
export const OUI_MED = 0x0012bb;

const Subtype = {
  capabilities: 1,
  networkPolicy: 2,
  location: 3,
  extendedPower: 4,
  hardwareRevision: 5,
  firmwareRevision: 6,
  softwareRevision: 7,
  serialNumber: 8,
  manufacturer: 9,
  model: 10,
  assetId: 11,
} as const;

const LOCATION_COORDINATE = 1;
const LOCATION_CIVIC = 2;
const LOCATION_ELIN = 3;
const LCI_LENGTH = 16;
/** What and country. */
export const CIVIC_FIXED = 3;

export interface MedLocation {
  /** lldp.media.loc.data_format: 1 coordinates, 2 civic address, 3 emergency number. */
  format: number;
  coordinate?: CoordinateRecord;
  civic?: { what: number; country: string; elements: { type: number; value: string }[] };
  elin?: string;
  data?: string;
}

/** RFC 6225 clause 2: angles in degrees; resolutions are the number of valid bits. */
export interface CoordinateRecord {
  latitude: number;
  latitudeResolution: number;
  longitude: number;
  longitudeResolution: number;
  /** 1 metres, 2 floors. */
  altitudeType: number;
  altitude: number;
  altitudeResolution: number;
  datum: number;
}

export interface MedRecord {
  /** lldp.media.capabilities, lldp.media.device_type (class) */
  capabilities?: number;
  deviceClass?: number;
  /** lldp.media.app_type, lldp.media.vlan.id, lldp.media.l2_prio, lldp.media.dscp */
  networkPolicies?: {
    application: number;
    unknown: boolean;
    tagged: boolean;
    vlan: number;
    priority: number;
    dscp: number;
  }[];
  locations?: MedLocation[];
  /** Power in watts. */
  extendedPower?: { type: number; source: number; priority: number; powerW: number };
  hardwareRevision?: string;
  firmwareRevision?: string;
  softwareRevision?: string;
  serialNumber?: string;
  manufacturer?: string;
  model?: string;
  assetId?: string;
}

/** Two's complement number of `bits` bits from `high` (the rest above 32) and `low`, over 2^25. */
function fixedPoint34(high: number, low: number): number {
  const value = high * 4294967296 + low;
  return (value >= 2 ** 33 ? value - 2 ** 34 : value) / 2 ** 25;
}

function coordinateOf(b: Uint8Array, at: number): CoordinateRecord {
  const altitudeBits = u32(b, at + 11) & 0x3fff_ffff;
  const altitudeValue = altitudeBits >= 2 ** 29 ? altitudeBits - 2 ** 30 : altitudeBits;
  return {
    latitudeResolution: b[at] >> 2,
    latitude: fixedPoint34(b[at] & 3, u32(b, at + 1)),
    longitudeResolution: b[at + 5] >> 2,
    longitude: fixedPoint34(b[at + 5] & 3, u32(b, at + 6)),
    altitudeType: b[at + 10] >> 4,
    altitudeResolution: ((b[at + 10] & 0x0f) << 2) | (b[at + 11] >> 6),
    altitude: altitudeValue / 256,
    datum: b[at + 15],
  };
}

/** Civic address of RFC 4776 with TIA's length byte in front; false when it lies about its length. */
function readCivic(location: MedLocation, b: Uint8Array, from: number, to: number): boolean {
  if (from + 4 > to || b[from] < CIVIC_FIXED || from + 1 + b[from] > to) return false;
  const end = from + 1 + b[from];
  const civic: NonNullable<MedLocation['civic']> = {
    what: b[from + 1],
    country: text(b, from + 2, from + 4),
    elements: [],
  };
  location.civic = civic;
  for (let at = from + 4; at < end; ) {
    if (at + 2 > end || at + 2 + b[at + 1] > end) return false;
    civic.elements.push({ type: b[at], value: text(b, at + 2, at + 2 + b[at + 1]) });
    at += 2 + b[at + 1];
  }
  return true;
}

function readLocation(record: MedRecord, b: Uint8Array, from: number, to: number): boolean {
  if (from + 1 > to) return false;
  const location: MedLocation = { format: b[from] };
  record.locations ??= [];
  record.locations.push(location);
  switch (location.format) {
    case LOCATION_COORDINATE:
      if (from + 1 + LCI_LENGTH > to) return false;
      location.coordinate = coordinateOf(b, from + 1);
      return true;
    case LOCATION_CIVIC:
      return readCivic(location, b, from + 1, to);
    case LOCATION_ELIN:
      location.elin = text(b, from + 1, to);
      return true;
    default:
      location.data = hex(b, from + 1, to);
      return true;
  }
}

const INVENTORY = [
  'hardwareRevision',
  'firmwareRevision',
  'softwareRevision',
  'serialNumber',
  'manufacturer',
  'model',
  'assetId',
] as const;

/** Undefined for a subtype that is not ours, false when the body is too short or lies. */
export function readMed(
  record: MedRecord,
  subtype: number,
  b: Uint8Array,
  from: number,
  to: number,
): boolean | undefined {
  if (subtype >= Subtype.hardwareRevision && subtype <= Subtype.assetId) {
    record[INVENTORY[subtype - Subtype.hardwareRevision]] ??= text(b, from, to);
    return true;
  }
  const length = to - from;
  switch (subtype) {
    case Subtype.capabilities:
      if (length < 3) return false;
      record.capabilities ??= u16(b, from);
      record.deviceClass ??= b[from + 2];
      return true;
    case Subtype.networkPolicy: {
      if (length < 4) return false;
      const policy = u24(b, from + 1);
      record.networkPolicies ??= [];
      record.networkPolicies.push({
        application: b[from],
        unknown: (policy & 0x80_0000) !== 0,
        tagged: (policy & 0x40_0000) !== 0,
        vlan: (policy >> 9) & 0xfff,
        priority: (policy >> 6) & 7,
        dscp: policy & 0x3f,
      });
      return true;
    }
    case Subtype.location:
      return readLocation(record, b, from, to);
    case Subtype.extendedPower:
      if (length < 3) return false;
      record.extendedPower ??= {
        type: b[from] >> 6,
        source: (b[from] >> 4) & 3,
        priority: b[from] & 0x0f,
        powerW: u16(b, from + 1) / 10,
      };
      return true;
    default:
      return undefined;
  }
}
