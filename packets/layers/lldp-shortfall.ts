import { u24 } from '../bytes.ts';
import { OUI_802_1 } from './lldp-8021.ts';
import { OUI_802_3 } from './lldp-8023.ts';
import { CIVIC_FIXED, OUI_MED } from './lldp-med.ts';

const MANAGEMENT_ADDRESS = 8;
const ORGANISATIONAL = 127;
const ORGANISATIONAL_HEADER = 4;

/** Fewest bytes behind the subtype, by subtype; the readers of these TLVs ask for the same. */
const SHORTEST_802_1 = Uint8Array.of(0, 2, 3, 3, 1, 4, 2, 5, 2, 21, 21, 2, 1);
const SHORTEST_802_3 = Uint8Array.of(0, 5, 3, 5, 2, 10, 4, 2);
const SHORTEST_MED = Uint8Array.of(0, 3, 4, 1, 3);

const SUBTYPE_VLAN_NAME = 3;
const SUBTYPE_PROTOCOL_IDENTITY = 4;
const SUBTYPE_LOCATION = 3;
const LOCATION_COORDINATE = 1;
const LOCATION_CIVIC = 2;

const at = (table: Uint8Array, subtype: number): number => (subtype < table.length ? table[subtype] : 0);

/** Bytes that the body between `from` and `to` needs, its own counts included. */
function neededBody(b: Uint8Array, oui: number, subtype: number, from: number, to: number): number {
  const length = to - from;
  if (oui === OUI_802_1) {
    const fixed = at(SHORTEST_802_1, subtype);
    if (length < fixed) return fixed;
    if (subtype === SUBTYPE_VLAN_NAME) return fixed + b[from + 2];
    return subtype === SUBTYPE_PROTOCOL_IDENTITY ? fixed + b[from] : fixed;
  }
  if (oui === OUI_802_3) return at(SHORTEST_802_3, subtype);
  if (oui !== OUI_MED) return 0;
  const fixed = at(SHORTEST_MED, subtype);
  if (subtype !== SUBTYPE_LOCATION || length < fixed) return fixed;
  if (b[from] === LOCATION_COORDINATE) return fixed + 16;
  if (b[from] !== LOCATION_CIVIC) return fixed;
  if (length < fixed + 1 + CIVIC_FIXED) return fixed + 1 + CIVIC_FIXED;
  // A count that leaves no room for its own fixed part lacks that, however long the TLV is.
  if (b[from + 1] < CIVIC_FIXED) return length + CIVIC_FIXED - b[from + 1];
  return fixed + 1 + b[from + 1];
}

function neededManagementAddress(b: Uint8Array, from: number, to: number): number {
  const oidLength = from + 1 + b[from] + 5;
  return oidLength < to ? oidLength + 1 + b[oidLength] - from : oidLength + 1 - from;
}

/** Bytes that the value of a whole TLV lacks of what its own fields announce. */
export function shortfall(b: Uint8Array, type: number, from: number, to: number): number {
  const length = to - from;
  let needed = 0;
  if (type === MANAGEMENT_ADDRESS) needed = length < 9 ? 9 : neededManagementAddress(b, from, to);
  else if (type === ORGANISATIONAL) {
    needed =
      length < ORGANISATIONAL_HEADER
        ? ORGANISATIONAL_HEADER
        : ORGANISATIONAL_HEADER + neededBody(b, u24(b, from), b[from + 3], from + ORGANISATIONAL_HEADER, to);
  }
  return Math.max(0, needed - length);
}
