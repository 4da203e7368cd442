import { join } from 'node:path';
import { AirherdError } from '../../protocol/errors.ts';
import { type Db, isBusy, openDatabase } from './database.ts';

/** Not a secret: the file holds nothing. */
const LOCK_KEY = Buffer.alloc(32);

/**
 * Makes this process the only writer of the stores in `dir`; returns what ends that. The lock is a transaction
 * that stays open, so that the kernel ends it with the process, whatever kills that.
 */
export function lockFolder(dir: string): () => void {
  let db: Db | null = null;
  try {
    db = openDatabase(join(dir, 'lock.db'), LOCK_KEY, ['CREATE TABLE held (since INTEGER)'], 0);
    db.exec('BEGIN IMMEDIATE');
  } catch (error) {
    db?.close();
    if (isBusy(error)) throw new AirherdError('store-in-use', { path: dir }, { cause: error });
    throw error;
  }
  const held = db;
  return () => {
    held.exec('ROLLBACK');
    held.close();
  };
}
