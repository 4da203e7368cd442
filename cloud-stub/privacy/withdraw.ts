import type { Clock } from '../../platform/ports/clock.ts';
import type { Commands } from '../broker/commands.ts';
import type { Registry } from '../registry/registry.ts';
import type { OrgStore } from '../store/org-store.ts';
import type { Stores } from '../store/stores.ts';
import type { Consent } from './consents.ts';
import { walk } from './subject-search.ts';

export interface Withdrawn {
  consent: Consent;
  captures: { serial: string; captureId: string; outcome: string }[];
  /** Parts of captures that were deleted. */
  deletedParts: number;
}

export interface WithdrawOptions {
  registry: Registry;
  stores: Stores;
  commands: Pick<Commands, 'send'>;
  clock: Clock;
}

/** Null when there is no such consent. From the first line on nothing more is stored under it. */
export async function withdrawConsent(
  { registry, stores, commands, clock }: WithdrawOptions,
  orgId: string,
  id: string,
  captured: 'delete' | 'keep',
): Promise<Withdrawn | null> {
  const consent = registry.consents.withdraw(orgId, id, captured);
  if (!consent) return null;
  const under = registry.consents.captures(id);
  const captures = await Promise.all(
    under.map(async ({ serial, captureId }) => {
      const named = { serial, captureId: captureId.toString('hex') };
      try {
        const { ok } = await commands.send(serial, 'capture-stop', { captureId });
        return { ...named, outcome: ok ? 'stopped' : 'was over' };
      } catch {
        return { ...named, outcome: 'not connected: what it still sends is withheld' };
      }
    }),
  );
  const ids = new Set(captures.map(({ captureId }) => captureId));
  const deletedParts = consent.captured === 'delete' ? await removeCaptures(stores.of(orgId), clock, ids) : 0;
  return { consent, captures, deletedParts };
}

async function removeCaptures(store: OrgStore, clock: Clock, ids: ReadonlySet<string>): Promise<number> {
  const { upkeep } = store;
  let removed = 0;
  const isOne = (value: object) =>
    'captureId' in value &&
    value.captureId instanceof Uint8Array &&
    ids.has(Buffer.from(value.captureId).toString('hex'));
  store.transaction(() => {
    for (const captureId of ids) {
      for (const id of store.captureParts(Buffer.from(captureId, 'hex'))) {
        const stored = store.message(id);
        if (!stored || !isOne(stored.message)) continue;
        upkeep.removeMessage(stored);
        removed++;
      }
    }
  });
  await walk(store, clock, {
    record(row) {
      if (row.kind === 'capture' && isOne(row.value)) upkeep.removeState(row);
    },
  });
  upkeep.reclaim(1_000_000);
  return removed;
}
