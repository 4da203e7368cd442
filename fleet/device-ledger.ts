import type { Agent } from '../agent/index.ts';

/**
 * What became of all that a device produced: produced = acknowledged + dropped + forgotten + lost. `forgotten` is what
 * it held in memory when it was switched off or booted anew, `lost` what is in none of the others (yet).
 */
export interface DeviceLedger {
  readonly produced: number;
  readonly acknowledged: number;
  readonly dropped: number;
  readonly forgotten: number;
  readonly lost: number;
}

export const NOTHING: DeviceLedger = { produced: 0, acknowledged: 0, dropped: 0, forgotten: 0, lost: 0 };

export const sum = (a: DeviceLedger, b: DeviceLedger): DeviceLedger => ({
  produced: a.produced + b.produced,
  acknowledged: a.acknowledged + b.acknowledged,
  dropped: a.dropped + b.dropped,
  forgotten: a.forgotten + b.forgotten,
  lost: a.lost + b.lost,
});

/** Of one boot, over all streams. */
export function ledgerOf(agent: Agent): DeviceLedger {
  const all = { produced: 0, acknowledged: 0, dropped: 0 };
  for (const { produced, acknowledged, dropped } of agent.ledger()) {
    all.produced += produced;
    all.acknowledged += acknowledged;
    all.dropped += dropped;
  }
  return { ...all, forgotten: 0, lost: all.produced - all.acknowledged - all.dropped };
}
