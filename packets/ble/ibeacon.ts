import { hex, u16 } from '../bytes.ts';
import { i8 } from '../little-endian.ts';
import { AdType, adEnd, findAd } from './ad-structure.ts';

const COMPANY_APPLE = 0x004c;
const TYPE_PROXIMITY = 0x02;
const LENGTH = 0x15;
/** Company, type, length, UUID, major, minor, power. */
const SIZE = 25;

export interface IBeacon {
  /** Lower-case, with hyphens. */
  uuid: string;
  major: number;
  minor: number;
  /** dBm that a receiver sees at 1 m. */
  measuredPowerDbm: number;
}

/** Apple's proximity beacon ("Proximity Beacon Specification", release R1), or undefined. */
export function iBeaconOf(b: Uint8Array, from = 0, to = b.length): IBeacon | undefined {
  const at = findAd(b, from, to, AdType.manufacturerData);
  if (at < 0) return undefined;
  const v = at + 2;
  if (adEnd(b, at) - v !== SIZE) return undefined;
  if ((b[v] | (b[v + 1] << 8)) !== COMPANY_APPLE || b[v + 2] !== TYPE_PROXIMITY || b[v + 3] !== LENGTH) {
    return undefined;
  }
  const uuid = hex(b, v + 4, v + 20).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { uuid, major: u16(b, v + 20), minor: u16(b, v + 22), measuredPowerDbm: i8(b, v + 24) };
}
