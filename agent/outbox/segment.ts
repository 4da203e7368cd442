/**
 * One file of the outbox's journal, append-only.
 *
 * head    "AHOB" 01 || key generation u32 || salt[32]
 * frame   ciphertext length u32 || counter u32 || type u8 || stream u8 || class u8 || reason u8
 *         || boot[16] || seq u64 || to u64 || ciphertext || tag[16]
 *
 * All big-endian. Key = HKDF-SHA256(outbox key, salt, info "airherd-outbox-segment"); AES-256-GCM with the
 * counter as nonce (a segment is written by one process once, so that none repeats) and the frame's clear part
 * as associated data. The clear part lets a torn tail say which message it was.
 */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { GAP_REASONS } from '../../protocol/messages/envelope.ts';
import { PRIVACY_CLASSES } from '../../protocol/privacy.ts';
import { UP_STREAMS } from '../../protocol/topics.ts';
import type { Entry } from './entry.ts';

export const HEAD_BYTES = 41;
export const SALT_BYTES = 32;
export const CLEAR_BYTES = 44;
const TAG_BYTES = 16;
const NONCE_BYTES = 12;
/** More than any message; a length beyond it is damage. */
const MAX_CIPHERTEXT_BYTES = 1 << 20;
const MAGIC = Buffer.from('AHOB\x01', 'latin1');
const INFO = 'airherd-outbox-segment';

const TYPES = ['data', 'gap', 'ack'] as const;
export type RecordType = (typeof TYPES)[number];

export interface SegmentRecord extends Pick<Entry, 'boot' | 'stream' | 'seq' | 'to' | 'class' | 'gap'> {
  type: RecordType;
  bytes: Buffer;
}

export type SegmentIdentity = Omit<SegmentRecord, 'bytes'>;

export interface SegmentContents {
  generation: number;
  records: SegmentRecord[];
  /** Frames that are there but damaged, as far as their clear part tells what they were. */
  damaged: SegmentIdentity[];
  /** The file ends inside a frame. */
  torn: boolean;
}

export interface SegmentKey {
  generation: number;
  /** deriveKey(factoryKey, 'outbox', serial). */
  key: Buffer;
}

const segmentKey = (key: Buffer, salt: Uint8Array): Buffer =>
  Buffer.from(hkdfSync('sha256', key, salt, INFO, 32));

function nonceOf(counter: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUInt32BE(counter, NONCE_BYTES - 4);
  return nonce;
}

export class SegmentSealer {
  readonly head: Buffer;
  private readonly key: Buffer;
  private counter = 0;

  constructor({ generation, key }: SegmentKey, salt: Buffer) {
    this.head = Buffer.alloc(HEAD_BYTES);
    MAGIC.copy(this.head);
    this.head.writeUInt32BE(generation, MAGIC.length);
    salt.copy(this.head, MAGIC.length + 4);
    this.key = segmentKey(key, salt);
  }

  seal(record: SegmentRecord): Buffer {
    const clear = Buffer.alloc(CLEAR_BYTES);
    clear.writeUInt32BE(record.bytes.length, 0);
    clear.writeUInt32BE(++this.counter, 4);
    clear[8] = TYPES.indexOf(record.type);
    clear[9] = UP_STREAMS.indexOf(record.stream);
    clear[10] = PRIVACY_CLASSES.indexOf(record.class);
    clear[11] = record.gap === null ? 255 : GAP_REASONS.indexOf(record.gap);
    clear.write(record.boot, 12, 16, 'hex');
    clear.writeBigUInt64BE(BigInt(record.seq), 28);
    clear.writeBigUInt64BE(BigInt(record.to), 36);
    const cipher = createCipheriv('aes-256-gcm', this.key, nonceOf(this.counter)).setAAD(clear);
    const sealed = cipher.update(record.bytes);
    cipher.final();
    return Buffer.concat([clear, sealed, cipher.getAuthTag()]);
  }
}

/** What the clear part says, or null when it cannot be one. */
function parseClear(clear: Buffer): SegmentIdentity | null {
  const type = TYPES[clear[8]];
  const stream = UP_STREAMS[clear[9]];
  const privacyClass = PRIVACY_CLASSES[clear[10]];
  const seq = Number(clear.readBigUInt64BE(28));
  const to = Number(clear.readBigUInt64BE(36));
  if (!type || !stream || !privacyClass || seq < 1 || to < seq || !Number.isSafeInteger(to)) return null;
  const gap = type === 'gap' ? (GAP_REASONS[clear[11]] ?? null) : null;
  return { type, stream, class: privacyClass, seq, to, gap, boot: clear.toString('hex', 12, 28) };
}

/** Null when the bytes are no segment, or of a key that is not known. Never throws on any bytes. */
export function readSegment(
  bytes: Buffer,
  keyOf: (generation: number) => Buffer | undefined,
): SegmentContents | null {
  if (bytes.length < HEAD_BYTES || MAGIC.compare(bytes, 0, MAGIC.length) !== 0) return null;
  const generation = bytes.readUInt32BE(MAGIC.length);
  const outboxKey = keyOf(generation);
  if (!outboxKey) return null;
  const key = segmentKey(outboxKey, bytes.subarray(MAGIC.length + 4, HEAD_BYTES));
  const contents: SegmentContents = { generation, records: [], damaged: [], torn: false };
  let at = HEAD_BYTES;
  while (at < bytes.length) {
    if (bytes.length - at < CLEAR_BYTES) {
      contents.torn = true;
      break;
    }
    const clear = bytes.subarray(at, at + CLEAR_BYTES);
    const length = clear.readUInt32BE(0);
    const identity = parseClear(clear);
    const end = at + CLEAR_BYTES + length + TAG_BYTES;
    if (length > MAX_CIPHERTEXT_BYTES || end > bytes.length) {
      contents.torn = true;
      if (identity) contents.damaged.push(identity);
      break;
    }
    const opened = open(key, clear, bytes.subarray(at + CLEAR_BYTES, end));
    if (opened && identity) contents.records.push({ ...identity, bytes: opened });
    else if (identity) contents.damaged.push(identity);
    at = end;
  }
  return contents;
}

function open(key: Buffer, clear: Buffer, sealed: Buffer): Buffer | null {
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(clear.readUInt32BE(4)));
  decipher.setAAD(clear);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  try {
    const plain = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES));
    return Buffer.concat([plain, decipher.final()]);
  } catch {
    return null;
  }
}
