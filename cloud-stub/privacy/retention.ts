import type { Logger } from 'pino';
import type { Clock, Timer } from '../../platform/ports/clock.ts';
import { UNCLAIMED_ORG } from '../registry/organisations.ts';
import type { Registry } from '../registry/registry.ts';
import { isFull } from '../store/database.ts';
import { dayOf } from '../store/day-keys.ts';
import { KEPT, type Kept } from '../store/message-record.ts';
import type { OrgStore } from '../store/org-store.ts';
import type { Stores } from '../store/stores.ts';
import { keptMs, STATE_KEPT } from './retention-periods.ts';
import { DEFAULT_SETTINGS, type PrivacySettings } from './settings.ts';

/** Rows of one transaction: ingest waits no longer than that takes. */
const ROWS_AT_ONCE = 500;
/** Between transactions, so that what came meanwhile is committed. */
const PAUSE_MS = 5;
const PAGES_AT_ONCE = 20_000;
/** Promised: six months. */
const AUDIT_MONTHS = 6;

export interface RetentionCounts {
  messages: number;
  records: number;
  audit: number;
  dayKeys: number;
  /** Whole passes over all organisations. */
  passes: number;
  lastPassMs: number | null;
}

export interface RetentionOptions {
  registry: Registry;
  stores: Stores;
  clock: Clock;
  log: Logger;
  periodMs: number;
}

/** One calendar rule for all: the same day and time, so many months ago (the last day where there is none). */
export function monthsBefore(nowMs: number, months: number): number {
  const now = new Date(nowMs);
  const then = new Date(nowMs);
  then.setUTCMonth(then.getUTCMonth() - months);
  if (then.getUTCDate() !== now.getUTCDate()) then.setUTCDate(0);
  return then.getTime();
}

/** Removes what is past its time, a little at a time, and sees that it is gone from the file as well. */
export class Retention {
  readonly counts: RetentionCounts = {
    messages: 0,
    records: 0,
    audit: 0,
    dayKeys: 0,
    passes: 0,
    lastPassMs: null,
  };
  readonly #options: RetentionOptions;
  readonly #timer: Timer;
  #pause: Timer | null = null;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#timer = options.clock.every(options.periodMs, () => this.#start());
  }

  stop(): void {
    this.#timer.cancel();
    this.#pause?.cancel();
  }

  /** One whole pass, without pauses. */
  run(): void {
    for (const orgId of this.#orgIds()) while (this.#step(orgId));
    this.#passed();
  }

  #orgIds(): string[] {
    return [UNCLAIMED_ORG, ...this.#options.registry.organisations.list().map(({ id }) => id)];
  }

  #start(): void {
    if (this.#pause) return;
    const left = this.#orgIds();
    const next = () => {
      this.#pause = null;
      const [orgId] = left;
      if (orgId === undefined) return this.#passed();
      try {
        if (!this.#step(orgId)) left.shift();
      } catch (error) {
        left.shift();
        // A full disk cannot even take the log of a deletion; there will be room again.
        const detail = error instanceof Error ? error.message : String(error);
        if (!isFull(error)) this.#options.log.error({ orgId, detail }, 'purging failed');
      }
      this.#pause = this.#options.clock.timer(PAUSE_MS, next);
    };
    next();
  }

  #passed(): void {
    this.counts.passes++;
    this.counts.lastPassMs = this.#options.clock.wallMs();
  }

  /** One transaction; whether there is more to do. */
  #step(orgId: string): boolean {
    const { registry, stores, clock } = this.#options;
    const store = stores.of(orgId);
    const nowMs = clock.wallMs();
    const settings = orgId === UNCLAIMED_ORG ? DEFAULT_SETTINGS : registry.privacy.of(orgId);
    const { messages, records, dayKeys } = purgeStep(store, settings, nowMs);
    const audit = store.audit.purge(monthsBefore(nowMs, AUDIT_MONTHS), ROWS_AT_ONCE);
    this.counts.messages += messages;
    this.counts.records += records;
    this.counts.audit += audit;
    this.counts.dayKeys += dayKeys;
    const removed = messages + records + dayKeys + audit;
    if (removed === 0) return false;
    if (messages + audit < ROWS_AT_ONCE) store.upkeep.reclaim(PAGES_AT_ONCE);
    return true;
  }
}

/** At most so many rows; what is past its time in one store. */
export function purgeStep(store: OrgStore, settings: PrivacySettings, nowMs: number) {
  return store.transaction(() => {
    let messages = 0;
    let records = 0;
    for (const kept of Object.keys(KEPT) as Kept[]) {
      const beforeMs = nowMs - keptMs(kept, settings);
      const room = ROWS_AT_ONCE - messages;
      if (room > 0) messages += store.upkeep.purgeMessages(kept, beforeMs, room);
      records += store.upkeep.purgeState(STATE_KEPT[kept], beforeMs, ROWS_AT_ONCE);
    }
    return { messages, records, dayKeys: store.upkeep.purgeDayKeys(dayOf(nowMs)) };
  });
}
