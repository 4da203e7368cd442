import { spawnSync } from 'node:child_process';
import { access, chmod, cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { loadIdentity } from '../../../certs/identity.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { FIRST_SETTINGS, unitName, unitText } from './unit.ts';

const STATE = '/var/lib/airherd';
const SETTINGS = '/etc/airherd/agent.yaml';
const UNITS = '/etc/systemd/system';
const USERS = '/etc/sysusers.d/airherd.conf';

interface InstallOptions {
  identity: string;
  config: string;
  user: string;
  root: string;
  print?: boolean;
}

/** `airherd agent install`: the agent as a service of systemd. */
export function agentInstall(group: Command): void {
  group
    .command('install')
    .description('make a hardened systemd service of one device')
    .requiredOption('--identity <dir>', 'folder that airherd device create made; it is copied')
    .option('--config <file>', 'settings of the service; written with comments where there is none', SETTINGS)
    .option('--user <name>', 'whom it runs as', 'airherd')
    .option('--root <dir>', 'of an image, instead of this machine', '/')
    .option('--print', 'print the unit, and change nothing')
    .action(install);
}

/** `airherd agent uninstall SERIAL` */
export function agentUninstall(group: Command): void {
  group
    .command('uninstall <serial>')
    .description('stop the service of a device and remove it; its identity and settings stay unless --purge')
    .option('--purge', 'remove its identity and what waits for the cloud too')
    .option('--root <dir>', 'of an image, instead of this machine', '/')
    .action(uninstall);
}

async function install(options: InstallOptions): Promise<void> {
  const { serial } = await loadIdentity(resolve(options.identity));
  const identity = join(STATE, 'devices', serial);
  const { config, user, root } = options;
  const unit = unitText({
    serial,
    node: process.execPath,
    main: resolve(process.argv[1]),
    identity,
    config,
    user,
    group: primaryGroup(user),
  });
  if (options.print) {
    process.stdout.write(unit);
    return;
  }
  const at = (path: string) => join(root, path);
  try {
    await write(at(USERS), `u ${user} - "airherd agent" ${STATE}\n`, 0o644);
    const settingsAreThere = await access(at(config)).then(
      () => true,
      () => false,
    );
    if (!settingsAreThere) await write(at(config), FIRST_SETTINGS, 0o644);
    await mkdir(at(join(STATE, 'devices')), { recursive: true, mode: 0o700 });
    await cp(resolve(options.identity), at(identity), { recursive: true });
    await chmod(at(identity), 0o700);
    for (const entry of await readdir(at(identity), { withFileTypes: true })) {
      if (entry.isFile()) await chmod(join(at(identity), entry.name), 0o600);
    }
    await write(at(join(UNITS, unitName(serial))), unit, 0o644);
  } catch (error) {
    throw refused(root, error);
  }
  if (root === '/') {
    systemd('systemd-sysusers', USERS);
    systemd('chown', '-R', `${user}:`, STATE);
    systemd('systemctl', 'daemon-reload');
    systemd('systemctl', 'enable', '--now', unitName(serial));
  }
  console.log(
    `${unitName(serial)} is installed; settings: ${config}; log: journalctl -u ${unitName(serial)}`,
  );
}

async function uninstall(serial: string, { root, purge }: { root: string; purge?: boolean }): Promise<void> {
  if (!/^[A-Z0-9]{4,32}$/.test(serial)) throw new AirherdError('device-unknown', { serial });
  const unit = join(root, UNITS, unitName(serial));
  try {
    await access(unit);
  } catch {
    throw new AirherdError('usage-invalid', { detail: `no service of ${serial} is installed` });
  }
  if (root === '/') systemd('systemctl', 'disable', '--now', unitName(serial));
  try {
    await rm(unit);
    if (purge) await rm(join(root, STATE, 'devices', serial), { recursive: true, force: true });
  } catch (error) {
    throw refused(root, error);
  }
  if (root === '/') systemd('systemctl', 'daemon-reload');
  console.log(`${unitName(serial)} is removed`);
}

/** A user that systemd-sysusers is still to make has a group of its name. */
function primaryGroup(user: string): string {
  const { status, stdout } = spawnSync('id', ['-gn', user], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : user;
}

async function write(path: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text, { mode });
}

function refused(root: string, error: unknown): AirherdError {
  const detail = error instanceof Error ? error.message : String(error);
  const advice = /EACCES|EPERM|EROFS/.test(detail) ? '; run it as root' : '';
  return new AirherdError('output-failed', { path: root, detail: `${detail}${advice}` });
}

/** Throws output-failed with what the program said. */
function systemd(program: string, ...words: string[]): void {
  const { status, error, stderr } = spawnSync(program, words, { encoding: 'utf8' });
  if (status === 0) return;
  const detail = (error?.message ?? stderr.trim().split('\n')[0]) || `exit ${status}`;
  throw new AirherdError('output-failed', { path: `${program} ${words.join(' ')}`, detail });
}
