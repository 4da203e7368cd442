import { sectionWithout } from '../../packets/trigger/section-without.ts';

/** Tells whether bytes, of an encoded record or of a packet, are of the one who is to be forgotten. */
export type NamesOne = (bytes: Uint8Array) => boolean;

/** What holds something of people in memory, and can forget somebody. */
export interface Forgetting {
  /** Returns how many records, samples and packets that were. */
  forget(names: NamesOne): number;
}

/** The section without the packets of who is forgotten; one that cannot be taken apart goes whole. */
export function forgetIn<S extends { packets: number }>(
  part: S,
  bytesOf: (part: S) => Uint8Array,
  names: NamesOne,
): { rest: { section: Buffer; packets: number } | null; removed: number } {
  const found = sectionWithout(bytesOf(part), names);
  if (found === null) return { rest: null, removed: part.packets };
  return { rest: { section: found.section, packets: found.packets }, removed: found.removed };
}
