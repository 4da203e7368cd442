import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSerial } from '../protocol/topics.ts';
import { type Authority, BACKDATE_MS } from './authority.ts';
import { fingerprint, parseCertificate, serialOf } from './certificate.ts';
import { parseRequest } from './certificate-request.ts';
import { subjectName } from './extensions.ts';
import type { Identity } from './identity.ts';
import { fromPem, toPem } from './pem.ts';
import { isMissing, writePrivate } from './private-file.ts';
import { signLeaf } from './sign.ts';

export type Renewal =
  | {
      ok: true;
      /** Leaf, then the issuing CA. */
      certificatePem: string;
      certificateSha256: Buffer;
      notBeforeMs: number;
      notAfterMs: number;
    }
  | { ok: false; detail: string };

/**
 * A new certificate for `serial` and the key in the request (PKCS#10 as DER), whatever else the request says.
 * Asking again with the same key gives the same certificate until it has expired: it is kept in the
 * authority's folder.
 */
export async function issueRenewal(
  authority: Authority,
  csrDer: Uint8Array,
  serial: string,
  nowMs: number,
  days: number,
): Promise<Renewal> {
  if (!isSerial(serial)) return { ok: false, detail: 'not a serial' };
  const request = parseRequest(Buffer.from(csrDer));
  if (!request.ok) return request;
  const folder = join(authority.dir, 'renewed');
  const keyHash = createHash('sha256').update(request.publicKey).digest('hex').slice(0, 32);
  const path = join(folder, `${serial}-${keyHash}.pem`);
  const before = await readIssued(path, authority, serial);
  if (before !== null && before.notAfterMs > nowMs) return before;
  const { devices } = authority;
  const der = signLeaf(devices, {
    subject: subjectName('devices', serial, serial),
    publicKey: request.publicKey,
    usage: 'clientAuth',
    notBeforeMs: nowMs - BACKDATE_MS,
    notAfterMs: nowMs + days * 86_400_000,
  });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writePrivate(path, toPem('CERTIFICATE', der));
  // read back, so that of two requests at once both answer with the one that stayed
  return (await readIssued(path, authority, serial)) ?? { ok: false, detail: `${path} cannot be read` };
}

type Issued = Extract<Renewal, { ok: true }>;

async function readIssued(path: string, authority: Authority, serial: string): Promise<Issued | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  const leaf = parseCertificate(fromPem('CERTIFICATE', text)[0] ?? Buffer.alloc(0));
  if (leaf === null || serialOf(leaf) !== serial) return null;
  return {
    ok: true,
    certificatePem: toPem('CERTIFICATE', leaf.der) + authority.devices.pem,
    certificateSha256: fingerprint(leaf.der),
    notBeforeMs: leaf.notBeforeMs,
    notAfterMs: leaf.notAfterMs,
  };
}

/** The identity with its new key and certificate; everything else stays. */
export function renewedIdentity(identity: Identity, privateKeyPem: string, renewal: Issued): Identity {
  const { certificatePem, certificateSha256, notBeforeMs, notAfterMs } = renewal;
  return { ...identity, privateKeyPem, certificatePem, certificateSha256, notBeforeMs, notAfterMs };
}
