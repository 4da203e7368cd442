/** Networks that are announced in frames of the air. */
import type { WorldFrame } from '../world/engine/world.ts';

const RADIOTAP = 127;
/** Frame control of a beacon: version 0, management, subtype 8 (IEEE 802.11-2020 9.2.4.1). */
const BEACON = 0x80;
const [BSSID_AT, BODY_AT, FIXED_FIELDS] = [16, 24, 12];

/** Name and BSSID (`02:00:00:00:00:01`) of a beacon; null for any other frame. */
export function beaconOf({ bytes, linkType }: WorldFrame): { ssid: string; bssid: string } | null {
  if (linkType !== RADIOTAP) return null;
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = frame.readUInt16LE(2);
  if (frame[at] !== BEACON) return null;
  const bssid = frame
    .subarray(at + BSSID_AT, at + BSSID_AT + 6)
    .toString('hex')
    .replace(/..(?!$)/g, '$&:');
  // The SSID is a beacon's first element (9.3.3.2): its number, 0, its length, the name.
  const element = frame.subarray(at + BODY_AT + FIXED_FIELDS);
  return { ssid: element.subarray(2, 2 + element[1]).toString(), bssid };
}
