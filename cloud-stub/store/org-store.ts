import type { Random } from '../../platform/ports/random.ts';
import { decodeUp, encode } from '../../protocol/codec.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { UP_STREAMS, type UpStream } from '../../protocol/topics.ts';
import { type AuditLog, auditLog } from '../audit/audit-log.ts';
import { mentions } from '../privacy/mentions.ts';
import { blob, type Db, isFull, number, openDatabase, type Row, text } from './database.ts';
import { DayKeys, dayOf } from './day-keys.ts';
import { IndexCache } from './index-cache.ts';
import { manyRows } from './many-rows.ts';
import { KEPT, type Kept, type MessageRecord, type StoredMessage } from './message-record.ts';
import { type OrgKeys, rewrap } from './org-keys.ts';
import { type PositionRow, type Positions, positions } from './positions.ts';
import { STORE_MIGRATIONS } from './schema.ts';
import { associated, blindIndex, pooledRandom, seal, subkey, unseal } from './seal.ts';
import { type State, type StateCrypto, state } from './state.ts';
import { type Subjects, subjects } from './subjects.ts';
import { type Upkeep, upkeep } from './upkeep.ts';

export type { MessageRecord, PositionRow, StoredMessage };

export interface MessageQuery {
  stream?: UpStream;
  serial?: string;
  siteId?: string;
  limit: number;
  offset: number;
}

/** One organisation's encrypted store. One writer; calls are synchronous. */
export interface OrgStore {
  readonly orgId: string;
  /** What `work` writes is on the disk when this returns, or not at all. */
  transaction<T>(work: () => T): T;
  /** Whether some messages more would fit the quota; writes nothing. */
  hasRoom(): boolean;
  append(record: MessageRecord, kept: Kept): number;
  message(id: number): StoredMessage | null;
  /** Newest first. */
  messages(query: MessageQuery): StoredMessage[];
  /** Has the message found by each of these addresses. */
  indexRssi(macs: readonly Uint8Array[], messageId: number): void;
  /** Ids of `rssi` messages that hold samples of this MAC, newest first. */
  rssiMessages(mac: Uint8Array, limit: number): number[];
  addCapturePart(captureId: Uint8Array, part: number, messageId: number): void;
  /** Ids of the messages that hold the parts, in order. */
  captureParts(captureId: Uint8Array): number[];
  readonly positions: Positions;
  readonly state: State;
  readonly audit: AuditLog;
  readonly upkeep: Upkeep;
  readonly subjects: Subjects;
  /** Wraps the data keys by another key of the organisation. */
  rewrap(orgKey: Buffer): void;
  close(): void;
}

export interface OrgStoreOptions {
  path: string;
  orgId: string;
  keys: OrgKeys;
  random: Random;
  /** Most bytes that the file may take; then it is full, like a disk is. */
  quotaBytes?: number;
}

/** The largest message, and what it costs beside. */
const PROBE_BYTES = 512 * 1024;

