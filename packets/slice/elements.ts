import { u24 } from '../bytes.ts';
import { u16le } from '../little-endian.ts';
import { Cut, type Walk, Zeroed } from './walk.ts';

export const UNSTATED_FCS = 4;
const HEADER = 2;
const SSID = 0;
const RSN = 48;
const VENDOR = 221;
/** OUI and type; behind them WPS has serial numbers and device names. */
const VENDOR_KEPT = 4;
const OUI_WIFI_ALLIANCE = 0x506f9a;
const EXTENSION = 255;
const PMKID = 16;

type Lengths = readonly [id: number, min: number, max: number];

/** Elements whose bodies are kept, with the lengths that the standard gives them (IEEE 802.11-2020 9.4.2). */
const KEPT = lengthTable([
  [1, 1, 8], // Supported Rates
  [3, 1, 1], // DSSS Parameter Set
  [7, 6, 252], // Country
  [42, 1, 1], // ERP
  [45, 26, 26], // HT Capabilities
  [50, 1, 16], // Extended Supported Rates
  [54, 3, 3], // Mobility Domain
  [61, 22, 22], // HT Operation
  [127, 1, 16], // Extended Capabilities
  [191, 12, 12], // VHT Capabilities
  [192, 5, 5], // VHT Operation
]);
/** The same behind the extension's own identifier: HE and EHT Capabilities and Operation. */
const KEPT_EXTENSIONS = lengthTable([
  [35, 21, 54],
  [36, 6, 15],
  [106, 5, 20],
  [108, 11, 75],
]);

/** Shortest and longest length by identifier, two bytes each; those that are not listed have 255 and 0. */
function lengthTable(rows: readonly Lengths[]): Uint8Array {
  const table = new Uint8Array(512);
  for (let id = 0; id < 256; id++) table[2 * id] = 255;
  for (const [id, min, max] of rows) table.set([min, max], 2 * id);
  return table;
}

/**
 * Information elements from `start`: all headers, allow-listed bodies, zeros for the rest. The headers say
 * where each element ends, so what a body holds cannot move anything.
 */
export function elements(w: Walk, start: number, end: number): void {
  const b = w.b;
  const elementsEnd = w.fcsUnstated ? end - UNSTATED_FCS : end;
  let at = start;
  while (at < elementsEnd) {
    if (!w.has(at, HEADER, elementsEnd)) return;
    const id = b[at];
    const next = at + HEADER + b[at + 1];
    if (!w.has(at, next - at, elementsEnd)) return;
    const kept = bodyKept(w, id, at + HEADER, next);
    if (id === RSN) zeroRsn(w, at + HEADER, next);
    else w.zero(kept, next, id === SSID ? Zeroed.ssid : Zeroed.elements);
    if (!w.keepTo(next)) return;
    at = next;
  }
  w.stop(at < end ? Cut.payload : Cut.none);
}

function bodyKept(w: Walk, id: number, body: number, next: number): number {
  const length = next - body;
  if (id === SSID) return w.options.ssid === 'keep' ? next : body;
  if (id === VENDOR) return body + vendorKept(w.b, body, length);
  if (id === EXTENSION) {
    if (length === 0) return body;
    return isKept(KEPT_EXTENSIONS, w.b[body], length - 1) ? next : body + 1;
  }
  return isKept(KEPT, id, length) ? next : body;
}

/** With its type, a Wi-Fi Alliance element full of zeros is one that Wireshark calls malformed. */
function vendorKept(b: Uint8Array, body: number, length: number): number {
  if (length < VENDOR_KEPT) return 0;
  return u24(b, body) === OUI_WIFI_ALLIANCE ? VENDOR_KEPT - 1 : VENDOR_KEPT;
}

const isKept = (table: Uint8Array, id: number, length: number): boolean =>
  length >= table[2 * id] && length <= table[2 * id + 1];

/** RSN (9.4.2.24) without its PMKIDs: a PMKID is enough to try passwords against. */
function zeroRsn(w: Walk, start: number, end: number): void {
  const b = w.b;
  let at = start + 6;
  // Pairwise cipher suites, then AKM suites: a count and four bytes each.
  for (let list = 0; list < 2; list++) {
    if (at + 2 > end) {
      w.zero(at, end, Zeroed.elements);
      return;
    }
    const next = at + 2 + u16le(b, at) * 4;
    if (next > end) {
      w.zero(at, end, Zeroed.elements);
      return;
    }
    at = next;
  }
  at += 2; // RSN Capabilities
  if (at + 2 > end) {
    w.zero(Math.min(at, end), end, Zeroed.elements);
    return;
  }
  const listEnd = at + 2 + u16le(b, at) * PMKID;
  if (listEnd > end) {
    w.zero(at, end, Zeroed.elements);
    return;
  }
  w.zero(at + 2, listEnd, Zeroed.elements);
  // Group management cipher suite; nothing is known behind it.
  w.zero(listEnd + 4 <= end ? listEnd + 4 : listEnd, end, Zeroed.elements);
}
