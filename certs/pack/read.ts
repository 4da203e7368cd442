import { appendFile, type FileHandle, open, readFile } from 'node:fs/promises';
import { decodeOwn } from '../../protocol/codec.ts';
import { AirherdError } from '../../protocol/errors.ts';
import type { DeviceKind, Identity } from '../identity-text.ts';
import { assertPrivate, isMissing } from '../private-file.ts';
import {
  HEAD_LENGTH,
  INDEX,
  openPart,
  type PackKey,
  type PackSecret,
  packKey,
  recordOf,
  SEAL_OVERHEAD,
  sealPart,
  TAIL_LENGTH,
} from './format.ts';
import { decodeRecord, encodeRecord, type SharedPem, sharedPem } from './record.ts';
import type { PackIndex } from './write.ts';

export interface PackedDevice {
  serial: string;
  kind: DeviceKind;
  notAfterMs: number;
}

/** A record is some hundred bytes: even old outbox keys do not bring it near this. */
const MAX_RECORD_BYTES = 64 * 1024;

const renewedFile = (path: string): string => `${path}.renewed`;

/** A pack that is open: its index is in memory, its identities are read one by one when they are asked for. */
export class Pack {
  readonly path: string;
  readonly #pack: PackKey;
  readonly #handle: FileHandle;
  readonly #shared: SharedPem;
  readonly #entries = new Map<string, { device: PackedDevice; offset: number; length: number }>();
  readonly #renewed: Map<string, Identity>;

  private constructor(
    path: string,
    pack: PackKey,
    handle: FileHandle,
    index: PackIndex,
    renewed: Map<string, Identity>,
  ) {
    this.path = path;
    this.#pack = pack;
    this.#handle = handle;
    this.#shared = sharedPem(index.shared);
    this.#renewed = renewed;
    for (const [serial, kind, notAfterMs, offset, length] of index.entries) {
      const until = renewed.get(serial)?.notAfterMs ?? notAfterMs;
      const device = { serial, kind: kind === 'switch' ? 'switch' : 'ap', notAfterMs: until } as const;
      this.#entries.set(serial, { device, offset, length });
    }
  }

  /** Throws identity-missing, identity-exposed or pack-damaged. */
  static async open(path: string, secret: PackSecret): Promise<Pack> {
    const bad = (detail: string) => new AirherdError('pack-damaged', { path, detail });
    let handle: FileHandle;
    try {
      await assertPrivate(path);
      handle = await open(path, 'r');
    } catch (error) {
      if (error instanceof AirherdError) throw error;
      if (isMissing(error)) throw new AirherdError('pack-missing', { path });
      throw bad(error instanceof Error ? error.message : String(error));
    }
    try {
      const { size } = await handle.stat();
      if (size < HEAD_LENGTH + SEAL_OVERHEAD + TAIL_LENGTH) throw bad('it is too short');
      const pack = await packKey(path, await readAt(handle, 0, HEAD_LENGTH), secret);
      const tail = await readAt(handle, size - TAIL_LENGTH, TAIL_LENGTH);
      const [offset, length] = [Number(tail.readBigUInt64BE()), tail.readUInt32BE(8)];
      if (offset + length !== size - TAIL_LENGTH || offset < HEAD_LENGTH) throw bad('it is cut off');
      const plain = openPart(pack, INDEX, await readAt(handle, offset, length));
      if (!plain) throw bad('the passphrase or key is wrong, or it was changed');
      const index = decodeOwn(plain) as PackIndex;
      return new Pack(path, pack, handle, index, await readRenewed(path, pack, sharedPem(index.shared)));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** In order of their serials. */
  devices(): PackedDevice[] {
    return [...this.#entries.values()].map(({ device }) => device);
  }

  /** Throws identity-missing for a serial that is not in it, pack-damaged. */
  async identity(serial: string): Promise<Identity> {
    const entry = this.#entries.get(serial);
    if (!entry) throw new AirherdError('identity-missing', { file: serial, path: this.path });
    const renewed = this.#renewed.get(serial);
    if (renewed) return renewed;
    const sealed = await readAt(this.#handle, entry.offset, entry.length);
    const plain = openPart(this.#pack, recordOf(serial), sealed);
    if (!plain) {
      const detail = `the record of ${serial} was changed`;
      throw new AirherdError('pack-damaged', { path: this.path, detail });
    }
    return decodeRecord(plain, this.#shared);
  }

  /** Keeps a renewed identity beside the pack. Several processes may do so at once: each frame is one write. */
  async replace(identity: Identity): Promise<void> {
    const { serial } = identity;
    const sealed = sealPart(this.#pack, recordOf(serial), encodeRecord(identity));
    const head = Buffer.alloc(4 + 1 + serial.length);
    head.writeUInt32BE(1 + serial.length + sealed.length);
    head.writeUInt8(serial.length, 4);
    head.write(serial, 5, 'latin1');
    await appendFile(renewedFile(this.path), Buffer.concat([head, sealed]), { mode: 0o600 });
    this.#renewed.set(serial, identity);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

async function readAt(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, offset);
  return bytesRead === length ? bytes : bytes.subarray(0, bytesRead);
}

async function readRenewed(path: string, pack: PackKey, shared: SharedPem): Promise<Map<string, Identity>> {
  const renewed = new Map<string, Identity>();
  let bytes: Buffer;
  try {
    bytes = await readFile(renewedFile(path));
  } catch (error) {
    if (isMissing(error)) return renewed;
    throw error;
  }
  for (let at = 0; at + 5 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (length > MAX_RECORD_BYTES || at + 4 + length > bytes.length) break;
    const frame = bytes.subarray(at + 4, at + 4 + length);
    const serial = frame.subarray(1, 1 + frame[0]).toString('latin1');
    const plain = openPart(pack, recordOf(serial), frame.subarray(1 + frame[0]));
    if (!plain) {
      const detail = `a renewed record of ${serial} was changed`;
      throw new AirherdError('pack-damaged', { path: renewedFile(path), detail });
    }
    renewed.set(serial, decodeRecord(plain, shared));
    at += 4 + length;
  }
  return renewed;
}
