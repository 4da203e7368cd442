import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { compile } from './compiled.ts';

const root = resolve(import.meta.dirname, '..', '..');

/**
 * What `npm pack` makes of the sources of this moment: the path of a tarball in a folder of its own, which the
 * caller removes. The repository's own dist/ is left alone.
 */
export function packed(): string {
  const folder = mkdtempSync(join(tmpdir(), 'airherd-pack-'));
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const path of manifest.files.filter((name: string) => name !== 'dist'))
    cpSync(join(root, path), join(folder, path), { recursive: true });
  const { dist, main } = compile();
  cpSync(dist, join(folder, 'dist'), { recursive: true });
  const manual = execFileSync(process.execPath, [main, 'manual']);
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  const page = join(folder, manifest.man);
  mkdirSync(dirname(page), { recursive: true });
  writeFileSync(page, manual);
  const out = execFileSync('npm', ['pack', '--ignore-scripts', '--json'], { cwd: folder, encoding: 'utf8' });
  return join(folder, JSON.parse(out)[0].filename);
}
