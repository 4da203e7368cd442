import { type Authority, BACKDATE_MS } from './authority.ts';
import { subjectName } from './extensions.ts';
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