/** Opens the store, making it when missing. Throws store-damaged. */
export function openOrgStore(options: OrgStoreOptions): OrgStore {
  const { path, orgId, keys, quotaBytes } = options;
  const orgKey = keys.org;
  const random = pooledRandom(options.random);
  const db = openDatabase(path, keys.file, STORE_MIGRATIONS);
  const { previous } = keys;
  if (previous) db.transaction(() => rewrap(db, { orgId, path, random, from: previous, to: orgKey }));
  if (quotaBytes !== undefined) limitSize(db, quotaBytes);
  const days = new DayKeys({ db, wrap: subkey(orgKey, 'day'), orgId, path, random });
  const { index } = keys;
  const indexes = new IndexCache(index);
  const macIndex = (mac: Uint8Array) => indexes.mac(mac);
  let wrappedBy = orgKey;
  const damaged = (what: string) =>
    new AirherdError('store-damaged', { path, detail: `${what} does not open` });

  const insert = db.prepare(
    `INSERT INTO messages (serial, site_id, boot, stream, seq, received_ms, day, sealed, kept)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const selectOne = db.prepare('SELECT * FROM messages WHERE id = ?');
  const insertRssi = manyRows(db, 'INSERT OR IGNORE INTO rssi (mac_index, message_id) VALUES', 2);
  const selectRssi = db.prepare(
    'SELECT message_id FROM rssi WHERE mac_index = ? ORDER BY message_id DESC LIMIT ?',
  );
  const insertPart = db.prepare(
    'INSERT OR IGNORE INTO capture_parts (capture, part, message_id) VALUES (?, ?, ?)',
  );
  const selectParts = db.prepare('SELECT message_id FROM capture_parts WHERE capture = ? ORDER BY part');

  const aadOf = (record: Omit<MessageRecord, 'payload' | 'siteId' | 'receivedMs'>) =>
    associated('message', orgId, record.serial, record.bootId, record.stream, record.seq);

  const open = (row: Row): StoredMessage => {
    const stream = UP_STREAMS.find((name) => name === row.stream);
    if (!stream) throw damaged(`message ${text(row.id)}`);
    const head = {
      id: number(row.id),
      serial: text(row.serial),
      siteId: row.site_id === null ? null : text(row.site_id),
      bootId: blob(row.boot),
      stream,
      seq: number(row.seq),
      receivedMs: number(row.received_ms),
    };
    const payload = unseal(days.get(number(row.day)), blob(row.sealed), aadOf(head));
    const decoded = payload && decodeUp(stream, payload);
    if (!decoded?.ok) throw damaged(`message ${head.id}`);
    return { ...head, message: decoded.message };
  };

  const sealState: StateCrypto['seal'] = (day, kind, key, value) =>
    seal(random, days.get(day), encode(value), associated('state', orgId, kind, key));
  const openState: StateCrypto['unseal'] = (day, kind, key, sealed) => {
    const plain = unseal(days.get(day), sealed, associated('state', orgId, kind, key));
    if (!plain) throw damaged(`a ${kind} record`);
    return plain;
  };

  const people = subjects(db, (kind, value) => blindIndex(index, 'subject', kind, value));

  return {
    orgId,
    transaction(work) {
      try {
        return db.transaction(work);
      } catch (error) {
        days.forget();
        throw error;
      }
    },
    hasRoom() {
      db.exec('BEGIN IMMEDIATE');
      try {
        insert.run('', null, Buffer.alloc(16), '', 0, 0, 0, Buffer.alloc(PROBE_BYTES), 0);
        return true;
      } catch (error) {
        if (isFull(error)) return false;
        throw error;
      } finally {
        try {
          db.exec('ROLLBACK');
        } catch {}
      }
    },
    append(record, kept) {
      const day = dayOf(record.receivedMs);
      const sealed = seal(random, days.get(day), record.payload, aadOf(record));
      const { serial, siteId, bootId, stream, seq, receivedMs } = record;
      return insert.run(serial, siteId, bootId, stream, seq, receivedMs, day, sealed, KEPT[kept])
        .lastInsertRowid;
    },
    message(id) {
      const row = selectOne.get(id);
      return row ? open(row) : null;
    },
    messages: ({ stream, serial, siteId, limit, offset }) =>
      db
        .prepare(
          `SELECT * FROM messages WHERE (?1 IS NULL OR stream = ?1) AND (?2 IS NULL OR serial = ?2)
           AND (?3 IS NULL OR site_id = ?3) ORDER BY id DESC LIMIT ?4 OFFSET ?5`,
        )
        .all(stream ?? null, serial ?? null, siteId ?? null, limit, offset)
        .map(open),
    indexRssi(macs, messageId) {
      const values: (Buffer | number)[] = [];
      for (const mac of macs) values.push(macIndex(mac), messageId);
      insertRssi(values);
    },
    rssiMessages: (mac, limit) => selectRssi.all(macIndex(mac), limit).map((row) => number(row.message_id)),
    addCapturePart: (captureId, part, messageId) => void insertPart.run(captureId, part, messageId),
    captureParts: (captureId) => selectParts.all(captureId).map((row) => number(row.message_id)),
    positions: positions(db),
    state: state({
      db,
      keyOf: (kind, parts) => indexes.record(kind, parts),
      macIndex,
      seal: sealState,
      unseal: openState,
      isRestricted: (value) =>
        people.any && mentions(value).some((one) => people.isRestricted(people.indexOf(one.kind, one.value))),
    }),
    audit: auditLog({ db, orgKey, orgId, path, random }),
    upkeep: {
      ...upkeep({
        db,
        days,
        open,
        macIndex,
        seal: (day, head, payload) => seal(random, days.get(day), payload, aadOf(head)),
        openState,
        sealState,
      }),
      reclaim(pages) {
        indexes.forget();
        return db.reclaim(pages);
      },
    },
    subjects: people,
    rewrap(next) {
      db.transaction(() => rewrap(db, { orgId, path, random, from: wrappedBy, to: next }));
      days.wrappedBy(subkey(next, 'day'));
      wrappedBy = next;
    },
    close: () => db.close(),
  };
}

function limitSize(db: Db, quotaBytes: number): void {
  const pageBytes = number(db.prepare('PRAGMA page_size').get()?.page_size);
  db.prepare(`PRAGMA max_page_count = ${Math.max(1, Math.floor(quotaBytes / pageBytes))}`).get();
}
