/**
 * Installs what the suites with real peers need (tshark, lldpd, mosquitto, ...), where it can: as root, with
 * apt. Elsewhere it says what is missing; the suites concerned are then skipped, and say so.
 */
import { spawnSync } from 'node:child_process';
import { missingTools, PACKAGES } from './tools.mjs';

const missing = missingTools();
if (missing.length > 0) {
  const packages = [...new Set(missing.map((tool) => PACKAGES[tool]))];
  const canInstall = process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0;
  if (canInstall) {
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
    console.log(
      `install them with: apt-get install ${[...new Set(still.map((tool) => PACKAGES[tool]))].join(' ')}`,
    );
    if (process.env.CI) process.exit(1);
  }
}
