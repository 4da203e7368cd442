import { hex, u16, u32 } from '../bytes.ts';
import { i8, u16le } from '../little-endian.ts';
import { AdType, adEnd, findAd } from './ad-structure.ts';

const SERVICE = 0xfeaa;

/** Frame types, Eddystone protocol specification. */
const FRAME_UID = 0x00;
const FRAME_URL = 0x10;
const FRAME_TLM = 0x20;
const FRAME_EID = 0x30;

const SCHEMES = ['http://www.', 'https://www.', 'http://', 'https://'] as const;
const ENDINGS = [
  '.com/',
  '.org/',
  '.edu/',
  '.net/',
  '.info/',
  '.biz/',
  '.gov/',
  '.com',
  '.org',
  '.edu',
  '.net',
  '.info',
  '.biz',
  '.gov',
] as const;

/** "Not supported" values of unencrypted telemetry. */
const NO_TEMPERATURE = 0x8000;
const NO_BATTERY = 0;

/** Transmit power is what a receiver sees at 0 m, dBm. */
export type Eddystone =
  | { frame: 'uid'; txPowerDbm: number; namespace: string; instance: string }
  | { frame: 'url'; txPowerDbm: number; url: string }
  | {
      frame: 'tlm';
      version: number;
      /** Absent when the beacon is not battery powered. */
      batteryMv?: number;
      temperatureC?: number;
      advertisements?: number;
      upTimeS?: number;
      /** Encrypted telemetry (version 1): 12 bytes, salt and check. */
      encrypted?: string;
    }
  | { frame: 'eid'; txPowerDbm: number; ephemeralId: string };

/** Undefined when it holds a byte that may not stand in a URL. */
function urlOf(b: Uint8Array, from: number, to: number): string | undefined {
  const scheme = SCHEMES[b[from]];
  if (scheme === undefined) return undefined;
  let url: string = scheme;
  for (let at = from + 1; at < to; at++) {
    const ending = ENDINGS[b[at]];
    if (ending !== undefined) url += ending;
    else if (b[at] > 0x20 && b[at] < 0x7f) url += String.fromCharCode(b[at]);
    else return undefined;
  }
  return url;
}

function telemetryOf(b: Uint8Array, v: number, to: number): Eddystone | undefined {
  if (v + 2 > to) return undefined;
  const version = b[v + 1];
  if (version === 1 && to - v === 18) return { frame: 'tlm', version, encrypted: hex(b, v + 2, v + 18) };
  if (version !== 0 || to - v !== 14) return undefined;
  const record: Extract<Eddystone, { frame: 'tlm' }> = { frame: 'tlm', version };
  if (u16(b, v + 2) !== NO_BATTERY) record.batteryMv = u16(b, v + 2);
  // Signed 8.8 fixed point.
  if (u16(b, v + 4) !== NO_TEMPERATURE) record.temperatureC = ((u16(b, v + 4) << 16) >> 16) / 256;
  record.advertisements = u32(b, v + 6);
  record.upTimeS = u32(b, v + 10) / 10;
  return record;
}

/** The Eddystone frame between `from` and `to`, or undefined when there is none or it is not well formed. */
export function eddystoneOf(b: Uint8Array, from = 0, to = b.length): Eddystone | undefined {
  const at = findAd(b, from, to, AdType.serviceData16);
  if (at < 0) return undefined;
  const end = adEnd(b, at);
  const v = at + 4;
  if (v >= end || u16le(b, at + 2) !== SERVICE) return undefined;
  const length = end - v;
  switch (b[v]) {
    case FRAME_UID:
      // Two reserved bytes may be left out.
      if (length !== 18 && length !== 20) return undefined;
      return {
        frame: 'uid',
        txPowerDbm: i8(b, v + 1),
        namespace: hex(b, v + 2, v + 12),
        instance: hex(b, v + 12, v + 18),
      };
    case FRAME_URL: {
      const url = length >= 4 ? urlOf(b, v + 2, end) : undefined;
      return url === undefined ? undefined : { frame: 'url', txPowerDbm: i8(b, v + 1), url };
    }
    case FRAME_TLM:
      return telemetryOf(b, v, end);
    case FRAME_EID:
      return length === 10
        ? { frame: 'eid', txPowerDbm: i8(b, v + 1), ephemeralId: hex(b, v + 2, v + 10) }
        : undefined;
    default:
      return undefined;
  }
}
