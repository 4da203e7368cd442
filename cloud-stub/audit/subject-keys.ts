import type { Random } from '../../platform/ports/random.ts';
import { blob, type Db, number } from '../store/database.ts';
import { associated, blindIndex, KEY_LENGTH, seal, subkey, unseal } from '../store/seal.ts';
import type { Subject } from './entry.ts';

/** A key per subject, made when one is first needed, found by a blind index. */
export interface SubjectKeys {
  /** Within the transaction that is open. */
  keyOf(subject: Subject): { id: number; key: Buffer };
  /** Null once it was destroyed. */
  byId(id: number): Buffer | null;
  /** Whether there was one. What was sealed under it is noise from now on. */
  destroy(subject: Subject): boolean;
}

export function subjectKeys(db: Db, root: Buffer, random: Random): SubjectKeys {
  const wrap = subkey(root, 'subject');
  const index = subkey(root, 'subject-index');
  const select = db.prepare('SELECT id, wrapped FROM audit_subjects WHERE subject_index = ?');
  const selectById = db.prepare('SELECT subject_index, wrapped FROM audit_subjects WHERE id = ?');
  const insert = db.prepare('INSERT INTO audit_subjects (subject_index, wrapped) VALUES (?, ?)');
  const drop = db.prepare('DELETE FROM audit_subjects WHERE subject_index = ?');
  const indexOf = ({ kind, value }: Subject) => blindIndex(index, kind, value.toLowerCase());
  const aad = (subjectIndex: Uint8Array) => associated('audit-subject', subjectIndex);
  return {
    keyOf(subject) {
      const subjectIndex = indexOf(subject);
      const row = select.get(subjectIndex);
      const known = row && unseal(wrap, blob(row.wrapped), aad(subjectIndex));
      if (row && known) return { id: number(row.id), key: known };
      if (row) drop.run(subjectIndex);
      const key = random.bytes(KEY_LENGTH);
      const id = insert.run(subjectIndex, seal(random, wrap, key, aad(subjectIndex))).lastInsertRowid;
      return { id: number(id), key };
    },
    byId(id) {
      const row = selectById.get(id);
      return row ? unseal(wrap, blob(row.wrapped), aad(blob(row.subject_index))) : null;
    },
    destroy: (subject) => drop.run(indexOf(subject)).changes > 0,
  };
}
