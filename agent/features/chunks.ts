/** Records in one message, at most: `schema.cddl`. */
export const MAX_RECORDS = 256;
/** A record with long names, about; smaller outboxes get smaller messages. */
const LARGE_RECORD_BYTES = 512;

/** How many records go into one message of an outbox of this size. */
export function recordsPerMessage(outboxBytes: number): number {
  return Math.max(1, Math.min(MAX_RECORDS, Math.floor(outboxBytes / 8 / LARGE_RECORD_BYTES)));
}

export function* chunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

/** Text as messages may carry it; undefined stays undefined. */
export const clip = (text: string | undefined, length = 255): string | undefined => text?.slice(0, length);

/** Without the keys whose value is undefined: absent means not seen. */
export function present<T extends object>(fields: T): T {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as T;
}
