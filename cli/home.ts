import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Where airherd keeps its state: `$AIRHERD_HOME`, else the XDG data folder.
 * ca/ the manufacturing authority, devices/<serial>/ identities, cloud/ the stub's keys and stores.
 */
export interface Home {
  root: string;
  ca: string;
  devices: string;
  cloud: string;
}

export function airherdHome(environment: NodeJS.ProcessEnv = process.env): Home {
  const data = environment.XDG_DATA_HOME || join(homedir(), '.local', 'share');
  return homeAt(resolve(environment.AIRHERD_HOME || join(data, 'airherd')));
}

export const homeAt = (root: string): Home => ({
  root,
  ca: join(root, 'ca'),
  devices: join(root, 'devices'),
  cloud: join(root, 'cloud'),
});

/** The demo has an authority, devices and a cloud of its own, and so leaves the user's alone. */
export const demoHome = (home: Home): Home => homeAt(join(home.root, 'demo'));
