import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../../cloud-stub/store/database.ts';

const KEY = Buffer.alloc(32, 3);
const PAGE = 4096;
const SCHEMA = [
  'CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB NOT NULL); CREATE INDEX t_by_body ON t (body)',
];

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'airherd-database-'));
  path = join(dir, 'some.db');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function filled(rows: number): Buffer {
  const db = openDatabase(path, KEY, SCHEMA);
  db.transaction(() => {
    const insert = db.prepare('INSERT INTO t (body) VALUES (?)');
    for (let i = 0; i < rows; i++) insert.run(Buffer.alloc(500, i));
  });
  db.close();
  return readFileSync(path);
}
const damaged = expect.objectContaining({
  code: 'store-damaged',
  message: expect.stringContaining('nothing was overwritten'),
});

describe('a corrupt page', () => {
  test('in the head of any page: found when the file is opened, and not a byte is written', () => {
    const good = filled(60);
    expect(good.length / PAGE).toBeGreaterThan(15);
    for (let page = 0; page < good.length / PAGE; page++) {
      const bytes = Buffer.from(good);
      // The cipher has no authentication: 16 bytes become noise. From the second page on they are the header of a
      // b-tree's page (sqlite.org/fileformat2.html, 1.6); in the first one that begins at 100.
      bytes.fill(0xa5, page * PAGE + (page === 0 ? 96 : 0), page * PAGE + (page === 0 ? 112 : 16));
      writeFileSync(path, bytes);
      expect(() => openDatabase(path, KEY, SCHEMA), `page ${page}`).toThrow(damaged);
      expect(readFileSync(path).equals(bytes)).toBe(true);
    }
    writeFileSync(path, good);
    openDatabase(path, KEY, SCHEMA).close();
  });

  test('that became so while the file was open: the first read says so, and nothing is written from then on', () => {
    filled(6000);
    const db = openDatabase(path, KEY, SCHEMA);
    const read = db.prepare('SELECT sum(length(body)) FROM t');
    const insert = db.prepare('INSERT INTO t (body) VALUES (?)');
    const bytes = readFileSync(path);
    // Behind its back, all but the first pages, more than its cache holds.
    bytes.fill(0x5a, 20 * PAGE);
    writeFileSync(path, bytes);
    expect(() => read.get()).toThrow(damaged);
    expect(() => insert.run(Buffer.alloc(1))).toThrow(damaged);
    expect(() => db.transaction(() => insert.run(Buffer.alloc(1)))).toThrow(damaged);
    expect(() => db.prepare('SELECT 1')).toThrow(damaged);
    db.close();
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });
});
