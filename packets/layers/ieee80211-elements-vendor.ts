import { hex, macText, text, u16, u24 } from '../bytes.ts';
import { u16le } from '../little-endian.ts';
import { type RsnRecord, wpaOf } from './ieee80211-elements-rsn.ts';

/** Element 221: an organisation's own, here those of Microsoft and the Wi-Fi Alliance. */

const OUI_MICROSOFT = 0x0050f2;
const OUI_WFA = 0x506f9a;

const MICROSOFT_WPA = 1;
const MICROSOFT_WMM = 2;
const MICROSOFT_WPS = 4;
const WFA_P2P = 9;
const WFA_HOTSPOT = 16;
const WFA_MBO = 22;
const WFA_OWE_TRANSITION = 28;

export interface WmmRecord {
  /** wlan.wfa.ie.wme.subtype: 0 information, 1 parameters. */
  subtype: number;
  version: number;
  qosInfo: number;
  /** Access categories 0 to 3: AIFSN, exponents of the contention window, TXOP limit in 32 us. */
  parameters?: { aci: number; acm: boolean; aifsn: number; ecwMin: number; ecwMax: number; txop: number }[];
}

export interface WpsRecord {
  /** wps.version, wps.wifi_protected_setup_state, wps.device_name …  */
  version?: number;
  state?: number;
  deviceName?: string;
  manufacturer?: string;
  modelName?: string;
  modelNumber?: string;
  serialNumber?: string;
  uuid?: string;
  primaryDeviceType?: string;
  devicePasswordId?: number;
  malformed?: true;
}

export interface VendorElementRecord {
  /** wlan.tag.oui, wlan.tag.vendor.oui.type */
  oui: string;
  type?: number;
  wpa?: RsnRecord;
  wmm?: WmmRecord;
  wps?: WpsRecord;
  /** Ids and bodies of P2P attributes. */
  p2p?: { id: number; data: string }[];
  /** wlan.hs20.indication.version_number etc. in the control byte. */
  hotspot?: { control: number };
  mbo?: { id: number; data: string }[];
  oweTransition?: { bssid: string; ssid: string };
  data?: string;
}

export function vendorElementOf(b: Uint8Array, from: number, to: number): VendorElementRecord | undefined {
  if (from + 3 > to) return undefined;
  const record: VendorElementRecord = { oui: hex(b, from, from + 3, '-') };
  if (from + 4 > to) return record;
  record.type = b[from + 3];
  const body = from + 4;
  const oui = u24(b, from);
  if (oui === OUI_MICROSOFT && readMicrosoft(record, b, body, to)) return record;
  if (oui === OUI_WFA && readAlliance(record, b, body, to)) return record;
  record.data = hex(b, body, to);
  return record;
}

function readMicrosoft(record: VendorElementRecord, b: Uint8Array, body: number, to: number): boolean {
  switch (record.type) {
    case MICROSOFT_WPA:
      record.wpa = wpaOf(b, body, to);
      return record.wpa !== undefined;
    case MICROSOFT_WMM:
      record.wmm = wmmOf(b, body, to);
      return record.wmm !== undefined;
    case MICROSOFT_WPS:
      record.wps = wpsOf(b, body, to);
      return true;
    default:
      return false;
  }
}

function readAlliance(record: VendorElementRecord, b: Uint8Array, body: number, to: number): boolean {
  switch (record.type) {
    case WFA_P2P:
      record.p2p = p2pOf(b, body, to);
      return true;
    case WFA_HOTSPOT:
      if (body >= to) return false;
      record.hotspot = { control: b[body] };
      return true;
    case WFA_MBO:
      record.mbo = mboOf(b, body, to);
      return true;
    case WFA_OWE_TRANSITION:
      if (body + 7 > to || body + 7 + b[body + 6] > to) return false;
      record.oweTransition = {
        bssid: macText(b, body),
        ssid: text(b, body + 7, body + 7 + b[body + 6]),
      };
      return true;
    default:
      return false;
  }
}

/** Wi-Fi Multimedia 1.2, 2.2: behind subtype and version, QoS info and, in subtype 1, four records. */
function wmmOf(b: Uint8Array, from: number, to: number): WmmRecord | undefined {
  if (from + 3 > to) return undefined;
  const record: WmmRecord = { subtype: b[from], version: b[from + 1], qosInfo: b[from + 2] };
  if (record.subtype !== 1 || from + 20 > to) return record;
  record.parameters = [0, 1, 2, 3].map((k) => {
    const at = from + 4 + 4 * k;
    return {
      aci: (b[at] >> 5) & 3,
      acm: (b[at] & 0x10) !== 0,
      aifsn: b[at] & 0x0f,
      ecwMin: b[at + 1] & 0x0f,
      ecwMax: b[at + 1] >> 4,
      txop: u16le(b, at + 2),
    };
  });
  return record;
}

const WPS_TEXT: Readonly<
  Record<number, 'deviceName' | 'manufacturer' | 'modelName' | 'modelNumber' | 'serialNumber'>
> = {
  4113: 'deviceName',
  4129: 'manufacturer',
  4131: 'modelName',
  4132: 'modelNumber',
  4162: 'serialNumber',
};
const WPS_PASSWORD_ID = 0x1012;
const WPS_STATE = 0x1044;
const WPS_UUID = 0x1047;
const WPS_VERSION = 0x104a;
const WPS_PRIMARY_TYPE = 0x1054;

/** Wi-Fi Simple Configuration: attributes of 16-bit type and length, big-endian. */
function wpsOf(b: Uint8Array, from: number, to: number): WpsRecord {
  const record: WpsRecord = {};
  for (let at = from; at + 4 <= to; ) {
    const type = u16(b, at);
    const length = u16(b, at + 2);
    const body = at + 4;
    const next = body + length;
    if (next > to) {
      record.malformed = true;
      break;
    }
    const name = WPS_TEXT[type];
    if (name !== undefined) record[name] = text(b, body, next);
    else if (type === WPS_VERSION && length === 1) record.version = b[body];
    else if (type === WPS_STATE && length === 1) record.state = b[body];
    else if (type === WPS_UUID) record.uuid = hex(b, body, next);
    else if (type === WPS_PRIMARY_TYPE) record.primaryDeviceType = hex(b, body, next);
    else if (type === WPS_PASSWORD_ID && length === 2) record.devicePasswordId = u16(b, body);
    at = next;
  }
  return record;
}

/** Wi-Fi Direct: attributes of 8-bit id and 16-bit length, little-endian. */
function p2pOf(b: Uint8Array, from: number, to: number): { id: number; data: string }[] {
  const attributes: { id: number; data: string }[] = [];
  for (let at = from; at + 3 <= to; ) {
    const next = at + 3 + u16le(b, at + 1);
    if (next > to) break;
    attributes.push({ id: b[at], data: hex(b, at + 3, next) });
    at = next;
  }
  return attributes;
}

/** Multiband operation: attributes of 8-bit id and length. */
function mboOf(b: Uint8Array, from: number, to: number): { id: number; data: string }[] {
  const attributes: { id: number; data: string }[] = [];
  for (let at = from; at + 2 <= to; ) {
    const next = at + 2 + b[at + 1];
    if (next > to) break;
    attributes.push({ id: b[at], data: hex(b, at + 2, next) });
    at = next;
  }
  return attributes;
}
