import { z } from 'zod';
import { hash4 } from '../world/random.ts';
import type { Action, Extent } from './shapes/shape.ts';

export const commandSettings = z.strictObject({
  /** Commands a second over all devices, through the API of the target; 0: none. */
  rate: z.number().min(0).max(10_000).default(0),
});
export type CommandSettings = z.infer<typeof commandSettings>;

/** At a constant rate; who is told, the seed decides. A device that is not in then is not told. */
export function* commandActions(
  { rate }: CommandSettings,
  { devices, forMs, seed }: Extent,
): Generator<Action> {
  if (rate === 0) return;
  const periodMs = 1000 / rate;
  for (let turn = 0; turn * periodMs < forMs; turn++) {
    yield { atMs: turn * periodMs, kind: 'command', device: hash4(seed, 7, turn, 0, 0) % devices };
  }
}
