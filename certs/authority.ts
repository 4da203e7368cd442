import { createPrivateKey, generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { AirherdError } from '../protocol/errors.ts';
import { OID } from './asn1/oids.ts';
import { parseCertificate } from './certificate.ts';
import { branchName, extendedKeyUsage, keyIdentifier, nameConstraints, publicKeyDer } from './extensions.ts';
import { buildCa } from './forge-ca.ts';
import { readNameConstraints } from './name-constraints.ts';
import { fromPem } from './pem.ts';
import { assertPrivate, exists, isMissing, writePrivate } from './private-file.ts';
import { type AllowedNames, PRIVATE_NAMES, sortNames } from './server-names.ts';
import type { SigningIssuer } from './sign.ts';

const DAY_MS = 86_400_000;
/** Folders under construction. */
const BUILDING = '.new-';
const ROOT_DAYS = 25 * 365;
const ISSUING_DAYS = 20 * 365;
/** The clocks of those who check may be a little behind ours. */
export const BACKDATE_MS = 5 * 60_000;

export interface Issuer extends SigningIssuer {
  pem: string;
  der: Buffer;
}

/**
 * The manufacturing authority: a root, and below it one issuing CA for devices (clientAuth, subjects under
 * O=airherd OU=devices, no DNS name and no IP address at all) and one for servers (serverAuth, the allowed
 * domains and networks only). All three keys are RSA 4096. The root's key is needed only to allow more names:
 * it may be kept elsewhere.
 */
export interface Authority {
  dir: string;
  rootPem: string;
  rootDer: Buffer;
  devices: Issuer;
  servers: Issuer;
}

export interface AuthorityOptions {
  /** Wall time, milliseconds since the epoch. */
  nowMs: number;
  /** DNS suffixes, IP addresses and networks that servers may have beside the private ones. */
  allow?: readonly string[];
}

/** Common names; the organisation is airherd. */
export const COMMON_NAME = {
  root: 'airherd manufacturing root',
  devices: 'airherd device issuing CA',
  servers: 'airherd server issuing CA',
} as const;
type Role = keyof typeof COMMON_NAME;

const certificateFile = (dir: string, role: Role) => join(dir, `${role}.pem`);
const keyFile = (dir: string, role: Role) => join(dir, `${role}-key.pem`);
const keyPem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

/**
 * Makes the three keys (seconds: RSA 4096) and certificates; the folder appears complete or not at all.
 * Throws ca-exists when there is one already: an authority is never overwritten.
 */
export async function createAuthority(dir: string, options: AuthorityOptions): Promise<Authority> {
  const there = await readdir(dir).catch(() => []);
  if (there.length > 0) throw new AirherdError('ca-exists', { path: dir });
  const allowed = sortNames([...PRIVATE_NAMES, ...(options.allow ?? [])]);
  const generate = () => promisify(generateKeyPair)('rsa', { modulusLength: 4096 });
  const [root, devices, servers] = await Promise.all([generate(), generate(), generate()]);
  await mkdir(dirname(dir), { recursive: true, mode: 0o700 });
  const building = await mkdtemp(`${dir}${BUILDING}`);
  try {
    await removeAbandoned(dir, building);
    const files: [string, string][] = [
      [keyFile(building, 'root'), keyPem(root.privateKey)],
      [keyFile(building, 'devices'), keyPem(devices.privateKey)],
      [keyFile(building, 'servers'), keyPem(servers.privateKey)],
      [certificateFile(building, 'root'), rootCa(root.privateKey, options.nowMs)],
      [certificateFile(building, 'devices'), devicesCa(devices.privateKey, root.privateKey, options.nowMs)],
      [
        certificateFile(building, 'servers'),
        serversCa(servers.privateKey, root.privateKey, allowed, options.nowMs),
      ],
    ];
    for (const [path, content] of files) await writePrivate(path, content);
    await rename(building, dir);
  } catch (error) {
    await rm(building, { recursive: true });
    // somebody was faster: a folder that is not empty cannot be renamed to
    const full = error instanceof Error && 'code' in error && /ENOTEMPTY|EEXIST/.test(String(error.code));
    throw full ? new AirherdError('ca-exists', { path: dir }) : error;
  }
  return loadAuthority(dir);
}

/** Far longer than it takes to write the files: whoever made the folder was killed. */
const ABANDONED_MS = 60_000;

/** Keys that a killed run left beside `building` are nobody's. Judged by the clock of the files. */
async function removeAbandoned(dir: string, building: string): Promise<void> {
  const parent = dirname(dir);
  const { mtimeMs: nowMs } = await stat(building);
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    if (!path.startsWith(`${dir}${BUILDING}`) || path === building) continue;
    const madeMs = (await stat(path).catch(() => null))?.mtimeMs ?? nowMs;
    if (nowMs - madeMs > ABANDONED_MS) await rm(path, { recursive: true, force: true });
  }
}

