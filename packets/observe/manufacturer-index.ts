import { type ManufacturerOf, manufacturerOfHolders } from './manufacturer.ts';

const LINE_FEED = 0x0a;
const QUOTE = 0x22;
/** ` "` in front of a key, `": ` behind it. */
const KEY_AT = 2;
const VALUE_AT = 3;
const decoder = new TextDecoder();

/**
 * The same as `manufacturerLookup`, without parsing: of 54,000 blocks a capture needs a few hundred.
 *
 * @param json the text of package oui-data: one block a line, those with fewer digits first, each kind in
 *   order (a test holds every block of the installed package against its parsed form)
 */
export function manufacturerIndex(json: Uint8Array): ManufacturerOf {
  return manufacturerOfHolders((prefix) => holderIn(json, prefix));
}

function holderIn(json: Uint8Array, prefix: string): string | undefined {
  let low = 0;
  let high = json.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const start = json.lastIndexOf(LINE_FEED, middle - 1) + 1;
    const order = compareKey(json, start + KEY_AT, prefix);
    if (order === 0) return valueAt(json, start + KEY_AT + prefix.length + VALUE_AT);
    const end = json.indexOf(LINE_FEED, middle);
    if (order < 0) low = end < 0 ? json.length : end + 1;
    else high = start;
  }
  return undefined;
}

/** Negative when the key at `at` comes before `prefix`; brackets, which begin no key, before or behind all. */
function compareKey(json: Uint8Array, at: number, prefix: string): number {
  if (json[at - 1] !== QUOTE) return at < json.length / 2 ? -1 : 1;
  const length = json.indexOf(QUOTE, at) - at;
  if (length !== prefix.length) return length - prefix.length;
  for (let i = 0; i < length; i++) {
    const difference = json[at + i] - prefix.charCodeAt(i);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The JSON string at `at`, which ends its line but for a comma. */
function valueAt(json: Uint8Array, at: number): string | undefined {
  const lineEnd = json.indexOf(LINE_FEED, at);
  const end = json.lastIndexOf(QUOTE, lineEnd < 0 ? json.length : lineEnd) + 1;
  const value: unknown = JSON.parse(decoder.decode(json.subarray(at, end)));
  return typeof value === 'string' ? value : undefined;
}
