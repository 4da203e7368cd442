import type { Clock } from '../../platform/ports/clock.ts';
import { type Db, number, text } from '../store/database.ts';

const CODES = ['clone-suspected', 'certificate-renewed', 'factory-key-rotated'] as const;

/** Something about a device's identity that an operator should look at. */
export interface SecurityEvent {
  atMs: number;
  serial: string;
  code: (typeof CODES)[number];
  detail: string;
}

export interface SecurityEvents {
  record(serial: string, code: SecurityEvent['code'], detail: string): void;
  /** Newest first. */
  list(limit: number): SecurityEvent[];
}

export function securityEvents({ db, clock }: { db: Db; clock: Clock }): SecurityEvents {
  const insert = db.prepare('INSERT INTO events (at_ms, serial, code, detail) VALUES (?, ?, ?, ?)');
  return {
    record(serial, code, detail) {
      insert.run(clock.wallMs(), serial, code, detail);
    },
    list: (limit) =>
      db
        .prepare('SELECT * FROM events ORDER BY id DESC LIMIT ?')
        .all(limit)
        .map((row) => ({
          atMs: number(row.at_ms),
          serial: text(row.serial),
          code: CODES.find((code) => code === row.code) ?? 'clone-suspected',
          detail: text(row.detail),
        })),
  };
}
