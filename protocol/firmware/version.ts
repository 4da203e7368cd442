import { z } from 'zod';

const VERSION = /^\d{1,9}(\.\d{1,9}){1,3}([-+][0-9A-Za-z.-]{1,32})?$/;

/** `1.4`, `1.4.2`, `1.4.2-rc1`: two to four numbers, and whatever is behind them. */
export const firmwareVersion = z.string().regex(VERSION, 'must be a version such as 1.4.2');

const numbers = (version: string): number[] =>
  (VERSION.test(version) ? version : '0').split(/[-+]/)[0].split('.').map(Number);

/**
 * Below 0 when `a` is older than `b`. Only the numbers count; what is no version is older than any. Versions order what
 * may follow on what; against rollback there is the sequence number.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
