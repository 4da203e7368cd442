import { closeSync, existsSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const BALLAST_BYTES = 4 * 1024 * 1024;

/**
 * A file of no use but its size. When the disk is full it goes, so that there is room to close databases and
 * to say so; that it can be made again means that there is room once more.
 */
export class Ballast {
  readonly #path: string;

  constructor(dir: string) {
    this.#path = join(dir, 'ballast');
  }

  release(): void {
    rmSync(this.#path, { force: true });
  }

  /** False when the disk has no room for it. */
  restore(): boolean {
    if (existsSync(this.#path) && statSync(this.#path).size === BALLAST_BYTES) return true;
    let file: number | null = null;
    try {
      file = openSync(this.#path, 'w', 0o600);
      // Not zeros: some file systems store those without taking room.
      writeSync(file, Buffer.alloc(BALLAST_BYTES, 'airherd ballast '));
      fsyncSync(file);
      return statSync(this.#path).size === BALLAST_BYTES;
    } catch {
      return false;
    } finally {
      if (file !== null) closeSync(file);
      if (existsSync(this.#path) && statSync(this.#path).size !== BALLAST_BYTES) this.release();
    }
  }
}
