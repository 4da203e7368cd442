import type { SubjectKind } from '../../protocol/subject-bytes.ts';
import { blob, type Db, number } from './database.ts';

export interface Address {
  serial: string;
  bootId: Uint8Array;
  stream: string;
  seq: number;
}

/** Whom the store must not hold, or not use: known by blind index, so that forgetting somebody keeps no name. */
export interface Subjects {
  /** Values are compared in the form that `subjectValue` gives them. */
  indexOf(kind: SubjectKind, value: string): Buffer;
  /** Whether anybody was erased or restricted: all that most records need to ask. */
  readonly any: boolean;
  /** When the subject was erased; null when not. */
  erasedMs(subject: Buffer): number | null;
  isRestricted(subject: Buffer): boolean;
  erase(subject: Buffer, atMs: number, certificate: Uint8Array): void;
  /** Remembers that this message was removed or rewritten, for a restore of an older copy. */
  eraseMessage(address: Address): void;
  restrict(subject: Buffer, sinceMs: number): void;
  unrestrict(subject: Buffer): void;
  /** When somebody was erased while this device was away, and could not be told to forget; null when it could. */
  untoldMs(serial: string): number | null;
  tellLater(serial: string, erasedMs: number): void;
  told(serial: string): void;
  tombstones(): { subject: Buffer; erasedMs: number; certificate: Buffer }[];
  erasedMessages(): Address[];
}

export function subjects(db: Db, indexOf: Subjects['indexOf']): Subjects {
  const load = (sql: string): Map<string, number> =>
    new Map(
      db
        .prepare(sql)
        .all()
        .map((row) => [blob(row.subject).toString('hex'), number(row.at)]),
    );
  const erased = load('SELECT subject, erased_ms AS at FROM tombstones');
  const restricted = load('SELECT subject, since_ms AS at FROM restrictions');
  const untold = new Map(
    db
      .prepare('SELECT serial, erased_ms FROM untold')
      .all()
      .map((row) => [String(row.serial), number(row.erased_ms)]),
  );
  const insertTombstone = db.prepare(
    'INSERT OR REPLACE INTO tombstones (subject, erased_ms, certificate) VALUES (?, ?, ?)',
  );
  const insertMessage = db.prepare('INSERT OR IGNORE INTO erased_messages VALUES (?, ?, ?, ?)');
  return {
    indexOf,
    get any() {
      return erased.size > 0 || restricted.size > 0;
    },
    erasedMs: (subject) => erased.get(subject.toString('hex')) ?? null,
    isRestricted: (subject) => restricted.has(subject.toString('hex')),
    erase(subject, atMs, certificate) {
      insertTombstone.run(subject, atMs, certificate);
      erased.set(subject.toString('hex'), atMs);
    },
    eraseMessage: ({ serial, bootId, stream, seq }) => void insertMessage.run(serial, bootId, stream, seq),
    restrict(subject, sinceMs) {
      db.prepare('INSERT OR REPLACE INTO restrictions (subject, since_ms) VALUES (?, ?)').run(
        subject,
        sinceMs,
      );
      restricted.set(subject.toString('hex'), sinceMs);
    },
    unrestrict(subject) {
      db.prepare('DELETE FROM restrictions WHERE subject = ?').run(subject);
      restricted.delete(subject.toString('hex'));
    },
    untoldMs: (serial) => untold.get(serial) ?? null,
    tellLater(serial, erasedMs) {
      db.prepare('INSERT OR REPLACE INTO untold (serial, erased_ms) VALUES (?, ?)').run(serial, erasedMs);
      untold.set(serial, erasedMs);
    },
    told(serial) {
      db.prepare('DELETE FROM untold WHERE serial = ?').run(serial);
      untold.delete(serial);
    },
    tombstones: () =>
      db
        .prepare('SELECT * FROM tombstones ORDER BY erased_ms')
        .all()
        .map((row) => ({
          subject: blob(row.subject),
          erasedMs: number(row.erased_ms),
          certificate: blob(row.certificate),
        })),
    erasedMessages: () =>
      db
        .prepare('SELECT * FROM erased_messages')
        .all()
        .map((row) => ({
          serial: String(row.serial),
          bootId: blob(row.boot),
          stream: String(row.stream),
          seq: number(row.seq),
        })),
  };
}
