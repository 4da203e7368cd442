import { createPrivateKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { isSerial } from '../protocol/topics.ts';
import { fingerprint, type ParsedCertificate, parseCertificate, serialOf } from './certificate.ts';
import { publicKeyDer } from './extensions.ts';
import { FACTORY_KEY_LABEL, HEAD, type Identity, OUTBOX_KEY_LABEL } from './identity-text.ts';
import { fromPem, toPem } from './pem.ts';

const Names = z.strictObject({
  serial: z.string().refine(isSerial, 'is not a serial'),
  kind: z.enum(['ap', 'switch']),
  model: z.string().regex(/^[A-Z0-9-]{1,32}$/, 'is not a model name'),
  mac: z.string().regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/, 'is not a MAC address'),
  'claim-code': z.string().regex(/^[A-Z0-9-]{8,24}$/, 'is not a claim code'),
  'key-generation': z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'is not a key generation')
    .default('1'),
});

export type ParsedIdentity =
  | { ok: true; identity: Identity; certificateSerial: string | null }
  | { ok: false; detail: string };

const damaged = (detail: string): ParsedIdentity => ({ ok: false, detail });

/** Everything there, readable, and key and certificate belonging together; else what is wrong. */
export function parseIdentity(text: string): ParsedIdentity {
  const names = readNames(text);
  if (typeof names === 'string') return damaged(names);
  const [factoryKey] = fromPem(FACTORY_KEY_LABEL, text);
  if (factoryKey?.length !== 32) return damaged('it does not hold a factory key of 32 bytes');
  const outboxKeys = fromPem(OUTBOX_KEY_LABEL, text);
  if (outboxKeys.some((bytes) => bytes.length !== 36)) {
    return damaged('it holds an outbox key that is not of 32 bytes');
  }
  const [keyDer] = fromPem('PRIVATE KEY', text);
  const key = keyDer === undefined ? null : readPrivateKey(keyDer);
  if (key === null) return damaged('it holds no complete private key');
  const certificates = fromPem('CERTIFICATE', text).map(parseCertificate);
  if (certificates.includes(null)) return damaged('it holds a certificate that cannot be read');
  const known = certificates.filter((certificate) => certificate !== null);
  const roots = known.filter(({ issuer, subject }) => issuer.equals(subject));
  const [leaf, ...issuing] = known.filter((certificate) => !roots.includes(certificate));
  if (leaf === undefined || issuing.length === 0) return damaged('its certificate chain is not complete');
  if (roots.length === 0) return damaged('the root certificate is missing');
  if (!publicKeyDer(key).equals(leaf.publicKey)) {
    return damaged('the private key does not belong to the certificate');
  }
  const { 'claim-code': claimCode, 'key-generation': keyGeneration, ...rest } = names;
  const identity = {
    ...rest,
    claimCode,
    certificatePem: [leaf, ...issuing].map(pem).join(''),
    privateKeyPem: toPem('PRIVATE KEY', keyDer),
    factoryKey,
    keyGeneration: Number(keyGeneration),
    olderOutboxKeys: outboxKeys.map((bytes) => ({
      generation: bytes.readUInt32BE(),
      key: bytes.subarray(4),
    })),
    certificateSha256: fingerprint(leaf.der),
    trustPem: roots.map(pem),
    notBeforeMs: leaf.notBeforeMs,
    notAfterMs: leaf.notAfterMs,
  };
  return { ok: true, identity, certificateSerial: serialOf(leaf) };
}

const pem = ({ der }: ParsedCertificate): string => toPem('CERTIFICATE', der);

function readPrivateKey(der: Buffer): KeyObject | null {
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } catch {
    return null;
  }
}

/** The named values, or what is wrong with them. */
function readNames(text: string): z.infer<typeof Names> | string {
  const [head, ...lines] = text.slice(0, Math.max(0, text.indexOf('-----BEGIN'))).split('\n');
  if (head !== HEAD) return `it does not begin with "${HEAD}"`;
  const pairs = lines.slice(0, -1).map((line) => line.split(': '));
  if (pairs.some((pair) => pair.length !== 2)) return 'a line before the keys is not "name: value"';
  const parsed = Names.safeParse(Object.fromEntries(pairs));
  if (parsed.success) return parsed.data;
  return parsed.error.issues
    .map(({ path, message }) => `${path.join('.') || 'its head'}: ${message}`)
    .join('; ');
}
