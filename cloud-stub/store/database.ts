import { chmodSync, existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { AirherdError } from '../../protocol/errors.ts';

export type Value = string | number | bigint | Uint8Array | null;
export type Row = Record<string, unknown>;

/** The part of libsql that we use, typed: its own types are those of another package. */
export interface Statement {
  run(...values: Value[]): { changes: number; lastInsertRowid: number };
  get(...values: Value[]): Row | undefined;
  all(...values: Value[]): Row[];
}

export interface Db {
  prepare(sql: string): Statement;
  exec(sql: string): void;
  /** Runs `work` in one immediate transaction, which is on the disk when this returns. */
  transaction<T>(work: () => T): T;
  /**
   * Gives at most `pages` free pages back to the disk and empties the log. What was deleted is gone then: pages
   * are overwritten when they are freed. False when a reader kept the log from being emptied.
   */
  reclaim(pages: number): boolean;
  /** A consistent copy under the same key. */
  copyTo(path: string): void;
  /** Changes when another connection committed. */
  dataVersion(): number;
  close(): void;
}

/** libsql gives blobs as ArrayBuffer. */
export function blob(value: unknown): Buffer {
  if (value instanceof ArrayBuffer) return Buffer.from(value);
  if (value instanceof Uint8Array) return Buffer.from(value);
  throw new TypeError('not a blob');
}
export const text = (value: unknown): string => String(value);
export const maybeText = (value: unknown): string | null => (value === null ? null : String(value));
export const number = (value: unknown): number => Number(value);

/** Value of `PRAGMA auto_vacuum`. */
const INCREMENTAL = 2;
/** Of pages without their cipher, in memory, at most. */
const CACHE_KB = 32 * 1024;
/** The log goes into the file when it has so many. */
const LOG_PAGES = 8192;
/** How long to wait for another process's transaction. */
const BUSY_TIMEOUT_S = 5;

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';
export const isBusy = (error: unknown): boolean => codeOf(error).startsWith('SQLITE_BUSY');
/** A row that may be there once was there already. */
export const isConstraint = (error: unknown): boolean => codeOf(error).startsWith('SQLITE_CONSTRAINT');
/** A page is not what was written. */
const isDamage = (error: unknown): boolean => /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error));
/** Files of up to this size are looked through before they are used; what is wrong in a larger one shows in use. */
const MOST_CHECKED_BYTES = 256 * 1024 * 1024;
/** The disk, or the store's own quota, has no room. */
export const isFull = (error: unknown): boolean => /FULL|IOERR_WRITE|ENOSPC|store-full/.test(codeOf(error));

/** libsql's types describe better-sqlite3; this is the constructor that it has. */
type Constructor = new (
  path: string,
  options: { encryptionKey: string; timeout: number },
) => {
  prepare(sql: string): {
    run(values: Value[]): { changes: number; lastInsertRowid: number };
    get(values?: Value[]): Row | undefined;
    all(values: Value[]): Row[];
  };
  exec(sql: string): void;
  close(): void;
};

/** Read when the first store is opened: most commands open none, and its native part is an optional package. */
const libsql = (): Constructor => createRequire(import.meta.url)('libsql');

/**
 * Opens an encrypted database, making it when missing. The file's cipher (AES-256-CBC) is neither
 * authenticated nor fresh at each write, so that payload is sealed on top (seal.ts). Throws store-damaged for
 * a wrong key, a file that is no database, a corrupt page, or a newer schema; nothing is written to such a file, and
 * nothing more to one whose damage shows in use.
 * `migrations[n]` brings schema n to n + 1: entries are appended, never changed.
 */
