import { randomBytes } from 'node:crypto';
import { fingerprint } from './certificate.ts';
import { subjectName } from './extensions.ts';
import type { DeviceKind, Identity } from './identity-text.ts';
import { type KeyType, newKey } from './new-key.ts';
import { toPem } from './pem.ts';
import { type SigningIssuer, signLeaf } from './sign.ts';

/** Virtual devices have model names of our own. */
export const DEFAULT_MODEL: Record<DeviceKind, string> = { ap: 'AH-AP-1', switch: 'AH-SW-48' };

/** All that one identity is made from, but for its random parts. */
export interface IdentityPlan {
  kind: DeviceKind;
  model: string;
  serial: string;
  mac: string;
  keyType: KeyType;
  notBeforeMs: number;
  notAfterMs: number;
}

export interface DeviceIssuer extends SigningIssuer {
  pem: string;
}

export const MAX_BATCH = 999_999;
export const MAX_INDEX = 999_999;

/** AH, six digits of the batch, six of the device in it. */
export function serialInBatch(batch: number, index: number): string {
  return `AH${String(batch).padStart(6, '0')}${String(index).padStart(6, '0')}`;
}

/**
 * Locally administered (IEEE 802c: administratively assigned, second digit 2) and different for every serial.
 * The last digit is 0: an AP's radios take the addresses after it.
 */
export function macInBatch(batch: number, index: number): string {
  // 20 bits of batch, 20 of index, 4 of zero; the top 4 share the first byte with the digit 2
  const number = ((BigInt(batch) << 20n) | BigInt(index)) << 4n;
  const first = (Number(number >> 40n) << 4) | 0x2;
  const digits =
    first.toString(16).padStart(2, '0') + (number & 0xff_ffff_ffffn).toString(16).padStart(10, '0');
  return digits.match(/../g)!.join(':');
}

/** Crockford's alphabet: none of its letters is taken for a digit. */
const CLAIM_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Fifteen characters, 75 random bits, in groups of five. */
function claimCode(): string {
  const characters = [...randomBytes(15)].map((byte) => CLAIM_ALPHABET[byte & 31]).join('');
  return characters.match(/.{5}/g)!.join('-');
}

/** Key, certificate, factory key and claim code of one device. Takes as long as an RSA-4096 signature. */
export function makeIdentity(issuer: DeviceIssuer, rootPem: string, plan: IdentityPlan): Identity {
  const { kind, model, serial, mac, notBeforeMs } = plan;
  const key = newKey(plan.keyType);
  const notAfterMs = Math.min(plan.notAfterMs, issuer.notAfterMs);
  const der = signLeaf(issuer, {
    subject: subjectName('devices', serial, serial),
    publicKey: key.publicKey,
    usage: 'clientAuth',
    notBeforeMs,
    notAfterMs,
  });
  return {
    serial,
    kind,
    model,
    mac,
    claimCode: claimCode(),
    certificatePem: toPem('CERTIFICATE', der) + issuer.pem,
    privateKeyPem: key.privateKeyPem,
    factoryKey: randomBytes(32),
    keyGeneration: 1,
    olderOutboxKeys: [],
    certificateSha256: fingerprint(der),
    trustPem: [rootPem],
    notBeforeMs: wholeSeconds(notBeforeMs),
    notAfterMs: wholeSeconds(notAfterMs),
  };
}

/** Certificates count in seconds. */
const wholeSeconds = (ms: number): number => Math.floor(ms / 1000) * 1000;
