import { AirherdError } from '../../protocol/errors.ts';
import type { Gap } from '../../protocol/messages/envelope.ts';
import type { UpMessage } from '../../protocol/messages/registry.ts';
import { admit } from '../privacy/admit.ts';
import { keptAs } from '../privacy/retention-periods.ts';
import { UNCLAIMED_ORG } from '../registry/organisations.ts';
import type { OrgStore, PositionRow } from '../store/org-store.ts';
import type { Stores } from '../store/stores.ts';
import type { Incoming, IngestCounts } from './incoming.ts';
import { arrive } from './position.ts';
import { project } from './project.ts';

export type CommitResult =
  | {
      ok: true;
      /** What was stored; null for what was there before, and for what is withheld. */
      stored: UpMessage | Gap | null;
      /** To acknowledge; 0 for nothing yet. */
      highest: number;
    }
  | { ok: false; error: unknown };

/** Positions in memory; more are looked up in the store again. */
const CACHED_POSITIONS = 100_000;

export type MayStorePayload = (orgId: string, captureId: Uint8Array) => boolean;

const keyOf = ({ orgId, session, stream, message }: Incoming): string =>
  `${orgId} ${session.serial} ${Buffer.from(message.bootId).toString('hex')} ${stream}`;

/** Writes batches, one transaction an organisation, and keeps how far each stream has come. */
export class Committer {
  readonly counts: IngestCounts = { stored: 0, duplicates: 0, withheld: 0, batches: 0 };
  readonly #stores: Stores;
  readonly #window: number;
  readonly #mayStorePayload: MayStorePayload;
  readonly #positions = new Map<string, PositionRow>();

  constructor(stores: Stores, window: number, mayStorePayload: MayStorePayload) {
    this.#stores = stores;
    this.#mayStorePayload = mayStorePayload;
    this.#window = window;
  }

  /** One result an item, in order. */
  commit(items: readonly Incoming[]): CommitResult[] {
    const [first] = items;
    if (items.every((item) => item.orgId === first.orgId)) return this.#commitOrg(first.orgId, items);
    const results = new Map<Incoming, CommitResult>();
    for (const orgId of new Set(items.map((item) => item.orgId))) {
      const ofOrg = items.filter((item) => item.orgId === orgId);
      this.#commitOrg(orgId, ofOrg).forEach((result, i) => void results.set(ofOrg[i], result));
    }
    return items.map((item) => results.get(item) ?? { ok: false, error: new AirherdError('internal') });
  }

  #commitOrg(orgId: string, items: readonly Incoming[]): CommitResult[] {
    try {
      return this.#stores.write(() => this.#transaction(this.#stores.of(orgId), items));
    } catch (error) {
      const isFull = error instanceof AirherdError && error.code === 'store-full';
      // One message that cannot be written must not hold up those of others.
      if (!isFull && items.length > 1) return items.flatMap((item) => this.#commitOrg(orgId, [item]));
      return items.map(() => ({ ok: false, error }));
    }
  }

  #transaction(store: OrgStore, items: readonly Incoming[]): CommitResult[] {
    /** Becomes what we remember only when the commit has succeeded. */
    const working = new Map<string, PositionRow>();
    const counts = { stored: 0, duplicates: 0, withheld: 0 };
    const results = store.transaction(() => {
      const written = items.map((item) => this.#write(store, item, working, counts));
      store.positions.save(working.values(), items[0].receivedMs);
      return written;
    });
    for (const [key, row] of working) this.#remember(key, row);
    this.counts.stored += counts.stored;
    this.counts.duplicates += counts.duplicates;
    this.counts.withheld += counts.withheld;
    this.counts.batches++;
    return results;
  }

  #write(
    store: OrgStore,
    item: Incoming,
    working: Map<string, PositionRow>,
    counts: Omit<IngestCounts, 'batches'>,
  ): CommitResult {
    const { session, siteId, stream, message, payload, receivedMs } = item;
    const { serial } = session;
    const key = keyOf(item);
    const row = working.get(key) ?? this.#positions.get(key) ?? this.#load(store, item);
    const to = message.kind === 'gap' ? message.to : message.seq;
    const arrival = arrive(row, message.seq, to, this.#window);
    if (arrival.kind === 'beyond-window') {
      const detail = `seq ${message.seq} is beyond the window after ${row.highest}`;
      return { ok: false, error: new AirherdError('message-refused', { serial, stream, detail }) };
    }
    if (arrival.kind === 'duplicate') {
      counts.duplicates++;
      working.set(key, { ...row, duplicates: row.duplicates + 1 });
      return { ok: true, stored: null, highest: row.highest };
    }
    const { bootId, seq } = message;
    const { highest, pending } = arrival.position;
    const madeMs = message.clock === 'unknown' ? receivedMs : Math.min(message.timeMs, receivedMs);
    const { privacyClasses: classes, fields } = session.standing;
    const isForbidden =
      message.class === 'pcap.payload' &&
      'section' in message &&
      !this.#mayStorePayload(store.orgId, message.captureId);
    const untoldMs = store.subjects.untoldMs(serial);
    const admitted = isForbidden
      ? null
      : admit(message, payload, { classes, fields, subjects: store.subjects, madeMs, untoldMs });
    if (admitted === null) {
      counts.withheld++;
      working.set(key, { ...row, highest, pending: [...pending], dropped: row.dropped + arrival.fresh });
      return { ok: true, stored: null, highest };
    }
    const kept = keptAs(stream, message.class);
    const messageId = store.append(
      { serial, siteId, bootId, stream, seq, receivedMs, payload: admitted.payload },
      kept,
    );
    if (admitted.message.kind === 'gap') {
      working.set(key, { ...row, highest, pending: [...pending], dropped: row.dropped + arrival.fresh });
    } else {
      counts.stored++;
      working.set(key, { ...row, highest, pending: [...pending], stored: row.stored + 1 });
      project({ store, serial, siteId, messageId, receivedMs, madeMs }, stream, admitted.message);
    }
    return { ok: true, stored: admitted.message, highest };
  }

  /** What a device said before it was claimed counts on in its organisation's store. */
  #load(store: OrgStore, { session, stream, message }: Incoming): PositionRow {
    const { serial } = session;
    const bootId = Buffer.from(message.bootId);
    const found = store.positions.find(serial, bootId, stream);
    if (found) return found;
    const before =
      store.orgId === UNCLAIMED_ORG
        ? null
        : this.#stores.of(UNCLAIMED_ORG).positions.find(serial, bootId, stream);
    return (
      before ?? { serial, bootId, stream, highest: 0, pending: [], stored: 0, dropped: 0, duplicates: 0 }
    );
  }

  #remember(key: string, row: PositionRow): void {
    this.#positions.delete(key);
    this.#positions.set(key, row);
    if (this.#positions.size <= CACHED_POSITIONS) return;
    const oldest = this.#positions.keys().next();
    if (!oldest.done) this.#positions.delete(oldest.value);
  }
}
