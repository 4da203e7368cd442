import { createDecipheriv, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  associated,
  blindIndex,
  pooledRandom,
  seal,
  subkey,
  unseal,
} from '../../../cloud-stub/store/seal.ts';
import { nodeRandom } from '../../../platform/node/random.ts';

const key = randomBytes(32);
const plain = Buffer.from('what was observed');
const aad = associated('message', 'org', 'AH1', 7);

describe('sealing', () => {
  test('is AES-256-GCM with the nonce before and the tag behind', () => {
    const sealed = seal(nodeRandom, key, plain, aad);
    expect(sealed.length).toBe(12 + plain.length + 16);
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
    decipher.setAAD(aad).setAuthTag(sealed.subarray(-16));
    expect(Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()])).toEqual(plain);
  });

  test('opens only with its key, in its place, unchanged', () => {
    const sealed = seal(nodeRandom, key, plain, aad);
    expect(unseal(key, sealed, aad)).toEqual(plain);
    expect(unseal(randomBytes(32), sealed, aad)).toBeNull();
    expect(unseal(key, sealed, associated('message', 'org', 'AH1', 8))).toBeNull();
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at] ^= 1;
      expect(unseal(key, changed, aad)).toBeNull();
      expect(unseal(key, sealed.subarray(0, at), aad)).toBeNull();
    }
  });

  test('never gives the same bytes twice', () => {
    expect(seal(nodeRandom, key, plain, aad).equals(seal(nodeRandom, key, plain, aad))).toBe(false);
  });

  test('a nonce from the pool is never given twice', () => {
    const random = pooledRandom(nodeRandom);
    const nonces = new Set(Array.from({ length: 2000 }, () => random.bytes(12).toString('hex')));
    expect(nonces.size).toBe(2000);
    expect(random.bytes(32)).toHaveLength(32);
  });

  test('associated data is each part behind its length', () => {
    expect(associated('äb', 12, Buffer.from([0, 255])).toString('hex')).toBe(
      '00000003c3a462' + '000000023132' + '0000000200ff',
    );
  });

  test('different lists of parts are different associated data', () => {
    expect(associated('ab', 'c').equals(associated('a', 'bc'))).toBe(false);
    expect(associated('a', '').equals(associated('a'))).toBe(false);
  });
});

describe('keys and indexes', () => {
  test('a subkey is of one purpose, a blind index of one key', () => {
    expect(subkey(key, 'file').equals(subkey(key, 'index'))).toBe(false);
    const mac = randomBytes(6);
    expect(blindIndex(key, 'mac', mac)).toEqual(blindIndex(key, 'mac', mac));
    expect(blindIndex(key, 'mac', mac).equals(blindIndex(randomBytes(32), 'mac', mac))).toBe(false);
    expect(blindIndex(key, 'mac', mac).equals(blindIndex(key, 'user', mac))).toBe(false);
  });
});
