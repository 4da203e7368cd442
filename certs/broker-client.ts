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
 * Trust anchors for brokers whose TLS cannot read our issuing CAs' own certificates: Go (NATS among others) refuses
 * every critical constraint on directory names, Erlang (RabbitMQ's HTTP client) stumbles over them. Same name and key,
 * signed by itself, without constraints; `devices` judges clients, `servers` the cloud's own endpoints. Whoever takes
 * one trusts that this CA signs what it is for, and nothing else.
 */
export function brokerTrustPem(authority: Authority, role: 'devices' | 'servers', nowMs: number): string {
  const issuer = authority[role];
  const publicKey = publicKeyDer(issuer.key);
  return buildCa({
    commonName: COMMON_NAME[role],
    issuerCommonName: COMMON_NAME[role],
    publicKey,
    issuerPublicKey: publicKey,
    issuerKey: issuer.key,
    pathLength: 0,
    extendedKeyUsage: extendedKeyUsage(role === 'devices' ? 'clientAuth' : 'serverAuth'),
    notBeforeMs: nowMs - BACKDATE_MS,
    notAfterMs: issuer.notAfterMs,
    random: randomBytes(16),
  });
}
