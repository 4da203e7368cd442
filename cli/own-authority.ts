import { join } from 'node:path';
import { type Authority, createAuthority, loadAuthority } from '../certs/authority.ts';
import { exists } from '../certs/private-file.ts';
import { nodeClock } from '../platform/node/clock.ts';
import type { Home } from './home.ts';

/** The authority of a home that a command keeps for itself, made on its first run. */
export async function ownAuthority(home: Home, say: (line: string) => void): Promise<Authority> {
  if (await exists(join(home.ca, 'root.pem'))) return loadAuthority(home.ca);
  say('making a manufacturing authority (three RSA-4096 keys, once; some seconds) ...');
  return createAuthority(home.ca, { nowMs: nodeClock.wallMs() });
}
