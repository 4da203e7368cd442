/** Entries of a list that the API answers with, and what a scenario wants them to be. */
import { z } from 'zod';

const time = z.iso.datetime({ offset: true });
const value = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.null(),
  /** A time in milliseconds since the Unix epoch that lies between two. */
  z.strictObject({ from: time, to: time }),
]);

/** Fields that an entry must have, among others. */
export const wantedEntry = z.record(z.string().min(1), value);
export type WantedEntry = z.infer<typeof wantedEntry>;

/** Those of the list that have all the fields; `fill` puts in what a scenario leaves open. */
export function matching(list: unknown, wanted: WantedEntry, fill: (text: string) => string): object[] {
  if (!Array.isArray(list)) return [];
  return list.filter(
    (entry: unknown): entry is object =>
      typeof entry === 'object' && entry !== null && fits(entry, wanted, fill),
  );
}

function fits(entry: object, wanted: WantedEntry, fill: (text: string) => string): boolean {
  const fields = new Map<string, unknown>(Object.entries(entry));
  return Object.entries(wanted).every(([name, want]) => {
    const is = fields.get(name);
    if (typeof want === 'string') return is !== undefined && String(is) === fill(want);
    if (typeof want !== 'object' || want === null) return is === want;
    return typeof is === 'number' && is >= Date.parse(want.from) && is <= Date.parse(want.to);
  });
}
