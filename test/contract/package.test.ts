import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as airherd from '../../index.ts';
import * as packets from '../../packets/index.ts';
import * as protocol from '../../protocol/index.ts';
import * as world from '../../world/index.ts';

const root = resolve(import.meta.dirname, '../..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

describe('the package', () => {
  test('every export and the command come from a source file', () => {
    const targets = [
      ...Object.values<{ default: string }>(manifest.exports).map((entry) => entry.default),
      manifest.bin.airherd,
    ];
    for (const target of targets) {
      const source = target.replace(/^(\.\/)?dist\//, '').replace(/\.js$/, '.ts');
      expect(existsSync(join(root, source)), source).toBe(true);
    }
  });

  test('what is published is there', () => {
    for (const path of manifest.files.filter((name: string) => name !== 'dist')) {
      expect(existsSync(join(root, path)), path).toBe(true);
    }
  });

  test('the entries hold what the README shows', () => {
    expect(airherd).toMatchObject({
      createAgent: expect.any(Function),
      startCloud: expect.any(Function),
      manufacture: expect.any(Function),
    });
    expect(packets).toMatchObject({
      Dissection: expect.any(Function),
      dissect: expect.any(Function),
      Observer: expect.any(Function),
    });
    expect(world).toMatchObject({
      RadioField: expect.any(Function),
      fitRadio: expect.any(Function),
      World: expect.any(Function),
      Truth: expect.any(Function),
      score: expect.any(Function),
    });
    expect(protocol).toMatchObject({
      connectPassword: expect.any(Function),
      deriveKey: expect.any(Function),
    });
  });
});
