import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { isRegion, REGIONS, type RegionName } from '../cloud-stub/regions/regions.ts';
import { AirherdError } from '../protocol/errors.ts';

/**
 * Where airherd keeps its state: `$AIRHERD_HOME`, else the XDG data folder.
 * ca/ the manufacturing authority, firmware/ the key that signs firmware, devices/<serial>/ identities, cloud/ the stub's keys and stores; another region's
 * are in cloud-<region>/. `$AIRHERD_REGION` says which one a command is about.
 */
export interface Home {
  root: string;
  ca: string;
  firmware: string;
  devices: string;
  /** Of the region that the command is about. */
  cloud: string;
}

export function airherdHome(environment: NodeJS.ProcessEnv = process.env): Home {
  const data = environment.XDG_DATA_HOME || join(homedir(), '.local', 'share');
  const home = homeAt(resolve(environment.AIRHERD_HOME || join(data, 'airherd')));
  return { ...home, cloud: cloudOf(home.root, regionOf(environment)) };
}

/** @throws AirherdError usage-invalid */
export function regionOf(environment: NodeJS.ProcessEnv = process.env): RegionName {
  const name = environment.AIRHERD_REGION || 'global';
  if (isRegion(name)) return name;
  throw new AirherdError('usage-invalid', { detail: `AIRHERD_REGION: one of ${REGIONS.join(', ')}` });
}

export const cloudOf = (root: string, region: RegionName): string =>
  join(root, region === 'global' ? 'cloud' : `cloud-${region}`);

export const homeAt = (root: string): Home => ({
  root,
  ca: join(root, 'ca'),
  firmware: join(root, 'firmware'),
  devices: join(root, 'devices'),
  cloud: cloudOf(root, 'global'),
});

/** The demo has an authority, devices and a cloud of its own, and so leaves the user's alone. */
export const demoHome = (home: Home): Home => homeAt(join(home.root, 'demo'));

/** A fleet that brings its own cloud keeps authority and identities here, and the cloud of the last run. */
export const fleetHome = (home: Home): Home => homeAt(join(home.root, 'fleet'));
