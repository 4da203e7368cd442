import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { LISTENERS } from '../../cloud-stub/listeners.ts';

const root = resolve(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'deploy', 'Containerfile'), 'utf8');
const steps = text
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => /^[A-Z]/.test(line))
  .map((line) => line.split(/\s+/));
const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').trim().split('\n');

test('the image runs as somebody who is not root', () => {
  const users = steps.filter(([word]) => word === 'USER').map(([, name]) => name);
  expect(users).toEqual(['node']);
  const user = steps.findIndex(([word]) => word === 'USER');
  expect(steps.slice(user).map(([word]) => word)).not.toContain('RUN');
});

test('what it copies is made by the stage before, and is not left out of it', () => {
  const sources = steps
    .filter(([word, flag]) => word === 'COPY' && flag === '--from=build')
    .flatMap(([, , ...words]) => words.slice(0, -1))
    .map((path) => path.replace('/src/', ''));
  expect(sources.length).toBeGreaterThan(4);
  for (const path of sources) {
    const made = path === 'dist' || path === 'node_modules';
    expect(made || existsSync(join(root, path)), path).toBe(true);
    if (!made) expect(ignored).not.toContain(path.split('/')[0]);
  }
});

test('it runs what the package runs, on the documented ports', () => {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(text).toContain(`ENTRYPOINT ["node", "/opt/airherd/${bin.airherd}"]`);
  const ports = steps.filter(([word]) => word === 'EXPOSE').flatMap(([, ...words]) => words.map(Number));
  const documented = Object.values(LISTENERS).map(({ defaultPort }) => defaultPort);
  for (const port of ports) expect(documented).toContain(port);
});
