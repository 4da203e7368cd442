import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { AirherdError } from '../protocol/errors.ts';
import { FACTORY_KEY_LENGTH } from '../protocol/proof.ts';
import { isSerial } from '../protocol/topics.ts';
import { fingerprint, parseCertificate, serialOf } from './certificate.ts';
import { fromPem, toPem } from './pem.ts';
import { assertPrivate, isMissing, writePrivate } from './private-file.ts';

export type DeviceKind = 'ap' | 'switch';

/** What makes one device that device. Kept in a folder named by its serial, every file of mode 0600. */
export interface Identity {
  serial: string;
  kind: DeviceKind;
  model: string;
  /** aa:bb:cc:dd:ee:f0, locally administered; the device owns the sixteen addresses from here on. */
  mac: string;
  /** What its owner types in to claim it. */
  claimCode: string;
  /** Leaf, then the issuing CA. */
  certificatePem: string;
  /** PKCS#8. */
  privateKeyPem: string;
  /** 32 bytes; the cloud holds only keys derived from it. */
  factoryKey: Buffer;
  /** SHA-256 of the leaf's DER. */
  certificateSha256: Buffer;
  /** Roots to judge the cloud by. */
  trustPem: string[];
  notBeforeMs: number;
  notAfterMs: number;
}

/**
 * The files of an identity. Key and certificate share one, so that a renewal replaces both at once or neither.
 */
export const IDENTITY_FILES = {
  names: 'identity.json',
  credentials: 'device.pem',
  factoryKey: 'factory.key',
  trust: 'trust.pem',
} as const;

const Names = z.strictObject({
  version: z.literal(1),
  serial: z.string().refine(isSerial, 'is not a serial'),
  kind: z.enum(['ap', 'switch']),
  model: z.string().regex(/^[A-Z0-9-]{1,32}$/, 'is not a model name'),
  mac: z.string().regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/, 'is not a MAC address'),
  claimCode: z.string().regex(/^[A-Z0-9-]{8,24}$/, 'is not a claim code'),
});

/** The content of each file, by name. */
export function identityFiles(identity: Identity): [name: string, content: string][] {
  const { serial, kind, model, mac, claimCode } = identity;
  return [
    [
      IDENTITY_FILES.names,
      `${JSON.stringify({ version: 1, serial, kind, model, mac, claimCode }, null, 2)}\n`,
    ],
    [IDENTITY_FILES.factoryKey, `${identity.factoryKey.toString('hex')}\n`],
    [IDENTITY_FILES.trust, identity.trustPem.join('')],
    [IDENTITY_FILES.credentials, identity.privateKeyPem + identity.certificatePem],
  ];
}

/** Writes the identity into `dir` (made when missing). Replacing one changes key and certificate together. */
export async function saveIdentity(dir: string, identity: Identity): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  for (const [name, content] of identityFiles(identity)) await writePrivate(join(dir, name), content);
}

/** Reads and checks the identity in `dir`. Throws identity-missing, -exposed or -damaged. */
export async function loadIdentity(dir: string): Promise<Identity> {
  const folder = resolve(dir);
  const names = parseNames(join(folder, IDENTITY_FILES.names), await readPart(folder, IDENTITY_FILES.names));
  const factoryKey = parseFactoryKey(
    join(folder, IDENTITY_FILES.factoryKey),
    await readPart(folder, IDENTITY_FILES.factoryKey),
  );
  const trustPath = join(folder, IDENTITY_FILES.trust);
  const trust = fromPem('CERTIFICATE', await readPart(folder, IDENTITY_FILES.trust));
  if (trust.length === 0 || trust.some((der) => parseCertificate(der) === null)) {
    throw damaged(trustPath, 'holds no readable root certificate');
  }
  const credentials = parseCredentials(
    join(folder, IDENTITY_FILES.credentials),
    await readPart(folder, IDENTITY_FILES.credentials),
  );
  if (credentials.serial !== names.serial) {
    throw damaged(
      folder,
      `the certificate is of ${credentials.serial ?? 'no device'}, ${IDENTITY_FILES.names} of ${names.serial}`,
    );
  }
  if (basename(folder) !== names.serial) {
    throw damaged(folder, `the folder's name is not ${names.serial}, the serial of the identity in it`);
  }
  const { version: _, ...rest } = names;
  return {
    ...rest,
    ...credentials.parts,
    factoryKey,
    trustPem: trust.map((der) => toPem('CERTIFICATE', der)),
  };
}

const damaged = (path: string, detail: string) => new AirherdError('identity-damaged', { path, detail });

async function readPart(folder: string, file: string): Promise<string> {
  const path = join(folder, file);
  try {
    await stat(folder).then(() => assertPrivate(path));
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) throw new AirherdError('identity-missing', { path: folder, file });
    if (error instanceof AirherdError) throw error;
    throw damaged(path, error instanceof Error ? error.message : String(error));
  }
}

function parseNames(path: string, text: string): z.infer<typeof Names> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(path, 'is not JSON');
  }
  const parsed = Names.safeParse(value);
  if (parsed.success) return parsed.data;
  throw damaged(
    path,
    parsed.error.issues.map(({ path: at, message }) => `${at.join('.') || 'it'} ${message}`).join('; '),
  );
}

function parseFactoryKey(path: string, text: string): Buffer {
  if (!/^[0-9a-f]{64}\n$/.test(text)) {
    throw damaged(path, `does not hold ${FACTORY_KEY_LENGTH} bytes as hexadecimal`);
  }
  return Buffer.from(text.trim(), 'hex');
}

interface Credentials {
  serial: string | null;
  parts: Pick<
    Identity,
    'certificatePem' | 'privateKeyPem' | 'certificateSha256' | 'notBeforeMs' | 'notAfterMs'
  >;
}

function parseCredentials(path: string, text: string): Credentials {
  const chain = fromPem('CERTIFICATE', text);
  const [keyDer] = fromPem('PRIVATE KEY', text);
  if (keyDer === undefined) throw damaged(path, 'holds no complete private key');
  // the writer puts leaf and issuing CA; with fewer the cloud could not find the root
  if (chain.length < 2) throw damaged(path, 'the certificate chain is not complete');
  const parsed = chain.map((der) => parseCertificate(der));
  if (parsed.includes(null)) throw damaged(path, 'holds a certificate that cannot be read');
  const leaf = parsed[0]!;
  const privateKeyPem = toPem('PRIVATE KEY', keyDer);
  let key: KeyObject;
  try {
    key = createPrivateKey(privateKeyPem);
  } catch {
    throw damaged(path, 'the private key cannot be read');
  }
  if (!createPublicKey(key).export({ type: 'spki', format: 'der' }).equals(leaf.publicKey)) {
    throw damaged(path, 'the private key does not belong to the certificate');
  }
  return {
    serial: serialOf(leaf),
    parts: {
      certificatePem: chain.map((der) => toPem('CERTIFICATE', der)).join(''),
      privateKeyPem,
      certificateSha256: fingerprint(leaf.der),
      notBeforeMs: leaf.notBeforeMs,
      notAfterMs: leaf.notAfterMs,
    },
  };
}
