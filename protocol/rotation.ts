/**
 * Factory-key rotation over the connection. The device makes the new key and gives the cloud the two keys that it
 * derives from it, sealed under the old proof key and a nonce of the cloud's, so that what rests in an outbox, a
 * log or a store is of no use once the cloud has forgotten the nonce.
 *
 *   K = HKDF-SHA256(K_dev, salt = nonce, info = "factory-key-rotation" || lp(serial)), 32 bytes
 *   sealed = iv[12] || AES-256-GCM(K, iv, new K_dev || new K_cloud) || tag[16]               92 bytes
 */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { lengthPrefixed } from './proof.ts';

export const ROTATION_NONCE_LENGTH = 32;
export const ROTATION_IV_LENGTH = 12;
const KEY_LENGTH = 32;
const TAG_LENGTH = 16;
const SEALED_LENGTH = ROTATION_IV_LENGTH + 2 * KEY_LENGTH + TAG_LENGTH;

/** The two keys of the proof, 32 bytes each. */
export interface ProofKeys {
  deviceProof: Buffer;
  cloudProof: Buffer;
}

function rotationKey(oldDeviceKey: Uint8Array, serial: string, nonce: Uint8Array): Buffer {
  const info = Buffer.concat([
    Buffer.from('factory-key-rotation', 'latin1'),
    lengthPrefixed(Buffer.from(serial, 'latin1')),
  ]);
  return Buffer.from(hkdfSync('sha256', oldDeviceKey, nonce, info, KEY_LENGTH));
}

/** The device's answer to `rotate-factory-key`. */
export function sealRotatedKeys(
  oldDeviceKey: Uint8Array,
  serial: string,
  nonce: Uint8Array,
  keys: ProofKeys,
  iv: Uint8Array,
): Buffer {
  const cipher = createCipheriv('aes-256-gcm', rotationKey(oldDeviceKey, serial, nonce), iv);
  const sealed = Buffer.concat([cipher.update(keys.deviceProof), cipher.update(keys.cloudProof)]);
  cipher.final();
  return Buffer.concat([iv, sealed, cipher.getAuthTag()]);
}

/** Null when it was not sealed by who holds the old key, for this device and nonce. */
export function openRotatedKeys(
  oldDeviceKey: Uint8Array,
  serial: string,
  nonce: Uint8Array,
  sealed: Uint8Array,
): ProofKeys | null {
  if (sealed.length !== SEALED_LENGTH) return null;
  const iv = sealed.subarray(0, ROTATION_IV_LENGTH);
  const decipher = createDecipheriv('aes-256-gcm', rotationKey(oldDeviceKey, serial, nonce), iv);
  decipher.setAuthTag(sealed.subarray(SEALED_LENGTH - TAG_LENGTH));
  try {
    const body = sealed.subarray(ROTATION_IV_LENGTH, SEALED_LENGTH - TAG_LENGTH);
    const keys = Buffer.concat([decipher.update(body), decipher.final()]);
    return { deviceProof: keys.subarray(0, KEY_LENGTH), cloudProof: keys.subarray(KEY_LENGTH) };
  } catch {
    return null;
  }
}
