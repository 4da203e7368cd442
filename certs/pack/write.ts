import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { encode } from '../../protocol/codec.ts';
import { AirherdError } from '../../protocol/errors.ts';
import type { Identity } from '../identity-text.ts';
import { exists, syncFolder } from '../private-file.ts';
import {
  INDEX,
  newPackKey,
  type PackKey,
  type PackSecret,
  recordOf,
  sealPart,
  TAIL_LENGTH,
} from './format.ts';
import { encodeRecord, type PackShared, sharedOf } from './record.ts';

/** One line of the index. */
export type IndexEntry = [serial: string, kind: string, notAfterMs: number, offset: number, length: number];

export interface PackIndex {
  shared: PackShared;
  entries: IndexEntry[];
}

/** A pack under construction: it appears at its path whole, or not at all. */
export class PackWriter {
  readonly #path: string;
  readonly #temporary: string;
  readonly #pack: PackKey;
  readonly #handle: FileHandle;
  readonly #entries: IndexEntry[] = [];
  #shared: PackShared | null = null;
  #offset: number;

  private constructor(path: string, temporary: string, pack: PackKey, handle: FileHandle) {
    this.#path = path;
    this.#temporary = temporary;
    this.#pack = pack;
    this.#handle = handle;
    this.#offset = pack.head.length;
  }

  /** Throws output-failed when there is a pack already: identities are never overwritten. */
  static async create(path: string, secret: PackSecret): Promise<PackWriter> {
    if (await exists(path)) throw new AirherdError('output-failed', { path, detail: 'it is there already' });
    const pack = await newPackKey(secret);
    const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      const handle = await open(temporary, 'wx', 0o600);
      await handle.write(pack.head);
      return new PackWriter(path, temporary, pack, handle);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      throw new AirherdError('output-failed', { path, detail }, { cause: error });
    }
  }

  async add(identities: readonly Identity[]): Promise<void> {
    const parts = identities.map((identity) => {
      const { serial, kind, notAfterMs } = identity;
      this.#shared ??= sharedOf(identity);
      const part = sealPart(this.#pack, recordOf(serial), encodeRecord(identity));
      this.#entries.push([serial, kind, notAfterMs, this.#offset, part.length]);
      this.#offset += part.length;
      return part;
    });
    await this.#handle.write(Buffer.concat(parts));
  }

  /** On the disk under its own name when this returns. */
  async finish(): Promise<void> {
    this.#entries.sort(([a], [b]) => (a < b ? -1 : 1));
    const index: PackIndex = { shared: this.#shared ?? { issuers: [], roots: [] }, entries: this.#entries };
    const sealed = sealPart(this.#pack, INDEX, encode(index));
    const tail = Buffer.alloc(TAIL_LENGTH);
    tail.writeBigUInt64BE(BigInt(this.#offset));
    tail.writeUInt32BE(sealed.length, 8);
    await this.#handle.write(Buffer.concat([sealed, tail]));
    await this.#handle.sync();
    await this.#handle.close();
    await rename(this.#temporary, this.#path);
    await syncFolder(dirname(this.#path));
  }

  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {});
    await rm(this.#temporary, { force: true });
  }
}
