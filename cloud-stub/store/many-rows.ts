import type { Db, Statement, Value } from './database.ts';

/** Rows of one statement; each call into SQLite costs as much as a small row. */
const AT_ONCE = [64, 16, 4, 1] as const;

/**
 * `INSERT` of many small rows. `head` is all before the values: `INSERT INTO t (a, b) VALUES`. Each of `columns`
 * values is one row.
 */
export function manyRows(
  db: Db,
  head: string,
  columns: number,
  tail = '',
): (values: readonly Value[]) => void {
  const row = `(${Array.from({ length: columns }, () => '?').join(', ')})`;
  const statements = new Map<number, Statement>();
  const statementOf = (rows: number): Statement => {
    let found = statements.get(rows);
    if (!found) {
      found = db.prepare(`${head} ${Array.from({ length: rows }, () => row).join(', ')} ${tail}`);
      statements.set(rows, found);
    }
    return found;
  };
  return (values) => {
    for (let at = 0; at < values.length; ) {
      const left = (values.length - at) / columns;
      const rows = AT_ONCE.find((count) => count <= left) ?? 1;
      statementOf(rows).run(...values.slice(at, at + rows * columns));
      at += rows * columns;
    }
  };
}
