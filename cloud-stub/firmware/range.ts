/** RFC 9110: what of a representation of `size` bytes with a strong entity tag is asked for. */

export interface RangeRequest {
  range?: string;
  ifRange?: string;
}

/**
 * The bytes from `from` to before `to`; null for all of it. `unsatisfiable` when none of it is there (416). A unit other
 * than bytes, several ranges, and what is no range at all are left out of account, as 14.2 allows; so is a range
 * whose `If-Range` names another representation (13.1.5: strong comparison).
 */
export function wantedRange(
  { range, ifRange }: RangeRequest,
  { size, etag }: { size: number; etag: string },
): { from: number; to: number } | null | 'unsatisfiable' {
  if (range === undefined || (ifRange !== undefined && ifRange.trim() !== etag)) return null;
  const [, first, last] = /^bytes=\s*(\d*)-(\d*)\s*$/.exec(range.trim()) ?? [];
  if (first === undefined || (first === '' && last === '')) return null;
  if (first === '') {
    const suffix = Math.min(Number(last), size);
    return suffix === 0 ? 'unsatisfiable' : { from: size - suffix, to: size };
  }
  const from = Number(first);
  if (last !== '' && Number(last) < from) return null;
  if (from >= size) return 'unsatisfiable';
  return { from, to: last === '' ? size : Math.min(Number(last) + 1, size) };
}
