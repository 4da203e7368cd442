import { type Db, number, text } from '../store/database.ts';

export const BACKUPS_SCHEMA = `
CREATE TABLE backups (path TEXT PRIMARY KEY, made_ms INTEGER NOT NULL) WITHOUT ROWID;
`;

/** Where backups of this cloud were written on this machine: an erasure reaches those, too. */
export interface KnownBackups {
  add(path: string, madeMs: number): void;
  list(): { path: string; madeMs: number }[];
  forget(path: string): void;
}

export function knownBackups(db: Db, changed: <T>(work: () => T) => T): KnownBackups {
  return {
    add: (path, madeMs) =>
      changed(() => void db.prepare('INSERT OR REPLACE INTO backups VALUES (?, ?)').run(path, madeMs)),
    list: () =>
      db
        .prepare('SELECT * FROM backups ORDER BY made_ms')
        .all()
        .map((row) => ({ path: text(row.path), madeMs: number(row.made_ms) })),
    forget: (path) => changed(() => void db.prepare('DELETE FROM backups WHERE path = ?').run(path)),
  };
}
