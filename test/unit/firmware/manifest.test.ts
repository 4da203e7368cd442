/** Manifests and their signatures, with OpenSSL on the other side. */
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import {
  firmwareKeys,
  type Manifest,
  MOST_MANIFEST_BYTES,
  manifestBytes,
  openManifest,
  readManifest,
  signManifest,
} from '../../../protocol/firmware/manifest.ts';
import { compareVersions } from '../../../protocol/firmware/version.ts';
import { openssl, Scratch } from '../certs/openssl.ts';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const MANIFEST: Manifest = {
  manifestVersion: 1,
  sequenceNumber: 7,
  vendor: 'airherd',
  classes: ['AH-AP-1'],
  version: '1.4.2',
  minVersion: '1.2',
  payload: { format: 'tar+gzip', size: 100, sha256: 'ab'.repeat(32) },
};
const bytes = manifestBytes(MANIFEST);
/** Made by OpenSSL: nothing of ours is in it. */
const pem = openssl(['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']).text;
const privateKey = createPrivateKey(pem.slice(pem.indexOf('-----BEGIN')));
const publicPem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
const keys = firmwareKeys(publicPem);
const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return `${(error as { code: string }).code}: ${(error as Error).message}`;
  }
  return 'accepted';
};

describe('signature', () => {
  test('ours is one for OpenSSL', () => {
    const args = ['dgst', '-sha256', '-verify', scratch.file(publicPem), '-signature'];
    const good = openssl([...args, scratch.file(signManifest(bytes, privateKey)), scratch.file(bytes)]);
    expect(good).toEqual({ ok: true, text: 'Verified OK\n' });
    const changed = Buffer.from(bytes);
    changed[20] ^= 1;
    expect(openssl([...args, scratch.file(signManifest(bytes, privateKey)), scratch.file(changed)]).ok).toBe(
      false,
    );
  });

  test("OpenSSL's is one for us", () => {
    const out = scratch.file('');
    expect(
      openssl(['dgst', '-sha256', '-sign', scratch.file(pem), '-out', out, scratch.file(bytes)]).ok,
    ).toBe(true);
    const signature = openssl(['enc', '-base64', '-A', '-in', out]).text;
    const signed = { manifest: bytes, signature: Buffer.from(signature, 'base64') };
    expect(openManifest(signed, keys, '1.4.2')).toEqual(MANIFEST);
  });

  test('any other byte of manifest or signature, another key, none: refused, each in one line', () => {
    const signature = signManifest(bytes, privateKey);
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = Buffer.from(bytes);
      changed[at] ^= 1;
      expect(codeOf(() => openManifest({ manifest: changed, signature }, keys, '1'))).toMatch(
        /^firmware-signature: /,
      );
    }
    for (let at = 0; at < signature.length; at++) {
      const changed = Buffer.from(signature);
      changed[at] ^= 1;
      expect(codeOf(() => openManifest({ manifest: bytes, signature: changed }, keys, '1'))).toMatch(
        /^firmware-signature: /,
      );
    }
    const other = firmwareKeys(
      generateKeyPairSync('ec', { namedCurve: 'P-256' })
        .publicKey.export({ type: 'spki', format: 'pem' })
        .toString(),
    );
    const signed = { manifest: bytes, signature };
    expect(codeOf(() => openManifest(signed, other, '1'))).toMatch(
      /of none of the keys that are trusted here$/,
    );
    expect(codeOf(() => openManifest(signed, [], '1'))).toMatch(/no firmware key is trusted here$/);
    expect(codeOf(() => openManifest({ ...signed, signature: new Uint8Array() }, keys, '1'))).toMatch(
      /it has no signature$/,
    );
    expect(openManifest(signed, [...other, ...keys], '1')).toEqual(MANIFEST);
  });

  test('keys of another kind are none', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const text = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(firmwareKeys(`${text}rubbish\n${publicPem}`)).toHaveLength(1);
    expect(() => signManifest(bytes, rsa.privateKey)).toThrow('ECDSA P-256');
  });
});

describe('form', () => {
  const told = (change: object | string): string => {
    const text = typeof change === 'string' ? change : JSON.stringify({ ...MANIFEST, ...change });
    const read = readManifest(Buffer.from(text));
    return read.ok ? 'ok' : read.detail;
  };
  test.each([
    ['{', 'the manifest is not JSON'],
    [' '.repeat(MOST_MANIFEST_BYTES + 1), 'the manifest has more than 4096 bytes'],
    [{ sequenceNumber: 0 }, "the manifest's sequenceNumber: "],
    [{ sequenceNumber: 1.5 }, "the manifest's sequenceNumber: "],
    [{ classes: [] }, "the manifest's classes: "],
    [{ classes: ['ap one'] }, "the manifest's classes.0: must be a model"],
    [{ version: 'latest' }, "the manifest's version: must be a version such as 1.4.2"],
    [{ payload: { ...MANIFEST.payload, size: 2 ** 40 } }, "the manifest's payload.size: "],
    [{ payload: { ...MANIFEST.payload, sha256: 'AB' } }, "the manifest's payload.sha256: must be 64"],
    [{ more: 1 }, "the manifest's form: "],
  ])('%j: %s', (change, problem) => {
    expect(told(change)).toContain(problem);
    expect(told({})).toBe('ok');
  });
});

test('versions are compared by their numbers', () => {
  const inOrder = ['lab', '0.9', '0.10', '1.0', '1.0.1', '1.2.3.4', '23.4'];
  const shuffled = [...inOrder].reverse();
  expect(shuffled.sort(compareVersions)).toEqual(inOrder);
  expect(compareVersions('1.4', '1.4.0-rc1')).toBe(0);
});
