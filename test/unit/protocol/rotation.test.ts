import { describe, expect, test } from 'vitest';
import { openRotatedKeys, sealRotatedKeys } from '../../../protocol/rotation.ts';

const counting = (from: number, length: number) => Buffer.from(Array.from({ length }, (_, i) => from + i));
const oldKey = counting(0, 32);
const nonce = counting(64, 32);
const iv = counting(0, 12);
const serial = 'AH0000000001';
const keys = { deviceProof: Buffer.alloc(32, 0x11), cloudProof: Buffer.alloc(32, 0x22) };
/** Computed with Python's `cryptography` (HKDF, AESGCM) from the inputs above. */
const SEALED = Buffer.from(
  '000102030405060708090a0b62c708e14aa749caa808df6bed508a526b81a987e4d77a10272b29e27ac1f21bf61aa4143029bd06' +
    '72c116715853047e7a9820bddd05fd1caad4942752f5e10bbae4df6e1451122c4e86eee4703acce7',
  'hex',
);

describe('factory-key rotation', () => {
  test('seals as the vector has it, and opens it', () => {
    expect(sealRotatedKeys(oldKey, serial, nonce, keys, iv)).toEqual(SEALED);
    expect(openRotatedKeys(oldKey, serial, nonce, SEALED)).toEqual(keys);
  });

  test('opens with nothing else: another key, device, nonce, bit or length', () => {
    expect(openRotatedKeys(Buffer.alloc(32), serial, nonce, SEALED)).toBeNull();
    expect(openRotatedKeys(oldKey, 'AH0000000002', nonce, SEALED)).toBeNull();
    expect(openRotatedKeys(oldKey, serial, Buffer.alloc(32), SEALED)).toBeNull();
    for (let i = 0; i < SEALED.length; i++) {
      const bent = Buffer.from(SEALED);
      bent[i] ^= 1;
      expect(openRotatedKeys(oldKey, serial, nonce, bent), `byte ${i}`).toBeNull();
      expect(openRotatedKeys(oldKey, serial, nonce, SEALED.subarray(0, i)), `${i} bytes`).toBeNull();
    }
  });
});
