/** Suites that run a program which this machine does not have, found by reading them and what they import. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { missingTools } from './tools.mjs';

const root = resolve(import.meta.dirname, '..');

/** The file and all that it imports from test/. */
function* withSupport(path, seen = new Set()) {
  if (seen.has(path)) return;
  seen.add(path);
  const text = readFileSync(path, 'utf8');
  yield text;
  for (const [, specifier] of text.matchAll(/from '(\.[^']+)'/g)) {
    const target = resolve(dirname(path), specifier);
    if (target.startsWith(join(root, 'test/')) && target.endsWith('.ts')) yield* withSupport(target, seen);
  }
}

/** `[{ file, tools }]`; empty where everything is installed. */
export function unrunnableSuites() {
  const missing = missingTools();
  if (missing.length === 0) return [];
  return readdirSync(join(root, 'test'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => {
      const text = [...withSupport(path)].join('\n');
      return { file: relative(root, path), tools: missing.filter((tool) => text.includes(`'${tool}'`)) };
    })
    .filter((suite) => suite.tools.length > 0);
}
