import { hex, u16 } from '../bytes.ts';
import { i8, u16le } from '../little-endian.ts';
import { AdType, adEnd, findAd } from './ad-structure.ts';

const CODE = 0xbeac;
/** Company, code, identifier, reference RSSI, reserved. */
const SIZE = 26;

export interface AltBeacon {
  companyId: number;
  /** 20 bytes, hexadecimal: the first 16 name the organisation. */
  id: string;
  /** dBm that a receiver sees at 1 m. */
  referenceRssiDbm: number;
  manufacturerReserved: number;
}

/** AltBeacon 1.0, or undefined. */
export function altBeaconOf(b: Uint8Array, from = 0, to = b.length): AltBeacon | undefined {
  const at = findAd(b, from, to, AdType.manufacturerData);
  if (at < 0) return undefined;
  const v = at + 2;
  if (adEnd(b, at) - v !== SIZE || u16(b, v + 2) !== CODE) return undefined;
  return {
    companyId: u16le(b, v),
    id: hex(b, v + 4, v + 24),
    referenceRssiDbm: i8(b, v + 24),
    manufacturerReserved: b[v + 25],
  };
}
