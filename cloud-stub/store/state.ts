import { decodeOwn } from '../../protocol/codec.ts';
import { blob, type Db, maybeText, number, type Row, text } from './database.ts';
import { dayOf } from './day-keys.ts';

/** What is known now, newest record per key. */
export const STATE_KINDS = [
  'hello',
  'stats',
  'client',
  'unconnected',
  'wired',
  'neighbour',
  'port',
  'radio',
  'ble',
  'capture',
  'guest',
  'app-opt-in',
  'app-place',
] as const;
export type StateKind = (typeof STATE_KINDS)[number];

export interface StateRecord {
  kind: StateKind;
  /** What makes the record one of its kind: never stored readable. */
  key: readonly (string | Uint8Array)[];
  siteId: string | null;
  serial: string;
  mac?: Uint8Array;
  /** When the device said so, by its clock where that is good. */
  seenMs: number;
  receivedMs: number;
  /** The record says that it is not there any more: a client that left. */
  gone?: boolean;
  value: object;
}

export interface StoredState<T> {
  siteId: string | null;
  serial: string;
  seenMs: number;
  gone: boolean;
  value: T;
}

/** From when on the word of a device counts, by its serial, milliseconds since the Unix epoch. */
export interface CountsSince {
  bySerial: Readonly<Record<string, number>>;
  otherwiseMs: number;
}

export interface StateQuery {
  siteId?: string;
  serial?: string;
  mac?: Uint8Array;
  /** Only those who have not gone, by a word that still counts. */
  present?: CountsSince;
  limit: number;
  offset: number;
}

export interface State {
  /** Replaces the record of the same key, unless another device saw that one later. */
  put(record: StateRecord): void;
  get<T>(kind: StateKind, key: readonly (string | Uint8Array)[]): StoredState<T> | null;
  remove(kind: StateKind, key: readonly (string | Uint8Array)[]): void;
  /** Newest first. The type is that of the kind's messages; records were validated before they were stored. */
  list<T>(kind: StateKind, query: StateQuery): StoredState<T>[];
  count(kind: StateKind, query: Omit<StateQuery, 'limit' | 'offset'>): number;
}

export interface StateCrypto {
  db: Db;
  keyOf(kind: StateKind, parts: readonly (string | Uint8Array)[]): Buffer;
  macIndex(mac: Uint8Array): Buffer;
  seal(day: number, kind: StateKind, key: Buffer, value: object): Buffer;
  unseal(day: number, kind: StateKind, key: Buffer, sealed: Buffer): Buffer;
  /** Whether the record is of somebody whose data may be kept and not used. */
  isRestricted(value: object): boolean;
}

const FILTER = `kind = ?1 AND (?2 IS NULL OR site_id = ?2) AND (?3 IS NULL OR serial = ?3)
  AND (?4 IS NULL OR mac_index = ?4) AND (?5 IS NULL OR gone = 0 AND seen_ms >= coalesce(
    (SELECT since.value FROM json_each(?5) AS since WHERE since.key = state.serial), ?6))`;

export function state({ db, keyOf, macIndex, seal, unseal, isRestricted }: StateCrypto): State {
  const upsert = db.prepare(
    `INSERT INTO state (kind, key, site_id, serial, mac_index, seen_ms, day, sealed, gone)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET site_id = excluded.site_id,
     serial = excluded.serial, seen_ms = excluded.seen_ms, day = excluded.day, sealed = excluded.sealed,
     gone = excluded.gone
     WHERE excluded.serial = serial OR excluded.seen_ms >= seen_ms`,
  );
  const selectOne = db.prepare('SELECT * FROM state WHERE kind = ? AND key = ?');
  const selectMany = db.prepare(
    `SELECT * FROM state WHERE ${FILTER} ORDER BY seen_ms DESC, key LIMIT ?7 OFFSET ?8`,
  );
  const countAll = db.prepare(`SELECT count(*) AS n FROM state WHERE ${FILTER}`);

  const open = <T>(kind: StateKind, row: Row): StoredState<T> => ({
    siteId: maybeText(row.site_id),
    serial: text(row.serial),
    seenMs: number(row.seen_ms),
    gone: number(row.gone) !== 0,
    value: decodeOwn(unseal(number(row.day), kind, blob(row.key), blob(row.sealed))) as T,
  });
  const filter = (kind: StateKind, { siteId, serial, mac, present }: Omit<StateQuery, 'limit' | 'offset'>) =>
    [
      ...[kind, siteId ?? null, serial ?? null, mac ? macIndex(mac) : null],
      ...[present ? JSON.stringify(present.bySerial) : null, present?.otherwiseMs ?? null],
    ] as const;

  return {
    put({ kind, key, siteId, serial, mac, seenMs, receivedMs, gone = false, value }) {
      const hidden = keyOf(kind, key);
      const day = dayOf(receivedMs);
      const sealed = seal(day, kind, hidden, value);
      upsert.run(kind, hidden, siteId, serial, mac ? macIndex(mac) : null, seenMs, day, sealed, gone ? 1 : 0);
    },
    get<T>(kind: StateKind, key: readonly (string | Uint8Array)[]) {
      const row = selectOne.get(kind, keyOf(kind, key));
      return row ? open<T>(kind, row) : null;
    },
    remove: (kind, key) =>
      void db.prepare('DELETE FROM state WHERE kind = ? AND key = ?').run(kind, keyOf(kind, key)),
    list: <T>(kind: StateKind, query: StateQuery) =>
      selectMany
        .all(...filter(kind, query), query.limit, query.offset)
        .map((row) => open<T>(kind, row))
        .filter(({ value }) => !isRestricted(value as object)),
    count: (kind, query) => number(countAll.get(...filter(kind, query))?.n),
  };
}
