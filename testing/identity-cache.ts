/**
 * What takes long to make, made once for a user of a machine: an authority (three RSA-4096 keys), identities, the
 * servers' keys. It lies in the temporary folder and is for labs alone.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { type Authority, createAuthority, loadAuthority } from '../certs/authority.ts';
import { type Identity, loadIdentity, saveIdentity } from '../certs/identity.ts';
import { issueServer, type ServerCredentials } from '../certs/issue-server.ts';
import { serialInBatch } from '../certs/make-identity.ts';
import { manufacture } from '../certs/manufacture.ts';
import { writePrivate } from '../certs/private-file.ts';

/** Certificates of labs in virtual time, which begins in 2026, are valid from here on. */
const EPOCH_MS = Date.UTC(2026, 0, 1);
const LIFE_DAYS = 7300;
/** Serials are AH, this or a lab's own number, and the device's: the same on every machine. */
const BATCH = { ap: 100_000, switch: 200_000 } as const;
export type CachedKind = keyof typeof BATCH;

const folder = (): string => join(tmpdir(), `airherd-testing-2-${userInfo().uid}`);

let authority: Promise<Authority> | null = null;
const identities = new Map<string, Promise<Identity>>();
const servers = new Map<string, Promise<ServerCredentials>>();

/** The authority of all labs on this machine. */
export function labAuthority(): Promise<Authority> {
  authority ??= loadOrMake();
  return authority;
}

async function loadOrMake(): Promise<Authority> {
  const dir = join(folder(), 'ca');
  try {
    return await loadAuthority(dir);
  } catch {
    await mkdir(folder(), { recursive: true, mode: 0o700 });
    // Two processes may come first: one of them makes it, and it appears whole.
    await createAuthority(dir, { nowMs: EPOCH_MS }).catch(() => undefined);
    return loadAuthority(dir);
  }
}

/** Device number `index` of its kind; `days` other than the usual make one of its own, which is not kept. */
export async function labIdentity(kind: CachedKind, index: number, life?: { nowMs: number; days: number }) {
  const ca = await labAuthority();
  if (life !== undefined) return made(ca, kind, index, life);
  const key = `${kind}-${index}`;
  const known = identities.get(key);
  if (known !== undefined) return known;
  const dir = join(folder(), 'devices', serialInBatch(BATCH[kind] + index, 0));
  const loading = loadIdentity(dir)
    .then((identity) => (identity.trustPem[0] === ca.rootPem ? identity : Promise.reject(identity)))
    .catch(async () => {
      const identity = await made(ca, kind, index, { nowMs: EPOCH_MS, days: LIFE_DAYS });
      await saveIdentity(dir, identity).catch(() => undefined);
      return identity;
    });
  identities.set(key, loading);
  return loading;
}

async function made(ca: Authority, kind: CachedKind, index: number, life: { nowMs: number; days: number }) {
  const [identity] = await manufacture({
    kind,
    count: 1,
    authority: ca,
    batch: BATCH[kind] + index,
    ...life,
  });
  return identity;
}

/** In place of `issueServer`: the same names and kind of key get the same certificate. */
export const labServer: typeof issueServer = async (ca, request) => {
  const { names, ips = [], keyType = 'p256' } = request;
  const key = [keyType, ...names, ...ips].join(' ');
  const known = servers.get(key);
  if (known !== undefined) return known;
  const file = join(folder(), `server-${key.replace(/[^a-z0-9.]+/g, '-')}.json`);
  const loading = readFile(file, 'utf8')
    .then((text): ServerCredentials => JSON.parse(text))
    .then((kept) => (kept.trustPem[0] === ca.rootPem ? kept : Promise.reject(kept)))
    .catch(async () => {
      const issued = await issueServer(ca, { ...request, nowMs: EPOCH_MS, days: LIFE_DAYS });
      await writePrivate(file, JSON.stringify(issued)).catch(() => undefined);
      return issued;
    });
  servers.set(key, loading);
  return loading;
};
