/**
 * Mutual proof of the per-device factory key, bound to one TLS channel by RFC 9266 `tls-exporter`.
 * A captured proof is useless on any other connection; a stolen certificate is useless without the key.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

export const CHANNEL_BINDING_LABEL = 'EXPORTER-Channel-Binding';
export const CHANNEL_BINDING_LENGTH = 32;
export const FACTORY_KEY_LENGTH = 32;
export const NONCE_LENGTH = 16;
/** "AHFK" 01 || nonce[16] || HMAC-SHA256[32] */
export const PROOF_MESSAGE_LENGTH = 53;

const MAGIC = Buffer.from('AHFK\x01', 'latin1');
const SALT = Buffer.from('airherd-fk-v1', 'latin1');

/** What each key derived from the factory key is for. */
export type KeyPurpose = 'device-proof' | 'cloud-proof' | 'outbox';

/** What both sides know of one login; lengths: channelBinding 32, certificateSha256 32, nonceDevice 16. */
export interface ProofContext {
  channelBinding: Uint8Array;
  serial: string;
  /** SHA-256 of the device certificate's DER. */
  certificateSha256: Uint8Array;
  nonceDevice: Uint8Array;
}

/** Two-byte big-endian length, then the bytes. */
export function lengthPrefixed(bytes: Uint8Array): Buffer {
  if (bytes.length > 0xffff) throw new RangeError(`field of ${bytes.length} bytes has no two-byte length`);
  const out = Buffer.alloc(2 + bytes.length);
  out.writeUInt16BE(bytes.length, 0);
  out.set(bytes, 2);
  return out;
}

/** HKDF-SHA256 (RFC 5869), 32 bytes, info = purpose || lp(serial). */
export function deriveKey(factoryKey: Uint8Array, purpose: KeyPurpose, serial: string): Buffer {
  if (factoryKey.length !== FACTORY_KEY_LENGTH) throw new RangeError('a factory key has 32 bytes');
  const info = Buffer.concat([Buffer.from(purpose, 'latin1'), lengthPrefixed(Buffer.from(serial, 'latin1'))]);
  return Buffer.from(hkdfSync('sha256', factoryKey, SALT, info, 32));
}

export function transcript(context: ProofContext): Buffer {
  return Buffer.concat([
    lengthPrefixed(context.channelBinding),
    lengthPrefixed(Buffer.from(context.serial, 'latin1')),
    lengthPrefixed(context.certificateSha256),
    lengthPrefixed(context.nonceDevice),
  ]);
}

export function deviceHmac(deviceKey: Uint8Array, context: ProofContext): Buffer {
  return createHmac('sha256', deviceKey).update(MAGIC).update('\x01').update(transcript(context)).digest();
}

export function cloudHmac(
  cloudKey: Uint8Array,
  context: ProofContext,
  nonceCloud: Uint8Array,
  deviceMac: Uint8Array,
): Buffer {
  return createHmac('sha256', cloudKey)
    .update(MAGIC)
    .update('\x02')
    .update(transcript(context))
    .update(lengthPrefixed(nonceCloud))
    .update(lengthPrefixed(deviceMac))
    .digest();
}

/** CONNECT password: 53 bytes. */
export function connectPassword(deviceKey: Uint8Array, context: ProofContext): Buffer {
  return Buffer.concat([MAGIC, context.nonceDevice, deviceHmac(deviceKey, context)]);
}

/** Payload of `rx/auth`: 53 bytes. */
export function authMessage(
  cloudKey: Uint8Array,
  context: ProofContext,
  nonceCloud: Uint8Array,
  deviceMac: Uint8Array,
): Buffer {
  return Buffer.concat([MAGIC, nonceCloud, cloudHmac(cloudKey, context, nonceCloud, deviceMac)]);
}

/** Splits a CONNECT password or an `auth` payload; null when it has not exactly that form. */
export function parseProof(message: Uint8Array): { nonce: Buffer; hmac: Buffer } | null {
  if (message.length !== PROOF_MESSAGE_LENGTH || MAGIC.compare(message, 0, MAGIC.length) !== 0) return null;
  const bytes = Buffer.from(message);
  return { nonce: bytes.subarray(5, 21), hmac: bytes.subarray(21) };
}

/** The cloud's check, in constant time. */
export function verifyDevice(deviceKey: Uint8Array, context: ProofContext, hmac: Uint8Array): boolean {
  return timingSafeEqual(deviceHmac(deviceKey, context), hmac);
}

/** The agent's check of `rx/auth`, in constant time. */
export function verifyCloud(
  cloudKey: Uint8Array,
  context: ProofContext,
  deviceMac: Uint8Array,
  message: Uint8Array,
): boolean {
  const proof = parseProof(message);
  return proof !== null && timingSafeEqual(cloudHmac(cloudKey, context, proof.nonce, deviceMac), proof.hmac);
}
