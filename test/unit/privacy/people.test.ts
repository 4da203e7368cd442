import { describe, expect, test } from 'vitest';
import { depthOf } from '../../../cloud-stub/api/body.ts';
import { isFrom, isNetwork } from '../../../cloud-stub/people/networks.ts';
import { passwords } from '../../../cloud-stub/people/passwords.ts';
import { base32, hotp, totpStep, verifyTotp } from '../../../cloud-stub/people/totp.ts';
import { allowedClasses } from '../../../cloud-stub/registry/device-roles.ts';
import { nodeRandom } from '../../../platform/node/random.ts';
import { PRIVACY_CLASSES } from '../../../protocol/privacy.ts';

const secret = Buffer.from('12345678901234567890');

describe('TOTP', () => {
  // RFC 6238, appendix B, SHA1
  test.each([
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ])('at %i s, as RFC 6238 has it', (seconds, code) => {
    expect(hotp(secret, totpStep(seconds * 1000), 8)).toBe(code);
  });

  test('a step before and after are taken, two are not; a code is good once', () => {
    const nowMs = 1_234_567_890_000;
    const at = (steps: number) => hotp(secret, totpStep(nowMs) + steps);
    expect([-2, -1, 0, 1, 2].map((n) => verifyTotp(secret, at(n), nowMs, 0) !== null)).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
    const step = verifyTotp(secret, at(0), nowMs, 0) ?? 0;
    expect(verifyTotp(secret, at(0), nowMs, step)).toBeNull();
  });

  // RFC 4648, section 10
  test.each([
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foobar', 'MZXW6YTBOI'],
  ])('base32 of %s', (text, encoded) => {
    expect(base32(Buffer.from(text))).toBe(encoded);
  });
});

describe('passwords', () => {
  test('are right or wrong, salted, and cost the same when there is nobody', async () => {
    const hasher = passwords(nodeRandom);
    const stored = await hasher.hash('correct horse');
    expect(stored).toMatch(/^scrypt\$15\$8\$3\$/);
    expect(await hasher.hash('correct horse')).not.toBe(stored);
    expect(await hasher.verify('correct horse', stored)).toBe(true);
    const before = hasher.worked;
    expect(await hasher.verify('correct house', stored)).toBe(false);
    expect(await hasher.verify('correct horse', null)).toBe(false);
    expect(hasher.worked - before).toBe(2);
  });
});

describe('networks', () => {
  test.each([
    ['192.0.2.7', ['192.0.2.0/24'], true],
    ['::ffff:192.0.2.7', ['192.0.2.0/24'], true],
    ['192.0.3.7', ['192.0.2.0/24', '10.0.0.1'], false],
    ['2001:db8::1', ['2001:db8::/32'], true],
    ['2001:db8::1', ['0.0.0.0/0'], false],
    ['10.0.0.1', ['10.0.0.1'], true],
    ['nonsense', ['0.0.0.0/0'], false],
    ['10.0.0.1', [], true],
  ])('%s in %j: %s', (address, networks, expected) => {
    expect(isFrom(address, networks)).toBe(expected);
  });
  test('what is neither address nor network', () => {
    expect(['10.0.0.0/33', 'host', ''].map(isNetwork)).toEqual([false, false, false]);
  });
});

test('nesting is counted outside of strings', () => {
  expect(depthOf('[{"a":[1]},"[[[[[["]')).toBe(3);
  expect(depthOf('["\\"[[["]')).toBe(1);
});

test('device roles: what role and organisation both allow; an unknown role is the least', () => {
  expect(allowedClasses('wired', PRIVACY_CLASSES)).not.toContain('wifi.connected');
  expect(allowedClasses('full', ['device', 'lldp'])).toEqual(['device', 'lldp']);
  expect(allowedClasses('of-the-future', PRIVACY_CLASSES)).toEqual(['device']);
});
