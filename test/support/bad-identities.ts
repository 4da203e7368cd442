/** Identities that a cloud must refuse, each wrong in exactly one way, and entered in its registry as it is. */
import { generateKeyPairSync } from 'node:crypto';
import type { Authority } from '../../certs/authority.ts';
import { fingerprint, parseCertificate } from '../../certs/certificate.ts';
import { subjectName } from '../../certs/extensions.ts';
import type { Identity } from '../../certs/identity.ts';
import { fromPem, toPem } from '../../certs/pem.ts';
import { type LeafRequest, type SigningIssuer, signLeaf } from '../../certs/sign.ts';

/** `identity` with a certificate of its own key that differs in what `changes` says. */
export function recertified(
  authority: Authority,
  identity: Identity,
  changes: Partial<LeafRequest> & { issuer?: SigningIssuer } = {},
): Identity {
  const leaf = parseCertificate(fromPem('CERTIFICATE', identity.certificatePem)[0]);
  if (!leaf) throw new Error('no certificate');
  const { issuer = authority.devices, ...fields } = changes;
  const der = signLeaf(issuer, {
    subject: subjectName('devices', identity.serial, identity.serial),
    publicKey: leaf.publicKey,
    usage: 'clientAuth',
    notBeforeMs: leaf.notBeforeMs,
    notAfterMs: leaf.notAfterMs,
    ...fields,
  });
  return {
    ...identity,
    certificatePem: toPem('CERTIFICATE', der) + authority.devices.pem,
    certificateSha256: fingerprint(der),
  };
}

/** Has the issuing CA's name and key identifier, and another key. */
export const rogueIssuer = (authority: Authority): SigningIssuer => ({
  ...authority.devices,
  key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
});
