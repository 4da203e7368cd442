/**
 * The manifest of a firmware image, in the terms of SUIT (RFC 9019, RFC 9124), as JSON. What is signed is its bytes as
 * they stand: ECDSA P-256 over SHA-256, DER, as `openssl dgst -sha256 -sign` makes it.
 */
import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { AirherdError } from '../errors.ts';
import { firmwareVersion } from './version.ts';

export const MOST_MANIFEST_BYTES = 4096;
/** Of the payload, as it is downloaded. */
export const MOST_PAYLOAD_BYTES = 32 * 1024 * 1024;
/** DER of an ECDSA P-256 signature. */
export const MOST_SIGNATURE_BYTES = 72;

const manifestSchema = z.strictObject({
  manifestVersion: z.literal(1),
  /** Of all images of these classes; a device takes none below the highest that it has committed. */
  sequenceNumber: z.number().int().min(1).max(0xffff_ffff),
  vendor: z.string().min(1).max(64),
  /** Models that the payload is for. */
  classes: z
    .array(z.string().regex(/^[A-Z0-9-]{1,32}$/, 'must be a model'))
    .min(1)
    .max(64),
  version: firmwareVersion,
  /** The version that has to run, or a newer one. */
  minVersion: firmwareVersion.optional(),
  payload: z.strictObject({
    format: z.literal('tar+gzip'),
    size: z.number().int().min(1).max(MOST_PAYLOAD_BYTES),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits'),
  }),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** As it is signed and sent. */
export interface SignedManifest {
  manifest: Uint8Array;
  signature: Uint8Array;
}

export const manifestBytes = (manifest: Manifest): Buffer =>
  Buffer.from(`${JSON.stringify(manifestSchema.parse(manifest), null, 2)}\n`);

/** Says nothing about who wrote it. */
export function readManifest(
  bytes: Uint8Array,
): { ok: true; manifest: Manifest } | { ok: false; detail: string } {
  if (bytes.length > MOST_MANIFEST_BYTES) {
    return { ok: false, detail: `the manifest has more than ${MOST_MANIFEST_BYTES} bytes` };
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return { ok: false, detail: 'the manifest is not JSON' };
  }
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return { ok: true, manifest: parsed.data };
  const [{ path, message }] = parsed.error.issues;
  return { ok: false, detail: `the manifest's ${path.join('.') || 'form'}: ${message}` };
}

const isP256 = ({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean =>
  asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1';

/** @throws TypeError for a key of another kind than ECDSA P-256 */
export function signManifest(manifest: Uint8Array, privateKey: KeyObject): Buffer {
  if (!isP256(privateKey)) throw new TypeError('a firmware key is ECDSA P-256');
  return sign('sha256', manifest, privateKey);
}

/** Public keys of ECDSA P-256, SPKI in PEM; anything else in the text is left out. */
export function firmwareKeys(pem: string): KeyObject[] {
  const blocks = pem.match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g) ?? [];
  return blocks.flatMap((block) => {
    try {
      const key = createPublicKey(block);
      return isP256(key) ? [key] : [];
    } catch {
      return [];
    }
  });
}

/** The manifest, if one of the keys has signed it. Throws firmware-signature. */
export function openManifest(
  { manifest: bytes, signature }: SignedManifest,
  keys: readonly KeyObject[],
  version: string,
): Manifest {
  const refuse = (detail: string) => new AirherdError('firmware-signature', { version, detail });
  if (signature.length === 0) throw refuse('it has no signature');
  if (keys.length === 0) throw refuse('no firmware key is trusted here');
  // Nothing of it is looked at before somebody who is trusted has signed it.
  if (!keys.some((key) => verify('sha256', bytes, key, signature))) {
    throw refuse('its signature is of none of the keys that are trusted here');
  }
  const read = readManifest(bytes);
  if (!read.ok) throw refuse(read.detail);
  return read.manifest;
}
