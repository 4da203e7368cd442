import { UP_STREAMS, type UpStream } from '../../protocol/topics.ts';
import type { Range } from '../ingest/position.ts';
import { blob, type Db, number, type Row, text } from './database.ts';
import { manyRows } from './many-rows.ts';

/** How far one stream of one boot has come, and the cloud's side of the ledger. */
export interface PositionRow {
  serial: string;
  bootId: Buffer;
  stream: UpStream;
  /** Everything up to here is stored or was reported dropped. */
  highest: number;
  /** Stored beyond `highest`, in order. */
  pending: Range[];
  stored: number;
  dropped: number;
  duplicates: number;
}

export interface Positions {
  find(serial: string, bootId: Uint8Array, stream: UpStream): PositionRow | null;
  save(rows: Iterable<PositionRow>, nowMs: number): void;
  list(serial?: string): PositionRow[];
}

const positionRow = (row: Row): PositionRow => ({
  serial: text(row.serial),
  bootId: blob(row.boot),
  stream: UP_STREAMS.find((stream) => stream === row.stream) ?? 'event',
  highest: number(row.highest),
  pending: JSON.parse(text(row.pending)),
  stored: number(row.stored),
  dropped: number(row.dropped),
  duplicates: number(row.duplicates),
});

export function positions(db: Db): Positions {
  const select = db.prepare('SELECT * FROM positions WHERE serial = ? AND boot = ? AND stream = ?');
  const upsert = manyRows(
    db,
    `INSERT INTO positions (serial, boot, stream, highest, pending, stored, dropped, duplicates, updated_ms) VALUES`,
    9,
    `ON CONFLICT (serial, boot, stream) DO UPDATE SET highest = excluded.highest, pending = excluded.pending,
     stored = excluded.stored, dropped = excluded.dropped, duplicates = excluded.duplicates,
     updated_ms = excluded.updated_ms`,
  );
  return {
    find(serial, bootId, stream) {
      const row = select.get(serial, bootId, stream);
      return row ? positionRow(row) : null;
    },
    save(rows, nowMs) {
      const values: (string | number | Buffer)[] = [];
      for (const { serial, bootId, stream, highest, pending, stored, dropped, duplicates } of rows) {
        const beyond = pending.length === 0 ? '[]' : JSON.stringify(pending);
        values.push(serial, bootId, stream, highest, beyond, stored, dropped, duplicates, nowMs);
      }
      upsert(values);
    },
    list: (serial) =>
      db
        .prepare(
          'SELECT * FROM positions WHERE ?1 IS NULL OR serial = ?1 ORDER BY serial, updated_ms, stream',
        )
        .all(serial ?? null)
        .map(positionRow),
  };
}
