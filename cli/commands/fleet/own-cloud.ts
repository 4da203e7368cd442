/** `--with-cloud`: authority, identities, and a cloud that knows them, for whoever has none of these. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Authority } from '../../../certs/authority.ts';
import { type Identity, loadIdentity } from '../../../certs/identity.ts';
import { openRegistry } from '../../../cloud-stub/registry/registry.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import { nodeRandom } from '../../../platform/node/random.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { airherdHome, fleetHome, type Home } from '../../home.ts';
import { masterKeyFrom } from '../../master-key.ts';
import { enterOwn, makeOwn, ownAuthority, ownSerials } from '../../own-home.ts';
import { progressBar } from '../../progress-bar.ts';

export interface OwnCloud {
  /** mqtts://host:port */
  url: string;
  /** Folder of the identities that it knows. */
  identities: string;
  /** Where it says how its API is reached. */
  apiHome: string;
  stop(): Promise<void>;
}

/**
 * The cloud is a process of its own, as any target is, with empty stores. Identities are kept for the next run, so
 * that only missing ones are made. Throws fleet-cloud when it does not start.
 */
export async function startOwnCloud(devices: number, signal: AbortSignal): Promise<OwnCloud> {
  const home = fleetHome(airherdHome());
  const authority = await ownAuthority(home, (line) => console.error(line));
  await makeMissing(home, authority, devices, signal);
  await rm(home.cloud, { recursive: true, force: true });
  await register(home, devices);
  const child = spawn(
    process.execPath,
    [process.argv[1], 'cloud', 'run', '--port', '0', '--api-port', '0', '--log-level', 'error', '--json'],
    {
      env: { ...process.env, AIRHERD_HOME: home.root, AIRHERD_REGION: 'global' },
      // The channel tells it when this process is gone, however it ended.
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      // Ctrl-C in a terminal ends the run first, and the run ends the cloud.
      detached: true,
    },
  );
  return { url: await urlOf(child), identities: home.devices, apiHome: home.cloud, stop: () => end(child) };
}

async function makeMissing(
  home: Home,
  authority: Authority,
  devices: number,
  signal: AbortSignal,
): Promise<void> {
  const count = devices - (await ownSerials(home)).length;
  if (count <= 0) return;
  const bar = progressBar('identities');
  try {
    await makeOwn(home, authority, { kind: 'ap', count, signal }, bar.show);
  } finally {
    bar.clear();
  }
}

async function register(home: Home, devices: number): Promise<void> {
  const identities: Identity[] = [];
  // One by one: of ten thousand files, so many cannot be open at once.
  for (const serial of (await ownSerials(home)).slice(0, devices)) {
    identities.push(await loadIdentity(join(home.devices, serial)));
  }
  const registry = openRegistry(home.cloud, {
    random: nodeRandom,
    clock: nodeClock,
    masterKey: masterKeyFrom(),
    region: 'global',
  });
  try {
    await enterOwn(registry, identities, { org: 'Fleet', site: 'Load' });
  } finally {
    registry.close();
  }
}

async function urlOf(child: ChildProcess): Promise<string> {
  const lines = createInterface({ input: child.stdout! });
  const [line] = await Promise.race([once(lines, 'line'), once(child, 'close').then(() => [null])]);
  if (line === null)
    throw new AirherdError('fleet-cloud', { code: String(child.exitCode ?? child.signalCode) });
  const { host, devicePort } = JSON.parse(line);
  return `mqtts://${host}:${devicePort}`;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await closed;
}