/** Throws ca-missing, identity-exposed or identity-damaged. */
export async function loadAuthority(dir: string): Promise<Authority> {
  const rootPem = await readCaFile(dir, certificateFile(dir, 'root'));
  const root = issuerFrom(certificateFile(dir, 'root'), rootPem);
  if (await exists(keyFile(dir, 'root'))) await assertPrivate(keyFile(dir, 'root'));
  const load = async (role: 'devices' | 'servers'): Promise<Issuer> => {
    const path = certificateFile(dir, role);
    const pem = await readCaFile(dir, path);
    await assertPrivate(keyFile(dir, role));
    const key = privateKey(keyFile(dir, role), await readCaFile(dir, keyFile(dir, role)));
    const certificate = issuerFrom(path, pem);
    if (!keyIdentifier(publicKeyDer(key)).equals(certificate.keyId)) {
      throw new AirherdError('identity-damaged', {
        path,
        detail: 'certificate and key do not belong together',
      });
    }
    return { ...certificate, key };
  };
  return {
    dir,
    rootPem,
    rootDer: root.der,
    devices: await load('devices'),
    servers: await load('servers'),
  };
}

/** Lets servers have more names: the server CA's certificate is made anew, with the same key. */
export async function allowNames(
  authority: Authority,
  names: readonly string[],
  nowMs: number,
): Promise<Authority> {
  const { dir } = authority;
  const before = allowedNames(authority);
  const rootKey = privateKey(keyFile(dir, 'root'), await readCaFile(dir, keyFile(dir, 'root')));
  const allowed = sortNames([...before.domains, ...before.subnets, ...names]);
  await writePrivate(
    certificateFile(dir, 'servers'),
    serversCa(authority.servers.key, rootKey, allowed, nowMs),
  );
  return loadAuthority(dir);
}

/** What servers may be called now: read from the server CA's certificate. */
export function allowedNames(authority: Authority): AllowedNames {
  const extensions = parseCertificate(authority.servers.der)?.extensions;
  const constraints = readNameConstraints(extensions?.get(OID.nameConstraints)?.value ?? Buffer.alloc(0));
  return { domains: constraints?.permitted.dns ?? [], subnets: constraints?.permitted.subnets ?? [] };
}

async function readCaFile(dir: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) throw new AirherdError('ca-missing', { path: dir });
    throw error;
  }
}

function privateKey(path: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new AirherdError('identity-damaged', { path, detail: 'not a private key' });
  }
}

function issuerFrom(path: string, pem: string): Omit<Issuer, 'key'> {
  const [der] = fromPem('CERTIFICATE', pem);
  const certificate = der === undefined ? null : parseCertificate(der);
  if (certificate === null) throw new AirherdError('identity-damaged', { path, detail: 'not a certificate' });
  return {
    pem,
    der: certificate.der,
    subject: certificate.subject,
    keyId: keyIdentifier(certificate.publicKey),
    notAfterMs: certificate.notAfterMs,
  };
}

interface CaShape {
  role: Role;
  pathLength: number;
  days: number;
  nameConstraints?: Buffer;
  extendedKeyUsage?: Buffer;
}

function ca(shape: CaShape, key: KeyObject, issuerKey: KeyObject, nowMs: number): string {
  return buildCa({
    ...shape,
    commonName: COMMON_NAME[shape.role],
    issuerCommonName: COMMON_NAME.root,
    publicKey: publicKeyDer(key),
    issuerPublicKey: publicKeyDer(issuerKey),
    issuerKey,
    notBeforeMs: nowMs - BACKDATE_MS,
    notAfterMs: nowMs + shape.days * DAY_MS,
    random: randomBytes(16),
  });
}

const rootCa = (key: KeyObject, nowMs: number): string =>
  ca({ role: 'root', pathLength: 1, days: ROOT_DAYS }, key, key, nowMs);

const devicesCa = (key: KeyObject, rootKey: KeyObject, nowMs: number): string =>
  ca(
    {
      role: 'devices',
      pathLength: 0,
      days: ISSUING_DAYS,
      extendedKeyUsage: extendedKeyUsage('clientAuth'),
      // an empty DNS name and both whole address spaces: no name of these forms can pass
      nameConstraints: nameConstraints(
        { directory: branchName('devices') },
        { dns: [''], ips: ['0.0.0.0/0', '::/0'] },
      ),
    },
    key,
    rootKey,
    nowMs,
  );

const serversCa = (key: KeyObject, rootKey: KeyObject, allowed: AllowedNames, nowMs: number): string =>
  ca(
    {
      role: 'servers',
      pathLength: 0,
      days: ISSUING_DAYS,
      extendedKeyUsage: extendedKeyUsage('serverAuth'),
      nameConstraints: nameConstraints(
        { directory: branchName('servers'), dns: allowed.domains, ips: allowed.subnets },
        {},
      ),
    },
    key,
    rootKey,
    nowMs,
  );
