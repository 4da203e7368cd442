import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Identity } from '../../../certs/identity.ts';
import { manufacture } from '../../../certs/manufacture.ts';
import type { PackSecret } from '../../../certs/pack/format.ts';
import { Pack } from '../../../certs/pack/read.ts';
import { PackWriter } from '../../../certs/pack/write.ts';
import { sharedAuthority } from '../../support/authority.ts';

const secret: PackSecret = { keyFile: Buffer.alloc(32, 3) };
let dir: string;
let path: string;
let identities: Identity[];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'airherd-pack-'));
  path = join(dir, 'fleet.pack');
  const authority = await sharedAuthority();
  identities = await manufacture({ kind: 'ap', count: 8, authority, nowMs: Date.now() });
  const writer = await PackWriter.create(path, secret);
  await writer.add(identities.slice(0, 3));
  await writer.add(identities.slice(3));
  await writer.finish();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const copy = (name: string, change: (bytes: Buffer) => Buffer): string => {
  const target = join(dir, name);
  writeFileSync(target, change(readFileSync(path)), { mode: 0o600 });
  return target;
};
const opened = async (at: string, by: PackSecret = secret): Promise<string> => {
  try {
    const pack = await Pack.open(at, by);
    try {
      for (const { serial } of pack.devices()) await pack.identity(serial);
    } finally {
      await pack.close();
    }
    return 'ok';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a pack of identities', () => {
  test('gives back what was put in, one by one and in any order', async () => {
    const pack = await Pack.open(path, secret);
    expect(pack.devices().map(({ serial }) => serial)).toEqual(identities.map(({ serial }) => serial));
    for (const identity of [...identities].reverse()) {
      expect(await pack.identity(identity.serial)).toEqual(identity);
    }
    await expect(pack.identity('AH999999999999')).rejects.toMatchObject({ code: 'identity-missing' });
    await pack.close();
  });

  test('holds no key, name or certificate that can be read', () => {
    const bytes = readFileSync(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    for (const { serial, factoryKey, mac } of identities) {
      for (const canary of [Buffer.from(serial), factoryKey, Buffer.from(mac)]) {
        expect(bytes.includes(canary)).toBe(false);
      }
    }
    expect(bytes.includes('airherd manufacturing root')).toBe(false);
  });

  test('opens with a passphrase, and with no other', async () => {
    const at = join(dir, 'phrase.pack');
    const writer = await PackWriter.create(at, { passphrase: 'gr\u00fcn' });
    await writer.add(identities);
    await writer.finish();
    // The same word in another normal form.
    expect(await opened(at, { passphrase: 'gru\u0308n' })).toBe('ok');
    expect(await opened(at, { passphrase: 'grun' })).toBe('pack-damaged');
    expect(await opened(at, secret)).toBe('pack-damaged');
    expect(await opened(path, { passphrase: 'gr\u00fcn' })).toBe('pack-damaged');
    expect(await opened(path, { keyFile: Buffer.alloc(32, 4) })).toBe('pack-damaged');
  });

  test('no byte of it can be changed, nor its end cut off', async () => {
    const { length } = readFileSync(path);
    for (let at = 0; at < length; at += 37) {
      const spoilt = copy('spoilt.pack', (bytes) => {
        bytes[at] ^= 0x40;
        return bytes;
      });
      expect(await opened(spoilt)).toBe('pack-damaged');
      expect(await opened(copy('cut.pack', (bytes) => bytes.subarray(0, at)))).toBe('pack-damaged');
    }
  });

  test('is refused when others can read it, is missing, or there already', async () => {
    const exposed = copy('exposed.pack', (bytes) => bytes);
    chmodSync(exposed, 0o644);
    expect(await opened(exposed)).toBe('identity-exposed');
    expect(await opened(join(dir, 'none.pack'))).toBe('pack-missing');
    await expect(PackWriter.create(path, secret)).rejects.toMatchObject({ code: 'output-failed' });
  });

  test('keeps renewals beside it, the last of each counts, and half of one does not', async () => {
    const at = copy('renewed.pack', (bytes) => bytes);
    const [first, second] = identities;
    const pack = await Pack.open(at, secret);
    await pack.replace({ ...first, keyGeneration: 2 });
    await pack.replace({ ...first, keyGeneration: 3, notAfterMs: first.notAfterMs + 1000 });
    await pack.replace({ ...second, keyGeneration: 2 });
    await pack.close();
    const whole = readFileSync(`${at}.renewed`);
    const generations = async () => {
      const again = await Pack.open(at, secret);
      const found = await Promise.all([first, second].map(({ serial }) => again.identity(serial)));
      const [device] = again.devices();
      await again.close();
      return [...found.map(({ keyGeneration }) => keyGeneration), device.notAfterMs - first.notAfterMs];
    };
    expect(await generations()).toEqual([3, 2, 1000]);
    writeFileSync(`${at}.renewed`, whole.subarray(0, whole.length - 5));
    expect(await generations()).toEqual([3, 1, 1000]);
    const spoilt = Buffer.from(whole);
    spoilt[60] ^= 1;
    writeFileSync(`${at}.renewed`, spoilt);
    expect(await opened(at)).toBe('pack-damaged');
  });

  test('what is interrupted leaves nothing', async () => {
    const at = join(dir, 'given-up.pack');
    const writer = await PackWriter.create(at, secret);
    await writer.add(identities);
    await writer.discard();
    expect(await opened(at)).toBe('pack-missing');
    appendFileSync(join(dir, 'control'), '');
  });
});
