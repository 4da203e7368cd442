/** Information elements (IEEE 802.11-2020 9.4.2): id, length, body; id 255 adds an extension id. */

export const ElementId = {
  ssid: 0,
  supportedRates: 1,
  dsParameter: 3,
  tim: 5,
  country: 7,
  bssLoad: 11,
  challengeText: 16,
  erp: 42,
  htCapabilities: 45,
  rsn: 48,
  extendedRates: 50,
  neighbourReport: 52,
  mobilityDomain: 54,
  fastBssTransition: 55,
  htOperation: 61,
  extendedCapabilities: 127,
  vhtCapabilities: 191,
  vhtOperation: 192,
  vendor: 221,
  rsnExtension: 244,
  extension: 255,
} as const;

export const ElementExtension = {
  heCapabilities: 35,
  heOperation: 36,
  ehtOperation: 106,
  multiLink: 107,
  ehtCapabilities: 108,
} as const;

const HEADER = 2;

/** Offset of the first element between `from` and `to` that does not fit, or −1 when all do. */
export function brokenElement(b: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to) {
    if (at + HEADER > to || at + HEADER + b[at + 1] > to) return at;
    at += HEADER + b[at + 1];
  }
  return -1;
}

/** Offset of the first whole element with this id (and extension id), or −1. Its body starts at +2. */
export function findElement(b: Uint8Array, from: number, to: number, id: number, extension = -1): number {
  let at = from;
  while (at + HEADER <= to) {
    const next = at + HEADER + b[at + 1];
    if (next > to) return -1;
    if (b[at] === id && (extension < 0 || (b[at + 1] > 0 && b[at + 2] === extension))) return at;
    at = next;
  }
  return -1;
}

/** Fewest bytes of a body by element id, for the ids that have a fixed part; the decoders ask for the same. */
const SHORTEST = new Uint8Array(256);
for (const [id, length] of [
  [3, 1],
  [5, 3],
  [7, 3],
  [11, 5],
  [32, 1],
  [33, 2],
  [35, 2],
  [37, 3],
  [40, 6],
  [42, 1],
  [45, 26],
  [48, 2],
  [52, 13],
  [54, 3],
  [55, 82],
  [56, 5],
  [60, 4],
  [61, 22],
  [70, 5],
  [90, 3],
  [113, 7],
  [191, 12],
  [192, 5],
  [221, 3],
  [255, 1],
]) {
  SHORTEST[id] = length;
}

export const shortestBody = (id: number): number => SHORTEST[id];

/** Offset of the first of the elements, all of them whole, whose body is shorter than its fixed part; or −1. */
export function shortElement(b: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at += HEADER + b[at + 1]) if (b[at + 1] < SHORTEST[b[at]]) return at;
  return -1;
}
