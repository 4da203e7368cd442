import { Cut, type Walk, Zeroed } from './walk.ts';

const FIXED = 20;
const Option = { end: 0, nop: 1, mss: 2, windowScale: 3, sackPermitted: 4, sack: 5, timestamps: 8 } as const;

/** TCP (RFC 9293): header with its options; payload of any segment, SYN and RST included, is cut. */
export function tcp(w: Walk, start: number, end: number): void {
  const b = w.b;
  if (!w.has(start, FIXED, end)) return;
  const headerEnd = start + (b[start + 12] >> 4) * 4;
  // The three reserved bits must be zero (RFC 9293 §3.1; the fourth is AccECN's AE).
  if (headerEnd < start + FIXED || (b[start + 12] & 0x0e) !== 0) {
    w.stop(Cut.malformed);
    return;
  }
  if (!w.has(start, headerEnd - start, end)) return;
  const optionsZeroed = headerEnd > start + FIXED && tcpOptions(w, start + FIXED, headerEnd);
  // The checksum of a short payload, or of a zeroed option, gives its bytes away.
  if (headerEnd < end || optionsZeroed || w.firstFragment) w.zero(start + 16, start + 18, Zeroed.checksum);
  if (w.keepTo(headerEnd)) w.stop(Cut.payload);
}

/** Zeroes the bodies that may not leave; whether there were any. */
function tcpOptions(w: Walk, start: number, end: number): boolean {
  const b = w.b;
  const before = w.zeroCount;
  for (let i = start; i < end; ) {
    const kind = b[i];
    if (kind === Option.nop) {
      i++;
      continue;
    }
    const length = i + 1 < end ? b[i + 1] : 0;
    if (kind === Option.end || length < 2 || i + length > end) {
      w.zero(kind === Option.end ? i + 1 : i, end, Zeroed.tcpOptions);
      break;
    }
    if (!mayKeepOption(w, kind, length)) w.zero(i + 2, i + length, Zeroed.tcpOptions);
    i += length;
  }
  return w.zeroCount > before;
}

/** By name and exact length: an option of another length carries something else. */
function mayKeepOption(w: Walk, kind: number, length: number): boolean {
  switch (kind) {
    case Option.mss:
      return length === 4;
    case Option.windowScale:
      return length === 3;
    case Option.sackPermitted:
      return length === 2;
    case Option.sack:
      return length >= 10 && length <= 34 && (length & 7) === 2;
    case Option.timestamps:
      return length === 10 && w.options.ts === 'keep';
    default:
      // Fast open cookies, MD5, TCP-AO, Multipath TCP keys and addresses, experiments, what is to come.
      return false;
  }
}
