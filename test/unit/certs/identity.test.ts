import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Identity, loadIdentity, saveIdentity } from '../../../certs/identity.ts';
import { IDENTITY_FILE } from '../../../certs/identity-text.ts';
import { manufacture } from '../../../certs/manufacture.ts';
import { rotatedIdentity } from '../../../certs/rotate.ts';
import { sharedAuthority } from '../../support/authority.ts';
import { openssl, Scratch } from './openssl.ts';

const scratch = new Scratch();
let identity: Identity;
let other: Identity;

beforeAll(async () => {
  const authority = await sharedAuthority();
  [identity, other] = await manufacture({ kind: 'ap', count: 2, authority, nowMs: Date.now() });
});
afterAll(() => scratch.remove());

let folders = 0;
/** A saved identity that the test may spoil. */
async function saved(): Promise<{ folder: string; file: string; text: string }> {
  const folder = join(scratch.dir, String(folders++), identity.serial);
  await saveIdentity(folder, identity);
  const file = join(folder, IDENTITY_FILE);
  return { folder, file, text: readFileSync(file, 'utf8') };
}

describe('identity folder', () => {
  test('holds all of the identity, for the owner only', async () => {
    const { folder, file } = await saved();
    expect(await loadIdentity(folder)).toEqual(identity);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder)).toEqual([IDENTITY_FILE]);
  });

  test('after rotations: generation and the outbox keys of before; without the line it is the first', async () => {
    const twice = rotatedIdentity(rotatedIdentity(identity, Buffer.alloc(32, 1)), Buffer.alloc(32, 2));
    expect(twice.olderOutboxKeys.map(({ generation }) => generation)).toEqual([2, 1]);
    const folder = join(scratch.dir, String(folders++), identity.serial);
    await saveIdentity(folder, twice);
    expect(await loadIdentity(folder)).toEqual(twice);
    const { folder: old, file, text } = await saved();
    writeFileSync(file, text.replace('key-generation: 1\n', ''));
    expect(await loadIdentity(old)).toEqual(identity);
  });

  test('is mode 0600 whatever the umask', async () => {
    const before = process.umask(0);
    try {
      const { file, folder } = await saved();
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(statSync(folder).mode & 0o777).toBe(0o700);
    } finally {
      process.umask(before);
    }
  });

  test('OpenSSL takes the file as key, as certificate and as CA file', async () => {
    const { file } = await saved();
    expect(openssl(['pkey', '-in', file, '-noout', '-check']).text).toContain('Key is valid');
    expect(openssl(['x509', '-in', file, '-noout', '-subject']).text).toContain(identity.serial);
    const verdict = openssl(['verify', '-no-CApath', '-no-CAstore', '-CAfile', file, file]);
    expect(verdict.text).toContain(': OK');
  });

  test('replacing it leaves no other file behind', async () => {
    const { folder } = await saved();
    const { privateKeyPem, certificatePem, certificateSha256, notBeforeMs, notAfterMs } = identity;
    await saveIdentity(folder, {
      ...identity,
      claimCode: 'AAAAA-BBBBB-CCCCC',
      ...{ privateKeyPem, certificatePem, certificateSha256, notBeforeMs, notAfterMs },
    });
    expect((await loadIdentity(folder)).claimCode).toBe('AAAAA-BBBBB-CCCCC');
    expect(readdirSync(folder)).toEqual([IDENTITY_FILE]);
  });

  test('missing: the folder, or the file in it', async () => {
    const { folder, file } = await saved();
    rmSync(file);
    await expect(loadIdentity(folder)).rejects.toMatchObject({
      code: 'identity-missing',
      parameters: { path: folder, file: IDENTITY_FILE },
    });
    await expect(loadIdentity(`${folder}x`)).rejects.toMatchObject({ code: 'identity-missing' });
  });

  test.each([0o604, 0o640, 0o660, 0o644, 0o602])(
    'mode %o is exposed, and says how to mend it',
    async (mode) => {
      const { folder, file } = await saved();
      chmodSync(file, mode);
      await expect(loadIdentity(folder)).rejects.toMatchObject({
        code: 'identity-exposed',
        message: `${file} can be read by others (mode 0${mode.toString(8)}); run: chmod 600 ${file}`,
      });
    },
  );

  test('cut off anywhere, it is damaged, and no key is in the error', async () => {
    const { folder, file, text } = await saved();
    const secret = identity.privateKeyPem.split('\n')[1];
    // every line's end, and every byte of the lines that begin and end the last block
    const cuts = new Set([...text.matchAll(/\n/g)].map(({ index }) => index));
    for (let cut = 0; cut < 40; cut++) cuts.add(cut);
    for (let cut = text.length - 70; cut < text.length - 1; cut++) cuts.add(cut);
    cuts.delete(text.length - 1);
    for (const cut of cuts) {
      writeFileSync(file, text.slice(0, cut));
      const error = await loadIdentity(folder).then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error, `cut at ${cut}`).toMatchObject({ code: 'identity-damaged' });
      expect(String(error)).not.toContain(secret);
    }
  });

  test.each<[string, (text: string) => string, string]>([
    [
      'another serial',
      (text) => text.replace(/serial: AH\d+/, 'serial: AH000000000000'),
      'its certificate is of',
    ],
    ['no serial', (text) => text.replace(/serial: .*\n/, ''), 'serial'],
    ['an unknown value', (text) => text.replace('kind:', 'colour: red\nkind:'), 'colour'],
    ['another kind', (text) => text.replace('kind: ap', 'kind: router'), 'kind'],
    [
      'another version',
      (text) => text.replace('airherd identity 1', 'airherd identity 2'),
      'does not begin with',
    ],
    [
      "another device's key",
      (text) => text.replace(identity.privateKeyPem, other.privateKeyPem),
      'does not belong',
    ],
    [
      "another device's certificate",
      (text) => text.replace(identity.certificatePem, other.certificatePem),
      'does not belong',
    ],
    [
      "another device's key and certificate",
      (text) =>
        text
          .replace(identity.privateKeyPem, other.privateKeyPem)
          .replace(identity.certificatePem, other.certificatePem),
      'its certificate is of',
    ],
    ['no root', (text) => text.replace(identity.trustPem[0], ''), 'the root certificate is missing'],
    ['a short factory key', (text) => text.replace(/(FACTORY KEY-----\n).*/, '$1AAAA'), 'factory key'],
    ['bytes that are no text', () => '\0\xff\x80', 'does not begin with'],
  ])('%s: damaged', async (_, spoil, detail) => {
    const { folder, file, text } = await saved();
    const spoilt = spoil(text);
    expect(spoilt).not.toBe(text);
    writeFileSync(file, spoilt);
    await expect(loadIdentity(folder)).rejects.toMatchObject({
      code: 'identity-damaged',
      message: expect.stringContaining(detail),
    });
  });

  test("in another device's folder, or as a folder itself: damaged", async () => {
    const { folder, file } = await saved();
    renameSync(folder, join(folder, '..', other.serial));
    await expect(loadIdentity(join(folder, '..', other.serial))).rejects.toMatchObject({
      code: 'identity-damaged',
      message: expect.stringContaining('its folder is not called so'),
    });
    mkdirSync(file, { recursive: true, mode: 0o700 });
    await expect(loadIdentity(folder)).rejects.toMatchObject({ code: 'identity-damaged' });
  });
});
