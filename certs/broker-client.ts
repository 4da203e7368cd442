import { randomBytes } from 'node:crypto';
import { type Authority, BACKDATE_MS, COMMON_NAME } from './authority.ts';
import { extendedKeyUsage, publicKeyDer, subjectName } from './extensions.ts';
import { buildCa } from './forge-ca.ts';
import { newKey } from './new-key.ts';
import { toPem } from './pem.ts';
import { signLeaf } from './sign.ts';

/**
 * Certificate and key by which the cloud is a client of a broker that is not its own. A device certificate by form,
 * of a serial that no registry holds: it logs in nowhere else.
 */
export function issueBrokerClient(
  authority: Authority,
  name: string,
  nowMs: number,
  days: number,
): { certificatePem: string; privateKeyPem: string } {
  const key = newKey('p256');
  const der = signLeaf(authority.devices, {
    subject: subjectName('devices', name, name),
    publicKey: key.publicKey,
    usage: 'clientAuth',
    notBeforeMs: nowMs - BACKDATE_MS,
    notAfterMs: nowMs + days * 86_400_000,
  });
  return {
    certificatePem: toPem('CERTIFICATE', der) + authority.devices.pem,
    privateKeyPem: key.privateKeyPem,
  };
}

/**
 * Trust anchor for brokers that cannot read the device CA's own certificate: Go (NATS among others) refuses every
 * critical constraint on directory names. Same name and key, signed by itself, without that constraint; good for
 * judging clients and for nothing else. Whoever takes it trusts that the device CA signs devices only.
 */
export function brokerTrustPem({ devices }: Authority, nowMs: number): string {
  const publicKey = publicKeyDer(devices.key);
  return buildCa({
    commonName: COMMON_NAME.devices,
    issuerCommonName: COMMON_NAME.devices,
    publicKey,
    issuerPublicKey: publicKey,
    issuerKey: devices.key,
    pathLength: 0,
    extendedKeyUsage: extendedKeyUsage('clientAuth'),
    notBeforeMs: nowMs - BACKDATE_MS,
    notAfterMs: devices.notAfterMs,
    random: randomBytes(16),
  });
}
