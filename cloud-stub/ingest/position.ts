/** Sequence numbers `from` to `to`, both included. */
export type Range = [from: number, to: number];

/** What has arrived of one stream: all up to `highest`, and `pending` ranges beyond it, in order and apart. */
export interface Position {
  readonly highest: number;
  readonly pending: readonly Range[];
}

export type Arrival =
  | {
      kind: 'new';
      position: Position /** How many numbers of the range were not there before. */;
      fresh: number;
    }
  | { kind: 'duplicate' }
  /** So far ahead that a device which keeps to its window cannot have sent it. */
  | { kind: 'beyond-window' };

/** Takes in a message (`from` = `to`) or a gap that stands for several. */
export function arrive(position: Position, from: number, to: number, window: number): Arrival {
  if (from > position.highest + window) return { kind: 'beyond-window' };
  const start = Math.max(from, position.highest + 1);
  if (to < start) return { kind: 'duplicate' };
  let fresh = to - start + 1;
  for (const [a, b] of position.pending) {
    fresh -= Math.max(0, Math.min(b, to) - Math.max(a, start) + 1);
  }
  if (fresh === 0) return { kind: 'duplicate' };

  const ranges = [...position.pending, [start, to] as Range].sort((a, b) => a[0] - b[0]);
  let { highest } = position;
  const pending: Range[] = [];
  for (const [a, b] of ranges) {
    const last = pending.at(-1);
    if (pending.length === 0 && a <= highest + 1) highest = Math.max(highest, b);
    else if (last && a <= last[1] + 1) last[1] = Math.max(last[1], b);
    else pending.push([a, b]);
  }
  return { kind: 'new', position: { highest, pending }, fresh };
}
