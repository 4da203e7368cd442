import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileStore } from '../ports/files.ts';

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Files of mode 0600 in a folder of mode 0700, made when first needed. */
export function nodeFiles(folder: string): FileStore & { close(): Promise<void> } {
  /** The file being appended to stays open: an append is then one write(2). */
  let current: { name: string; handle: FileHandle } | null = null;

  async function release(): Promise<void> {
    const open = current;
    current = null;
    await open?.handle.close();
  }

  async function appending(name: string): Promise<FileHandle> {
    if (current?.name === name) return current.handle;
    await release();
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const handle = await open(join(folder, name), 'a', 0o600);
    current = { name, handle };
    await syncFolder(folder);
    return handle;
  }

  return {
    async list() {
      try {
        return (await readdir(folder)).filter((name) => !name.endsWith('.tmp')).sort();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw error;
      }
    },
    read: (name) => readFile(join(folder, name)),
    async append(name, bytes) {
      const handle = await appending(name);
      await handle.appendFile(bytes);
    },
    async replace(name, bytes) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const temporary = join(folder, `${name}.tmp`);
      const handle = await open(temporary, 'w', 0o600);
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, join(folder, name));
      await syncFolder(folder);
    },
    async sync(name) {
      if (current?.name === name) await current.handle.datasync();
    },
    async truncate(name, length) {
      await truncate(join(folder, name), length);
    },
    async remove(name) {
      if (current?.name === name) await release();
      await rm(join(folder, name), { force: true });
    },
    close: release,
  };
}
