/**
 * One file with all of a cloud's state but its master key: a line of JSON, then each file in sealed chunks. Made
 * while the cloud runs; every chunk is authenticated with its place, so that a part cannot be changed or moved.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Random } from '../../platform/ports/random.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { type Db, isFull } from './database.ts';
import { type Keyring, parseKeyring, rootIn } from './keyring.ts';
import { associated, seal, subkey, unseal } from './seal.ts';

const MAGIC = 'airherd-backup';
const CHUNK = 1024 * 1024;
const SEALED_OVERHEAD = 12 + 16;
const MOST_HEADER_BYTES = 16 * 1024 * 1024;

const header = z.strictObject({
  magic: z.literal(MAGIC),
  v: z.literal(1),
  id: z.string(),
  madeMs: z.number(),
  keyring: z.unknown(),
  files: z.array(z.strictObject({ name: z.string(), size: z.number().int().min(0) })),
});
type Header = z.infer<typeof header>;

export interface BackupContents {
  keyring: Keyring;
  root: Buffer;
  /** Consistent copies, by the name that they have in the cloud's folder. */
  databases: readonly { name: string; db: Pick<Db, 'copyTo'> }[];
}

export interface BackupResult {
  files: number;
  bytes: number;
}

/** Throws output-failed; what was half written is removed, and an older backup of that name stays. */
export function writeBackup(
  path: string,
  { keyring, root, databases }: BackupContents,
  { random, nowMs }: { random: Random; nowMs: number },
): BackupResult {
  const id = random.bytes(8).toString('hex');
  const work = `${path}.${id}`;
  const output = `${work}.tmp`;
  try {
    mkdirSync(work, { mode: 0o700 });
    const files = databases.map(({ name, db }, i) => {
      const copy = join(work, String(i));
      db.copyTo(copy);
      return { name, size: statSync(copy).size };
    });
    const head: Header = { magic: MAGIC, v: 1, id, madeMs: nowMs, keyring, files };
    const out = openSync(output, 'wx', 0o600);
    try {
      const line = Buffer.from(`${JSON.stringify(head)}\n`);
      writeSync(out, line);
      const key = subkey(root, 'backup');
      files.forEach(({ size }, i) => {
        const from = openSync(join(work, String(i)), 'r');
        try {
          for (let at = 0, n = 0; at < size; at += CHUNK, n++) {
            const plain = readExactly(from, Math.min(CHUNK, size - at), at);
            writeSync(out, seal(random, key, plain, associated(line, i, n)));
          }
        } finally {
          closeSync(from);
        }
      });
      fsyncSync(out);
    } finally {
      closeSync(out);
    }
    renameSync(output, path);
    return { files: files.length, bytes: statSync(path).size };
  } catch (cause) {
    rmSync(output, { force: true });
    const detail = isFull(cause) ? 'no space left' : cause instanceof Error ? cause.message : String(cause);
    throw new AirherdError('output-failed', { path, detail }, { cause });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Unpacks into `folder`, which must not be there. `roots` are tried beside what the master key opens: it may have
 * been another when the backup was made. Throws input-missing or backup-damaged; the folder is gone then.
 */
export function unpackBackup(
  path: string,
  folder: string,
  { master, root: known }: { master: Buffer; root: Buffer | null },
): { madeMs: number; root: Buffer; keyring: Keyring } {
  const damaged = (detail: string) => new AirherdError('backup-damaged', { path, detail });
  if (!existsSync(path)) throw new AirherdError('input-missing', { path, detail: 'there is no such file' });
  const from = openSync(path, 'r');
  try {
    const line = readLine(from);
    if (!line) throw damaged('not a backup');
    const head = header.safeParse(jsonOf(line));
    if (!head.success) throw damaged('not a backup, or one of a newer airherd');
    const keyring = parseKeyring(Buffer.from(JSON.stringify(head.data.keyring)), path);
    const root = rootIn(keyring, master) ?? known;
    if (!root) throw damaged('it is of another master key');
    const key = subkey(root, 'backup');
    let at = line.length;
    mkdirSync(join(folder, 'orgs'), { recursive: true, mode: 0o700 });
    head.data.files.forEach(({ name, size }, i) => {
      if (!/^((registry|firmware)\.db|orgs\/[0-9a-f-]{36}\.db)$/.test(name))
        throw damaged('it names a file that is none of a cloud');
      const out = openSync(join(folder, name), 'wx', 0o600);
      try {
        for (let done = 0, n = 0; done < size; done += CHUNK, n++) {
          const length = Math.min(CHUNK, size - done) + SEALED_OVERHEAD;
          const sealed = readExactly(from, length, at);
          at += length;
          const plain = unseal(key, sealed, associated(line, i, n));
          if (!plain) throw damaged(`${name} does not open`);
          writeSync(out, plain);
        }
        fsyncSync(out);
      } finally {
        closeSync(out);
      }
    });
    if (statSync(path).size !== at) throw damaged('there is more in it than it says');
    return { madeMs: head.data.madeMs, root, keyring };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  } finally {
    closeSync(from);
  }
}

/** Puts the unpacked state in the place of the one that is there; that one is removed. */
export function swapIn(dir: string, folder: string): void {
  const old = `${folder}.replaced`;
  mkdirSync(old, { recursive: true, mode: 0o700 });
  const isState = (name: string) => name === 'orgs' || /^(registry|firmware)\.db/.test(name);
  for (const name of readdirSync(dir).filter(isState)) renameSync(join(dir, name), join(old, name));
  for (const name of readdirSync(folder).filter(isState)) renameSync(join(folder, name), join(dir, name));
  for (const gone of [old, folder]) rmSync(gone, { recursive: true, force: true });
  const file = openSync(dirname(join(dir, 'registry.db')), 'r');
  fsyncSync(file);
  closeSync(file);
}

function readExactly(file: number, length: number, at: number): Buffer {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const read = readSync(file, bytes, done, length - done, at + done);
    // What is cut short does not open.
    if (read === 0) return bytes.subarray(0, done);
    done += read;
  }
  return bytes;
}

function readLine(file: number): Buffer | null {
  const start = readExactly(file, 64 * 1024, 0);
  for (let length = start.length; ; length *= 2) {
    const bytes = readExactly(file, length, 0);
    const end = bytes.indexOf(0x0a);
    if (end >= 0) return bytes.subarray(0, end + 1);
    if (bytes.length < length || length > MOST_HEADER_BYTES) return null;
  }
}

function jsonOf(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString());
  } catch {
    return null;
  }
}
