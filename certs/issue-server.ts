import { AirherdError } from '../protocol/errors.ts';
import { OID } from './asn1/oids.ts';
import { type Authority, BACKDATE_MS } from './authority.ts';
import { parseCertificate, readName } from './certificate.ts';
import { subjectName } from './extensions.ts';
import { readNameConstraints, refusedName } from './name-constraints.ts';
import { type KeyType, newKey } from './new-key.ts';
import { toPem } from './pem.ts';
import { signLeaf } from './sign.ts';

export interface ServerRequest {
  /** DNS names, at least one of names and ips. */
  names: readonly string[];
  ips?: readonly string[];
  days: number;
  keyType?: KeyType;
  nowMs: number;
}

export interface ServerCredentials {
  /** Leaf, then the issuing CA. */
  certificatePem: string;
  privateKeyPem: string;
  trustPem: string[];
  notAfterMs: number;
}

/** A server's key and certificate. Throws name-not-allowed for a name outside of the server CA's constraints. */
export async function issueServer(authority: Authority, request: ServerRequest): Promise<ServerCredentials> {
  const { names, ips = [], keyType = 'p256', nowMs } = request;
  const commonName = [...names, ...ips][0];
  if (commonName === undefined) throw new AirherdError('usage-invalid', { detail: 'a server needs a name' });
  const subject = subjectName('servers', commonName);
  const constraints = readNameConstraints(
    parseCertificate(authority.servers.der)?.extensions.get(OID.nameConstraints)?.value ?? Buffer.alloc(0),
  );
  const refused =
    constraints &&
    refusedName(
      { directory: readName(subject) ?? [], dns: [...names], ips: [...ips], otherForms: [] },
      constraints,
    );
  if (refused) throw new AirherdError('name-not-allowed', { name: refused });
  const key = newKey(keyType);
  const notAfterMs = Math.min(nowMs + request.days * 86_400_000, authority.servers.notAfterMs);
  const der = signLeaf(authority.servers, {
    subject,
    publicKey: key.publicKey,
    usage: 'serverAuth',
    altNames: { dns: names, ips },
    notBeforeMs: nowMs - BACKDATE_MS,
    notAfterMs,
  });
  return {
    certificatePem: toPem('CERTIFICATE', der) + authority.servers.pem,
    privateKeyPem: key.privateKeyPem,
    trustPem: [authority.rootPem],
    notAfterMs,
  };
}
