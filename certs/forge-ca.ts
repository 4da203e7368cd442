/**
 * CA certificates, built with node-forge. It is RSA only and signs in JavaScript (seconds for 4096 bits), so
 * the signature itself is made by native crypto.
 */
import { type KeyObject, sign } from 'node:crypto';
import forge from 'node-forge';
import { OID } from './asn1/oids.ts';
import {
  authorityKeyIdentifier,
  certificateSerial,
  keyIdentifier,
  keyUsage,
  subjectKeyIdentifier,
} from './extensions.ts';
import { toPem } from './pem.ts';

export interface CaRequest {
  commonName: string;
  issuerCommonName: string;
  /** SubjectPublicKeyInfo of the subject and of the issuer, as DER. */
  publicKey: Buffer;
  issuerPublicKey: Buffer;
  issuerKey: KeyObject;
  /** How many CAs may follow below this one (RFC 5280 4.2.1.9). */
  pathLength: number;
  /** Contents of NameConstraints and ExtendedKeyUsage, as DER. */
  nameConstraints?: Buffer;
  extendedKeyUsage?: Buffer;
  notBeforeMs: number;
  notAfterMs: number;
  random: Buffer;
}

const binary = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

const name = (commonName: string): forge.pki.CertificateField[] =>
  (
    [
      ['organizationName', 'airherd'],
      ['commonName', commonName],
    ] as const
  ).map(([field, value]) => ({
    name: field,
    value,
    valueTagClass: forge.asn1.Type.UTF8 as unknown as forge.asn1.Class, // mistyped in @types/node-forge
  }));

/** The certificate as PEM. */
export function buildCa(request: CaRequest): string {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(toPem('PUBLIC KEY', request.publicKey));
  // forge wants the INTEGER's contents in hexadecimal
  certificate.serialNumber = certificateSerial(request.random).subarray(2).toString('hex');
  certificate.validity.notBefore = new Date(request.notBeforeMs);
  certificate.validity.notAfter = new Date(request.notAfterMs);
  certificate.setSubject(name(request.commonName));
  certificate.setIssuer(name(request.issuerCommonName));
  const raw = (id: string, critical: boolean, value: Uint8Array | undefined) =>
    value === undefined ? [] : [{ id, critical, value: binary(value) }];
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: request.pathLength },
    ...raw(OID.keyUsage, true, keyUsage('certAndCrlSign')),
    ...raw(OID.extendedKeyUsage, true, request.extendedKeyUsage),
    ...raw(OID.nameConstraints, true, request.nameConstraints),
    ...raw(OID.subjectKeyIdentifier, false, subjectKeyIdentifier(keyIdentifier(request.publicKey))),
    ...raw(OID.authorityKeyIdentifier, false, authorityKeyIdentifier(keyIdentifier(request.issuerPublicKey))),
  ]);
  certificate.sign(...nativeSigner(request.issuerKey));
  return forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n');
}

/** What forge takes for a private key and a digest: the digest only collects, the key signs natively. */
function nativeSigner(key: KeyObject): Parameters<forge.pki.Certificate['sign']> {
  let tbs = '';
  const digest = {
    algorithm: 'sha256',
    update: (bytes: string) => {
      tbs += bytes;
    },
  };
  const signer = { sign: () => binary(sign('sha256', Buffer.from(tbs, 'latin1'), key)) };
  // forge's types name its own classes; of them it calls no more than these members
  return [signer, digest] as unknown as Parameters<forge.pki.Certificate['sign']>;
}
