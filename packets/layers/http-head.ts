/** The message head that HTTP/1 and SSDP share: RFC 9112 §2 to §5. */
import { latin1 } from '../bytes.ts';

export const HeadKind = { none: 0, request: 1, response: 2 } as const;

const CR = 13;
const LF = 10;
const SP = 32;
const TAB = 9;
const COLON = 58;
/** "HTTP/1." */
const VERSION = [0x48, 0x54, 0x54, 0x50, 0x2f, 0x31, 0x2e] as const;
const LONGEST_METHOD = 20;

function startsWithVersion(b: Uint8Array, at: number, end: number): boolean {
  if (end - at < VERSION.length + 1) return false;
  for (let i = 0; i < VERSION.length; i++) if (b[at + i] !== VERSION[i]) return false;
  return true;
}

/** End of the line at `at`, before its CRLF or bare LF (RFC 9112 §2.2); `end` when the line is cut off. */
export function lineEnd(b: Uint8Array, at: number, end: number): number {
  let here = at;
  while (here < end && b[here] !== LF) here++;
  return here < end && here > at && b[here - 1] === CR ? here - 1 : here;
}

/** Start of the line behind the one that ends at `lineEnd`. */
function afterLine(b: Uint8Array, ends: number, end: number): number {
  let here = ends;
  if (here < end && b[here] === CR) here++;
  return here < end ? here + 1 : end;
}

/** Whether `start` begins a request or a response; a request line that is cut off counts by its method. */
export function headKind(b: Uint8Array, start: number, end: number): number {
  if (startsWithVersion(b, start, end)) return HeadKind.response;
  let at = start;
  const limit = Math.min(end, start + LONGEST_METHOD);
  // Method tokens in use are capital letters and hyphens (M-SEARCH).
  while (at < limit && ((b[at] >= 65 && b[at] <= 90) || b[at] === 45)) at++;
  if (at - start < 3 || at >= end || b[at] !== SP) return HeadKind.none;
  const ends = lineEnd(b, start, end);
  if (ends === end) return HeadKind.request;
  return ends - 8 > at && startsWithVersion(b, ends - 8, ends) ? HeadKind.request : HeadKind.none;
}

/** End of the head, behind its empty line; `end` when the empty line is not there. */
export function headEnd(b: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; ) {
    const ends = lineEnd(b, at, end);
    const next = afterLine(b, ends, end);
    if (ends === at) return next;
    at = next;
  }
  return end;
}

/**
 * Value of the first field called `name` (lower case) in the head at `start`, or null. A folded value (RFC
 * 9112 §5.2, obsolete) ends at its first line.
 */
export function headerValue(b: Uint8Array, start: number, end: number, name: string): string | null {
  for (let at = afterLine(b, lineEnd(b, start, end), end); at < end; ) {
    const ends = lineEnd(b, at, end);
    if (ends === at) return null;
    if (at + name.length < ends && b[at + name.length] === COLON && isName(b, at, name)) {
      return fieldValue(b, at + name.length + 1, ends);
    }
    at = afterLine(b, ends, end);
  }
  return null;
}

function isName(b: Uint8Array, at: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const c = b[at + i];
    if ((c >= 65 && c <= 90 ? c | 32 : c) !== name.charCodeAt(i)) return false;
  }
  return true;
}

function fieldValue(b: Uint8Array, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && (b[from] === SP || b[from] === TAB)) from++;
  while (to > from && (b[to - 1] === SP || b[to - 1] === TAB)) to--;
  return latin1(b, from, to);
}

export interface HeadRecord {
  kind: 'request' | 'response';
  method?: string;
  target?: string;
  version: string;
  status?: number;
  reason?: string;
  /** Name as sent, value without surrounding space; in order. */
  headers: [name: string, value: string][];
  /** False when the head goes on in another segment. */
  complete: boolean;
}

/** Method and target of the request line at `start`; both empty when it has none. */
export function requestLine(b: Uint8Array, start: number, end: number): { method: string; target: string } {
  const [method = '', target = ''] = latin1(b, start, lineEnd(b, start, end)).split(' ', 2);
  return { method, target };
}

/** The head between `start` and `end`, of a kind that `headKind` has found. */
export function headFields(b: Uint8Array, start: number, end: number): HeadRecord {
  const firstEnd = lineEnd(b, start, end);
  const first = latin1(b, start, firstEnd);
  const headers: [string, string][] = [];
  let complete = false;
  for (let at = afterLine(b, firstEnd, end); at < end; ) {
    const ends = lineEnd(b, at, end);
    const next = afterLine(b, ends, end);
    if (ends === at) {
      complete = true;
      break;
    }
    let colon = at;
    while (colon < ends && b[colon] !== COLON) colon++;
    const folded = b[at] === SP || b[at] === TAB;
    if (folded && headers.length > 0) headers[headers.length - 1][1] += ` ${fieldValue(b, at, ends)}`;
    else if (colon < ends) headers.push([latin1(b, at, colon), fieldValue(b, colon + 1, ends)]);
    at = next;
  }
  if (headKind(b, start, end) === HeadKind.response) {
    const [version = '', status = '', ...reason] = first.split(' ');
    return { kind: 'response', version, status: Number(status), reason: reason.join(' '), headers, complete };
  }
  const [method = '', target = '', version = ''] = first.split(' ');
  return { kind: 'request', method, target, version, headers, complete };
}