export function openDatabase(
  path: string,
  key: Buffer,
  migrations: readonly string[],
  busyTimeoutS = BUSY_TIMEOUT_S,
): Db {
  const version = migrations.length;
  const isNew = !existsSync(path);
  const damaged = (detail: string, cause?: unknown) =>
    new AirherdError('store-damaged', { path, detail }, { cause });
  let raw: InstanceType<Constructor>;
  let found: number;
  try {
    const Libsql = libsql();
    raw = new Libsql(path, { encryptionKey: key.toString('hex'), timeout: busyTimeoutS });
    found = number(raw.prepare('PRAGMA user_version').get()?.user_version);
    raw.prepare('SELECT count(*) FROM sqlite_master').get();
  } catch (error) {
    if (codeOf(error) === 'SQLITE_NOTADB') throw damaged('not a database, or of another master key', error);
    const [detail] = String(error instanceof Error ? error.message : error).split('\n');
    throw damaged(detail, error);
  }
  if (found > version) {
    raw.close();
    throw damaged(`written by a newer airherd (schema ${found}, this one knows ${version})`);
  }
  const wrong = isNew || statSync(path).size > MOST_CHECKED_BYTES ? null : wrongPage(raw);
  if (wrong !== null) {
    raw.close();
    throw damaged(wrong);
  }
  if (isNew) chmodSync(path, 0o600);
  let broken: AirherdError | null = null;
  const selectDataVersion = raw.prepare('PRAGMA data_version');
  const guarded = <T>(work: () => T): T => {
    if (broken) throw broken;
    try {
      return work();
    } catch (error) {
      if (!isDamage(error)) throw error;
      broken = damaged('a page of it is corrupt', error);
      throw broken;
    }
  };
  const db: Db = {
    prepare(sql) {
      const statement = guarded(() => raw.prepare(sql));
      // as one array: libsql takes a lone blob for an object of named parameters, and aborts the process
      return {
        run: (...values) => guarded(() => statement.run(values)),
        get: (...values) => guarded(() => statement.get(values)),
        all: (...values) => guarded(() => statement.all(values)),
      };
    },
    exec: (sql) => guarded(() => raw.exec(sql)),
    transaction(work) {
      guarded(() => raw.exec('BEGIN IMMEDIATE'));
      try {
        const result = work();
        guarded(() => raw.exec('COMMIT'));
        return result;
      } catch (error) {
        // A full disk may have rolled back already (sqlite.org/lang_transaction.html, "response to errors").
        try {
          raw.exec('ROLLBACK');
        } catch {}
        throw error;
      }
    },
    reclaim(pages) {
      raw.exec(`PRAGMA incremental_vacuum(${Math.floor(pages)})`);
      const checkpoint = raw.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all([])[0];
      return number(checkpoint?.busy) === 0;
    },
    copyTo(copy) {
      raw.prepare('VACUUM INTO ?').run([copy]);
      chmodSync(copy, 0o600);
    },
    dataVersion: () => number(selectDataVersion.get()?.data_version),
    close() {
      // libsql leaves this undone while a statement has not been collected; a reader elsewhere may prevent it.
      try {
        if (!broken) raw.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all([]);
      } catch {}
      raw.close();
    },
  };
  try {
    // Before the first table: later it takes a VACUUM. Freed pages are given back piece by piece (reclaim).
    if (found === 0) raw.exec('PRAGMA auto_vacuum = INCREMENTAL');
    raw.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;');
    // A page that is read again is decrypted again, and one that is written back is written twice.
    raw.exec(`PRAGMA cache_size = -${CACHE_KB}; PRAGMA wal_autocheckpoint = ${LOG_PAGES};`);
    if (found > 0 && number(raw.prepare('PRAGMA auto_vacuum').get()?.auto_vacuum) !== INCREMENTAL) {
      raw.exec('PRAGMA auto_vacuum = INCREMENTAL; VACUUM;');
    }
    // Another process may be making it at the same time.
    if (found < version) db.transaction(() => migrate(db, migrations));
  } catch (error) {
    raw.close();
    if (isFull(error)) throw new AirherdError('store-full', { path }, { cause: error });
    throw error;
  }
  return db;
}

/** What SQLite finds wrong with the pages; null when they are in order. */
function wrongPage(raw: InstanceType<Constructor>): string | null {
  try {
    const [row] = raw.prepare('PRAGMA quick_check(1)').all([]);
    const said = text(row?.quick_check);
    return said === 'ok' ? null : `a page of it is corrupt (${said.replaceAll(/\s+/g, ' ').slice(0, 120)})`;
  } catch (error) {
    if (!isDamage(error)) throw error;
    return 'a page of it is corrupt';
  }
}

function migrate(db: Db, migrations: readonly string[]): void {
  const found = number(db.prepare('PRAGMA user_version').get()?.user_version);
  if (found >= migrations.length) return;
  for (const step of migrations.slice(found)) db.exec(step);
  db.exec(`PRAGMA user_version = ${migrations.length}`);
}
