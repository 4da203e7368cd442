/**
 * A CONNECT password for brokers that ask an HTTP endpoint: made by the device, good for minutes, once, and for
 * one broker certificate. Base64url of
 *
 *   "AHFK" 01 04 || timeMs[8] || nonce[16] || certificate[32] || broker[32]
 *                || HMAC-SHA256(K_dev, "AHFK" 01 04 || timeMs || lp(serial) || lp(nonce) || lp(certificate) || lp(broker))
 *
 * The only proof that goes by a clock: a device whose clock is wrong uses the challenge alone.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { lengthPrefixed, NONCE_LENGTH } from './proof.ts';

const HEAD = Buffer.from('AHFK\x01\x04', 'latin1');
const DIGEST_LENGTH = 32;
const TIME_LENGTH = 8;
const TOKEN_LENGTH = HEAD.length + TIME_LENGTH + NONCE_LENGTH + 3 * DIGEST_LENGTH;
/** How far a token's time may be from the cloud's, either way. */
export const TOKEN_LIFE_MS = 5 * 60_000;

export interface TokenFields {
  timeMs: number;
  nonce: Uint8Array;
  certificateSha256: Uint8Array;
  brokerSha256: Uint8Array;
}

function timeBytes(timeMs: number): Buffer {
  const bytes = Buffer.alloc(TIME_LENGTH);
  bytes.writeBigUInt64BE(BigInt(timeMs));
  return bytes;
}

function tokenHmac(deviceKey: Uint8Array, serial: string, fields: TokenFields): Buffer {
  return createHmac('sha256', deviceKey)
    .update(HEAD)
    .update(timeBytes(fields.timeMs))
    .update(lengthPrefixed(Buffer.from(serial, 'latin1')))
    .update(lengthPrefixed(fields.nonce))
    .update(lengthPrefixed(fields.certificateSha256))
    .update(lengthPrefixed(fields.brokerSha256))
    .digest();
}

/** 168 characters of base64url. */
export function tokenPassword(deviceKey: Uint8Array, serial: string, fields: TokenFields): string {
  const { timeMs, nonce, certificateSha256, brokerSha256 } = fields;
  const hmac = tokenHmac(deviceKey, serial, fields);
  return Buffer.concat([HEAD, timeBytes(timeMs), nonce, certificateSha256, brokerSha256, hmac]).toString(
    'base64url',
  );
}

/** Null when it has not exactly that form. */
export function parseToken(text: string): (TokenFields & { hmac: Buffer }) | null {
  if (!/^[\w-]+$/.test(text)) return null;
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== TOKEN_LENGTH || HEAD.compare(bytes, 0, HEAD.length) !== 0) return null;
  if (bytes.toString('base64url') !== text) return null;
  const timeMs = Number(bytes.readBigUInt64BE(HEAD.length));
  if (!Number.isSafeInteger(timeMs)) return null;
  let at = HEAD.length + TIME_LENGTH;
  const next = (length: number): Buffer => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  return {
    timeMs,
    nonce: next(NONCE_LENGTH),
    certificateSha256: next(DIGEST_LENGTH),
    brokerSha256: next(DIGEST_LENGTH),
    hmac: next(DIGEST_LENGTH),
  };
}

/** In constant time. Says nothing of the token's age, or of whether it was used before. */
export function verifyToken(
  deviceKey: Uint8Array,
  serial: string,
  token: TokenFields & { hmac: Uint8Array },
): boolean {
  return timingSafeEqual(tokenHmac(deviceKey, serial, token), token.hmac);
}
