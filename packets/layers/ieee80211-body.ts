import { u16 } from '../bytes.ts';
import { u16le } from '../little-endian.ts';
import {
  ADDRESS_1,
  fragmentNumber,
  fromDs,
  isProtected,
  isQosData,
  qosOffset,
  toDs,
} from './ieee80211-header.ts';

/** What stands between the MAC header and what the frame carries: cipher header, A-MSDU subframe, mesh control. */

export type Cipher = 'wep' | 'tkip' | 'ccmp';

const EXTENDED_IV = 0x20;
const WEP_IV = 4;
const EXTENDED_HEADER = 8;

/** Bytes of the cipher header at `body`; 0 when fewer than the four that tell are there. */
export function cipherHeaderLength(b: Uint8Array, body: number, end: number): number {
  if (body + WEP_IV > end) return 0;
  return (b[body + 3] & EXTENDED_IV) !== 0 ? EXTENDED_HEADER : WEP_IV;
}

/** A guess from the header alone: GCMP's is the same as CCMP's. */
export function cipherOf(b: Uint8Array, body: number): Cipher {
  if ((b[body + 3] & EXTENDED_IV) === 0) return 'wep';
  // TKIP repeats TSC1 with bits 5 and 6 forced, IEEE 802.11-2020 12.5.2.2; CCMP's third byte is reserved, 0.
  return b[body + 1] === ((b[body] | 0x20) & 0x7f) ? 'tkip' : 'ccmp';
}

export const SUBFRAME_HEADER = 14;
const MESH_FIXED = 6;
const ADDRESS = 6;

/** Bytes of the mesh control field at `at` with its address extension, 9.2.4.7.3; 0 when the mode is reserved. */
export function meshControlLength(b: Uint8Array, at: number): number {
  switch (b[at]) {
    case 0:
      return MESH_FIXED;
    case 1:
      return MESH_FIXED + ADDRESS;
    case 2:
      return MESH_FIXED + 2 * ADDRESS;
    default:
      return 0;
  }
}

/**
 * Bit 8 of QoS control announces mesh control in a mesh BSS only; elsewhere it has other meanings. It is
 * believed in frames that a mesh station may send, when no reserved bit of the mesh flags is set.
 */
export function hasMeshControl(b: Uint8Array, s: number, at: number, end: number): boolean {
  if (!isQosData(b, s) || isProtected(b, s) || at >= end) return false;
  if ((b[qosOffset(b, s) + 1] & 0x01) === 0 || meshControlLength(b, at) === 0) return false;
  return fromDs(b, s) && (toDs(b, s) || (b[s + ADDRESS_1] & 1) !== 0);
}

export interface MeshControl {
  /** wlan.mesh.config… : address extension mode, time to live, sequence number. */
  flags: number;
  ttl: number;
  seq: number;
  /** Offset in the frame of the extended addresses; 0 when there are none. */
  addresses: number;
}

export const meshControlOf = (b: Uint8Array, at: number): MeshControl => ({
  flags: b[at],
  ttl: b[at + 1],
  seq: u16le(b, at + 2) + u16le(b, at + 4) * 65536,
  addresses: b[at] === 0 ? 0 : at + MESH_FIXED,
});

/** A later fragment starts in the middle of an MSDU. */
export const isLaterFragment = (b: Uint8Array, s: number): boolean => fragmentNumber(b, s) > 0;

/** End of the MSDU in the A-MSDU subframe at `at`, not beyond `end`. */
export const subframeEnd = (b: Uint8Array, at: number, end: number): number =>
  Math.min(end, at + SUBFRAME_HEADER + u16(b, at + 12));

/** Complete subframes of the A-MSDU at `body`; the last is not padded, 9.3.2.2.2. */
export function countSubframes(b: Uint8Array, body: number, end: number): number {
  let count = 0;
  let at = body;
  while (at + SUBFRAME_HEADER <= end) {
    const size = SUBFRAME_HEADER + u16(b, at + 12);
    if (at + size > end) break;
    count++;
    at += (size + 3) & -4;
  }
  return count;
}
