/**
 * Many virtual identities in one encrypted file:
 *
 *   head   "AHPACK" 01 || key source (0 key file, 1 passphrase) || salt[16]                              24 bytes
 *   record iv[12] || AES-256-GCM(K, iv, CBOR, associated data head || "record" || serial) || tag[16]     one a device
 *   index  iv[12] || AES-256-GCM(K, iv, CBOR, associated data head || "index") || tag[16]
 *   tail   offset of the index u64 || length of the index u32                                            12 bytes
 *
 *   K = HKDF-SHA256(key file, salt, "airherd-pack") or scrypt(passphrase, salt, N 2^17, r 8, p 1)
 *
 * The index says where each record lies, so that one is read without the others. Beside it, `FILE.renewed` grows by
 * a frame (length u32 || record) for each renewal: of one serial the last counts, and half a frame at the end is none.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { AirherdError } from '../../protocol/errors.ts';

const MAGIC = Buffer.from('AHPACK\x01', 'latin1');
const SALT_LENGTH = 16;
const [IV_LENGTH, TAG_LENGTH] = [12, 16];
export const HEAD_LENGTH = MAGIC.length + 1 + SALT_LENGTH;
export const TAIL_LENGTH = 12;
export const SEAL_OVERHEAD = IV_LENGTH + TAG_LENGTH;
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 };
const PACK_KEY_BYTES = 32;

/** What opens a pack: the 32 bytes of a key file, or a passphrase. */
export type PackSecret = { keyFile: Uint8Array } | { passphrase: string };

export interface PackKey {
  head: Buffer;
  key: Buffer;
}

const derive: (
  passphrase: string,
  salt: Uint8Array,
  length: number,
  options: typeof SCRYPT,
) => Promise<Buffer> = promisify(scrypt);

/** Half a second for a passphrase, on another thread: who holds connections goes on meanwhile. */
async function keyFrom(secret: PackSecret, salt: Uint8Array): Promise<Buffer> {
  if ('passphrase' in secret) return derive(secret.passphrase.normalize('NFC'), salt, 32, SCRYPT);
  if (secret.keyFile.length !== PACK_KEY_BYTES) {
    throw new AirherdError('usage-invalid', { detail: 'the key file of a pack has 32 bytes' });
  }
  return Buffer.from(hkdfSync('sha256', secret.keyFile, salt, 'airherd-pack', 32));
}

export async function newPackKey(secret: PackSecret): Promise<PackKey> {
  const salt = randomBytes(SALT_LENGTH);
  const head = Buffer.concat([MAGIC, Buffer.of('passphrase' in secret ? 1 : 0), salt]);
  return { head, key: await keyFrom(secret, salt) };
}

/** Of an existing pack; throws pack-damaged for what is no head, and when the secret is of the other sort. */
export async function packKey(path: string, head: Buffer, secret: PackSecret): Promise<PackKey> {
  const bad = (detail: string) => new AirherdError('pack-damaged', { path, detail });
  if (head.length !== HEAD_LENGTH || MAGIC.compare(head, 0, MAGIC.length) !== 0) throw bad('it is no pack');
  const source = head[MAGIC.length];
  if (source === 1 && !('passphrase' in secret)) throw bad('it opens with a passphrase');
  if (source === 0 && !('keyFile' in secret)) throw bad('it opens with a key file');
  return { head, key: await keyFrom(secret, head.subarray(MAGIC.length + 1)) };
}

const associated = ({ head }: PackKey, what: string): Buffer => Buffer.concat([head, Buffer.from(what)]);

export const recordOf = (serial: string): string => `record${serial}`;
export const INDEX = 'index';

export function sealPart(pack: PackKey, what: string, plain: Uint8Array): Buffer {
  const iv = randomBytes(IV_LENGTH);
  const cipher = createCipheriv('aes-256-gcm', pack.key, iv).setAAD(associated(pack, what));
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Null when it was not sealed under this key, for this place. */
export function openPart(pack: PackKey, what: string, sealed: Uint8Array): Buffer | null {
  if (sealed.length < SEAL_OVERHEAD) return null;
  const decipher = createDecipheriv('aes-256-gcm', pack.key, sealed.subarray(0, IV_LENGTH));
  decipher.setAAD(associated(pack, what));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_LENGTH));
  try {
    return Buffer.concat([
      decipher.update(sealed.subarray(IV_LENGTH, sealed.length - TAG_LENGTH)),
      decipher.final(),
    ]);
  } catch {
    return null;
  }
}
