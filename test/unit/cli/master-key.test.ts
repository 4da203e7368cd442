import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { masterKeyFrom } from '../../../cli/master-key.ts';

const KEY = Buffer.from('00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff', 'hex');
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'airherd-master-'));
});
afterEach(() => {
  delete process.env.TEST_MASTER_KEY;
  rmSync(dir, { recursive: true, force: true });
});

test.each([
  ['raw', KEY],
  ['hex', Buffer.from(`${KEY.toString('hex')}\n`)],
  ['base64', Buffer.from(KEY.toString('base64'))],
])('from a file, %s', (_, content) => {
  const path = join(dir, 'key');
  writeFileSync(path, content, { mode: 0o600 });
  expect(masterKeyFrom(`file:${path}`)).toEqual(KEY);
  chmodSync(path, 0o644);
  expect(() => masterKeyFrom(`file:${path}`)).toThrow('can be read by others');
});

test('from a variable and from a command', () => {
  process.env.TEST_MASTER_KEY = KEY.toString('base64');
  expect(masterKeyFrom('env:TEST_MASTER_KEY')).toEqual(KEY);
  expect(masterKeyFrom(`command:printf %s ${KEY.toString('hex')}`)).toEqual(KEY);
  expect(masterKeyFrom('')).toBeUndefined();
});

test.each([
  ['env:NOT_SET_AT_ALL', 'NOT_SET_AT_ALL is not set'],
  ['command:exit 3', 'the command failed'],
  ['command:echo secret-but-short', 'no 32-byte key'],
  ['vault:x', 'a source is'],
  ['file:/nowhere/at/all', 'no such file'],
])('%s is refused in one line that holds no key', (source, message) => {
  expect(() => masterKeyFrom(source)).toThrow(message);
  expect(() => masterKeyFrom(source)).not.toThrow('secret-but-short');
});
