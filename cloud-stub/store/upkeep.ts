import { decodeOwn, encode } from '../../protocol/codec.ts';
import { unpackRssi } from '../../protocol/messages/rssi.ts';
import { blob, type Db, maybeText, number, type Row, text } from './database.ts';
import { type DayKeys, dayOf } from './day-keys.ts';
import { KEPT, type Kept, type MessageRecord, type StoredMessage } from './message-record.ts';
import { STATE_KINDS, type StateCrypto, type StateKind } from './state.ts';

/** A record of what is known now, with the key under which it rests. */
export interface StateRow {
  kind: StateKind;
  key: Buffer;
  siteId: string | null;
  serial: string;
  seenMs: number;
  day: number;
  value: object;
}

/** Going through a store piece by piece, to remove from it. Each call is to be made within a transaction. */
export interface Upkeep {
  /** Removes messages received before; at most `limit`. Returns how many. */
  purgeMessages(kept: Kept, beforeMs: number, limit: number): number;
  /** Removes records last seen before. */
  purgeState(kinds: readonly StateKind[], beforeMs: number, limit: number): number;
  /** Destroys the keys of days of which nothing is left. */
  purgeDayKeys(today: number): number;
  /** Messages with greater ids, in order. */
  messagesAfter(id: number, limit: number): StoredMessage[];
  /** With what points at it. */
  removeMessage(message: StoredMessage): void;
  /** Puts `next` in the place of the message's content; what points at the old content goes. */
  rewriteMessage(message: StoredMessage, next: StoredMessage['message']): void;
  stateRows(after: Pick<StateRow, 'kind' | 'key'> | null, limit: number): StateRow[];
  removeState(row: StateRow): void;
  rewriteState(row: StateRow, value: object): void;
  counts(): { messages: number; records: number; dayKeys: number };
  /** See `Db.reclaim`. Not within a transaction. */
  reclaim(pages: number): boolean;
  copyTo(path: string): void;
}

export interface UpkeepOptions {
  db: Db;
  days: DayKeys;
  open(row: Row): StoredMessage;
  macIndex(mac: Uint8Array): Buffer;
  seal(
    day: number,
    head: Pick<MessageRecord, 'serial' | 'bootId' | 'stream' | 'seq'>,
    payload: Uint8Array,
  ): Buffer;
  openState: StateCrypto['unseal'];
  sealState: StateCrypto['seal'];
}

export function upkeep(options: UpkeepOptions): Upkeep {
  const { db, days, open, macIndex, seal, openState, sealState } = options;
  const selectOld = db.prepare(
    'SELECT * FROM messages WHERE kept = ? AND received_ms < ? ORDER BY received_ms LIMIT ?',
  );
  const deleteMessage = db.prepare('DELETE FROM messages WHERE id = ?');
  const deleteRssi = db.prepare('DELETE FROM rssi WHERE mac_index = ? AND message_id = ?');
  const deletePart = db.prepare(
    'DELETE FROM capture_parts WHERE capture = ? AND part = ? AND message_id = ?',
  );
  const updateMessage = db.prepare('UPDATE messages SET sealed = ? WHERE id = ?');
  const deleteState = db.prepare('DELETE FROM state WHERE kind = ? AND key = ?');
  const updateState = db.prepare('UPDATE state SET sealed = ? WHERE kind = ? AND key = ?');
  const count = (table: string) => number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);

  /** Signal samples and captures are pointed at by what they hold. */
  const unlink = ({ id, message }: StoredMessage): void => {
    if ('who' in message) {
      for (const { mac } of unpackRssi(message)) deleteRssi.run(macIndex(mac), id);
    } else if ('section' in message) deletePart.run(message.captureId, message.part, id);
  };

  return {
    purgeMessages(kept, beforeMs, limit) {
      const old = selectOld.all(KEPT[kept], beforeMs, limit);
      for (const row of old) {
        if (kept !== 'device') unlink(open(row));
        deleteMessage.run(number(row.id));
      }
      return old.length;
    },
    purgeState(kinds, beforeMs, limit) {
      let removed = 0;
      for (const kind of kinds) {
        removed += db
          .prepare(
            `DELETE FROM state WHERE kind = ?1 AND key IN
             (SELECT key FROM state WHERE kind = ?1 AND seen_ms < ?2 LIMIT ?3)`,
          )
          .run(kind, beforeMs, limit - removed).changes;
      }
      return removed;
    },
    purgeDayKeys(today) {
      const oldest = Object.values(KEPT).map((kept) => {
        const row = db.prepare('SELECT min(received_ms) AS ms FROM messages WHERE kept = ?').get(kept);
        return row?.ms === null || row === undefined ? today : dayOf(number(row.ms));
      });
      const state = db.prepare('SELECT min(day) AS day FROM state').get()?.day ?? null;
      if (state !== null) oldest.push(number(state));
      const { changes } = db.prepare('DELETE FROM day_keys WHERE day < ?').run(Math.min(today, ...oldest));
      if (changes > 0) days.forget();
      return changes;
    },
    messagesAfter: (id, limit) =>
      db.prepare('SELECT * FROM messages WHERE id > ? ORDER BY id LIMIT ?').all(id, limit).map(open),
    removeMessage(message) {
      unlink(message);
      deleteMessage.run(message.id);
    },
    rewriteMessage(message, next) {
      if ('who' in message.message && 'who' in next) {
        const left = new Set(unpackRssi(next).map(({ mac }) => Buffer.from(mac).toString('hex')));
        for (const { mac } of unpackRssi(message.message)) {
          if (!left.has(Buffer.from(mac).toString('hex'))) deleteRssi.run(macIndex(mac), message.id);
        }
      }
      updateMessage.run(seal(dayOf(message.receivedMs), message, encode(next)), message.id);
    },
    stateRows: (after, limit) =>
      db
        .prepare('SELECT * FROM state WHERE (kind, key) > (?, ?) ORDER BY kind, key LIMIT ?')
        .all(after?.kind ?? '', after?.key ?? Buffer.alloc(0), limit)
        .flatMap((row) => {
          const kind = STATE_KINDS.find((name) => name === row.kind);
          if (!kind) return [];
          const [key, day] = [blob(row.key), number(row.day)];
          return {
            kind,
            key,
            siteId: maybeText(row.site_id),
            serial: text(row.serial),
            seenMs: number(row.seen_ms),
            day,
            value: decodeOwn(openState(day, kind, key, blob(row.sealed))) as object,
          };
        }),
    removeState: ({ kind, key }) => void deleteState.run(kind, key),
    rewriteState: ({ kind, key, day }, value) =>
      void updateState.run(sealState(day, kind, key, value), kind, key),
    counts: () => ({ messages: count('messages'), records: count('state'), dayKeys: count('day_keys') }),
    reclaim: (pages) => db.reclaim(pages),
    copyTo: (path) => db.copyTo(path),
  };
}
