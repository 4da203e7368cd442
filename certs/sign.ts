import { type KeyObject, randomBytes, sign } from 'node:crypto';
import { OID } from './asn1/oids.ts';
import { bitString, element, explicit, integer, oid, sequence, TAG, time } from './asn1/write.ts';
import {
  type AltNames,
  authorityKeyIdentifier,
  certificateSerial,
  extendedKeyUsage,
  extension,
  keyIdentifier,
  keyUsage,
  notACa,
  subjectAltName,
  subjectKeyIdentifier,
} from './extensions.ts';

/** What an issuer signs with. */
export interface SigningIssuer {
  /** Its subject, as DER. */
  subject: Buffer;
  keyId: Buffer;
  notAfterMs: number;
  key: KeyObject;
}

export interface LeafRequest {
  /** Name as DER. */
  subject: Uint8Array;
  /** SubjectPublicKeyInfo as DER. */
  publicKey: Buffer;
  usage: 'clientAuth' | 'serverAuth';
  altNames?: AltNames;
  notBeforeMs: number;
  notAfterMs: number;
}

const SHA256_WITH_RSA = sequence(oid(OID.sha256WithRsa), element(TAG.null));

/** An end-entity certificate, as DER, signed with the issuer's RSA key and SHA-256. Ends with its issuer at the latest. */
export function signLeaf(issuer: SigningIssuer, request: LeafRequest): Buffer {
  const { altNames } = request;
  // RSA in TLS 1.2 may also encipher; ECDSA keys only sign (RFC 5480 3)
  const rsa = request.publicKey.length > 200;
  const extensions = [
    extension(OID.basicConstraints, true, notACa()),
    extension(
      OID.keyUsage,
      true,
      rsa ? keyUsage('digitalSignature', 'keyEncipherment') : keyUsage('digitalSignature'),
    ),
    extension(OID.extendedKeyUsage, true, extendedKeyUsage(request.usage)),
    extension(OID.subjectKeyIdentifier, false, subjectKeyIdentifier(keyIdentifier(request.publicKey))),
    extension(OID.authorityKeyIdentifier, false, authorityKeyIdentifier(issuer.keyId)),
    ...(altNames === undefined ? [] : [extension(OID.subjectAltName, false, subjectAltName(altNames))]),
  ];
  const tbs = sequence(
    explicit(0, integer(Buffer.from([2]))),
    certificateSerial(randomBytes(16)),
    SHA256_WITH_RSA,
    issuer.subject,
    sequence(time(request.notBeforeMs), time(Math.min(request.notAfterMs, issuer.notAfterMs))),
    request.subject,
    request.publicKey,
    explicit(3, sequence(...extensions)),
  );
  return sequence(tbs, SHA256_WITH_RSA, bitString(sign('sha256', tbs, issuer.key)));
}
