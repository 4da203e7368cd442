/**
 * Installs what the suites with real peers need (tshark, lldpd, mosquitto, ...), where it can: as root, with
 * apt. Elsewhere it says what is missing; the suites concerned are then skipped, and say so.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { missingTools, OWN_TOOLS, PACKAGES } from './tools.mjs';

const NPM = 'npm:';
const isNpm = (tool) => PACKAGES[tool].startsWith(NPM);

/** A package of the registry that is a program, beside the project's own: nothing of the project sees it. */
function installFromNpm(tool) {
  const wanted = PACKAGES[tool].slice(NPM.length);
  const name = wanted.slice(0, wanted.lastIndexOf('@'));
  console.log(`installing for the tests: ${wanted}`);
  mkdirSync(OWN_TOOLS, { recursive: true });
  const words = ['install', '--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];
  spawnSync('npm', [...words, '--prefix', OWN_TOOLS, wanted], { stdio: ['ignore', 'ignore', 'inherit'] });
  symlinkSync(join('node_modules', name, 'bin', 'node'), join(OWN_TOOLS, tool));
}

const missing = missingTools();
if (missing.length > 0) {
  for (const tool of missing.filter(isNpm)) installFromNpm(tool);
  const packages = [...new Set(missing.filter((tool) => !isNpm(tool)).map((tool) => PACKAGES[tool]))];
  const canInstall = process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0;
  if (canInstall && packages.length > 0) {
    console.log(`installing for the tests: ${packages.join(' ')}`);
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const apt = (...args) =>
      spawnSync('apt-get', args, { env: environment, stdio: ['ignore', 'ignore', 'inherit'] });
    apt('update', '-qq');
    apt('install', '-y', '-qq', '--no-install-recommends', ...packages);
  }
  const still = missingTools();
  if (still.length > 0) {
    console.log(`missing, so some suites are skipped: ${still.join(', ')}`);
    const debian = new Set(still.filter((tool) => !isNpm(tool)).map((tool) => PACKAGES[tool]));
    if (debian.size > 0) console.log(`install them with: apt-get install ${[...debian].join(' ')}`);
    if (process.env.CI) process.exit(1);
  }
}
