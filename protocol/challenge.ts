/**
 * Mutual proof of the factory key through a broker that is not ours. RFC 9266's exporter ends at the broker, so
 * that the proof is bound to the broker's certificate instead, and the nonces of both sides make it fresh:
 *
 *   T' = lp(SHA-256(broker leaf)) || lp(serial) || lp(SHA-256(device certificate)) || lp(nonceDevice) || lp(nonceCloud)
 *
 *   device  tx/auth   opening  "AHFK" 01 03 || nonceDevice || certificate[32] || broker[32] || HMAC(K_dev)[32]
 *   cloud   rx/auth   answer   "AHFK" 01 || nonceCloud  || HMAC(K_cloud, "AHFK" 01 02 || T')
 *   device  tx/auth   proof    "AHFK" 01 || nonceDevice || HMAC(K_dev,   "AHFK" 01 01 || T')
 *
 * A broker can carry these, and can make none of them. What it can do: hold messages back, and cut.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { lengthPrefixed, NONCE_LENGTH, type ProofContext, parseProof, transcript } from './proof.ts';

const DIGEST_LENGTH = 32;
const MAGIC = Buffer.from('AHFK\x01', 'latin1');
const OPENING = Buffer.from('AHFK\x01\x03', 'latin1');
/** The cloud knows no session of the device: it is asked to prove itself anew. Proves nothing itself. */
export const ANEW = Buffer.from('AHFK\x01\x06', 'latin1');
export const OPENING_LENGTH = OPENING.length + NONCE_LENGTH + 3 * DIGEST_LENGTH;

/** `channelBinding` of a context is here the SHA-256 of the broker's leaf certificate. */
export type ChallengeContext = ProofContext;

/** What a device says of itself before it has proved anything. */
export interface Opening {
  nonceDevice: Buffer;
  certificateSha256: Buffer;
  brokerSha256: Buffer;
  hmac: Buffer;
}

function openingHmac(deviceKey: Uint8Array, context: ChallengeContext): Buffer {
  return createHmac('sha256', deviceKey).update(OPENING).update(transcript(context)).digest();
}

/** Payload of the first `tx/auth`: 118 bytes. */
export function openingMessage(deviceKey: Uint8Array, context: ChallengeContext): Buffer {
  const { nonceDevice, certificateSha256, channelBinding } = context;
  return Buffer.concat([
    OPENING,
    nonceDevice,
    certificateSha256,
    channelBinding,
    openingHmac(deviceKey, context),
  ]);
}

/** Null when it has not exactly that form. */
export function parseOpening(message: Uint8Array): Opening | null {
  if (message.length !== OPENING_LENGTH || OPENING.compare(message, 0, OPENING.length) !== 0) return null;
  const bytes = Buffer.from(message);
  const digest = (index: number) => {
    const at = OPENING.length + NONCE_LENGTH + index * DIGEST_LENGTH;
    return bytes.subarray(at, at + DIGEST_LENGTH);
  };
  return {
    nonceDevice: bytes.subarray(OPENING.length, OPENING.length + NONCE_LENGTH),
    certificateSha256: digest(0),
    brokerSha256: digest(1),
    hmac: digest(2),
  };
}

/** Shows which of its keys a device has, and keeps strangers from making the cloud answer. No proof: it can be replayed. */
export function verifyOpening(deviceKey: Uint8Array, context: ChallengeContext, hmac: Uint8Array): boolean {
  return timingSafeEqual(openingHmac(deviceKey, context), hmac);
}

function challengeHmac(
  key: Uint8Array,
  role: '\x01' | '\x02',
  context: ChallengeContext,
  nonceCloud: Uint8Array,
): Buffer {
  return createHmac('sha256', key)
    .update(MAGIC)
    .update(role, 'latin1')
    .update(transcript(context))
    .update(lengthPrefixed(nonceCloud))
    .digest();
}

/** Payload of `rx/auth`: 53 bytes. */
export function challengeAnswer(
  cloudKey: Uint8Array,
  context: ChallengeContext,
  nonceCloud: Uint8Array,
): Buffer {
  return Buffer.concat([MAGIC, nonceCloud, challengeHmac(cloudKey, '\x02', context, nonceCloud)]);
}

/** Payload of the second `tx/auth`: 53 bytes. */
export function challengeProof(
  deviceKey: Uint8Array,
  context: ChallengeContext,
  nonceCloud: Uint8Array,
): Buffer {
  return Buffer.concat([MAGIC, context.nonceDevice, challengeHmac(deviceKey, '\x01', context, nonceCloud)]);
}

/** The agent's check, in constant time: the cloud's nonce, or null when the cloud has not proved itself. */
export function verifyAnswer(
  cloudKey: Uint8Array,
  context: ChallengeContext,
  message: Uint8Array,
): Buffer | null {
  const answer = parseProof(message);
  if (!answer) return null;
  return timingSafeEqual(challengeHmac(cloudKey, '\x02', context, answer.nonce), answer.hmac)
    ? answer.nonce
    : null;
}

/** The cloud's check, in constant time. */
export function verifyChallengeProof(
  deviceKey: Uint8Array,
  context: ChallengeContext,
  nonceCloud: Uint8Array,
  message: Uint8Array,
): boolean {
  const proof = parseProof(message);
  return (
    proof !== null &&
    timingSafeEqual(context.nonceDevice, proof.nonce) &&
    timingSafeEqual(challengeHmac(deviceKey, '\x01', context, nonceCloud), proof.hmac)
  );
}
