import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { PROMISES } from '../../../cloud-stub/privacy/promises.ts';

const root = resolve(import.meta.dirname, '../../..');

test.each(PROMISES.map((promise) => [promise.id, promise] as const))(
  '%s: the test that holds it is there',
  (_, { test: { file, name } }) => {
    const source = readFileSync(join(root, file), 'utf8');
    const named = [...source.matchAll(/\b(?:test|describe)(?:\.each)?[^'"`]*(['"`])(.*?)\1,/g)].map(
      (found) => found[2],
    );
    expect(named).toContain(name);
  },
);

test('no two promises have one id', () => {
  expect(new Set(PROMISES.map(({ id }) => id)).size).toBe(PROMISES.length);
});
