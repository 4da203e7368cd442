/** Who is next in a roll-out, and whether it may go on: without a clock, a store or a device. */
import { createHash } from 'node:crypto';
import type { Rollout, Target } from './rollouts.ts';

const rank = (rolloutId: string, serial: string): string =>
  createHash('sha256').update(`${rolloutId} ${serial}`).digest('hex');

/** All devices in the order of this roll-out: stable, and another one in each. */
export const ranked = (rolloutId: string, serials: readonly string[]): string[] =>
  serials
    .map((serial) => ({ serial, key: rank(rolloutId, serial) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ serial }) => serial);

/** How many of so many are `percent`: at least one, where there are any. */
export const share = (count: number, percent: number): number => Math.ceil((count * percent) / 100);

export const hasFailed = ({ phase }: Pick<Target, 'phase'>): boolean =>
  phase === 'failed' || phase === 'rolled-back';
export const hasEnded = (target: Pick<Target, 'phase'>): boolean =>
  target.phase === 'committed' || hasFailed(target);

export type Judgement =
  /** Too many failures. */
  | { verdict: 'pause'; failed: number }
  /** Enough of this stage has committed. */
  | { verdict: 'advance' }
  /** All have committed. */
  | { verdict: 'done' }
  /** These are to have the order. */
  | { verdict: 'go on'; order: string[] };

/**
 * @param serials all devices that the roll-out is for
 * @param targets those that have been ordered
 */
export function judge(
  { id, stages, stage, successPercent, maxFailures, forgiven }: Rollout,
  serials: readonly string[],
  targets: readonly Target[],
): Judgement {
  const of = new Map(targets.map((target) => [target.serial, target]));
  const failed = targets.filter(hasFailed).length;
  if (failed - forgiven > maxFailures) return { verdict: 'pause', failed };
  const inStage = ranked(id, serials).slice(0, share(serials.length, stages[stage]));
  const phases = inStage.flatMap((serial) => of.get(serial) ?? []);
  const committed = phases.filter(({ phase }) => phase === 'committed').length;
  // Those that have failed, and did not stop it, do not hold it up either.
  const left = inStage.length - phases.filter(hasFailed).length;
  const isLast = stage === stages.length - 1;
  if (inStage.length > 0 && isLast && committed === left) return { verdict: 'done' };
  if (inStage.length > 0 && !isLast && committed >= share(left, successPercent))
    return { verdict: 'advance' };
  return { verdict: 'go on', order: inStage.filter((serial) => !of.has(serial)) };
}
