import { createPrivateKey } from 'node:crypto';
import { join } from 'node:path';
import type { Command } from 'commander';
import { loadAuthority } from '../../../certs/authority.ts';
import { loadIdentity, saveIdentity } from '../../../certs/identity.ts';
import { DEFAULT_DAYS } from '../../../certs/manufacture.ts';
import { newKey } from '../../../certs/new-key.ts';
import { certificateRequest, issueRenewal, renewedIdentity } from '../../../certs/renew.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { airherdHome } from '../../home.ts';
import { withRegistry } from '../../local-registry.ts';
import { upTo } from '../../whole-number.ts';

/** `airherd device renew SERIAL`: a new key and certificate for an identity that this machine holds. */
export function deviceRenew(group: Command): void {
  group
    .command('renew <serial>')
    .description(
      'give an identity of this machine a new key and certificate; the old ones hold until it logs in',
    )
    .option('--days <n>', 'how long the certificate is valid', upTo(36_500), DEFAULT_DAYS)
    .option('--json', 'print JSON')
    .action(renew);
}

async function renew(serial: string, { days, json }: { days: number; json?: boolean }): Promise<void> {
  const home = airherdHome();
  const folder = join(home.devices, serial);
  const identity = await loadIdentity(folder);
  const authority = await loadAuthority(home.ca);
  const isRsa = createPrivateKey(identity.privateKeyPem).asymmetricKeyType === 'rsa';
  const { privateKeyPem } = newKey(isRsa ? 'rsa2048' : 'p256');
  const issued = await withRegistry(async (registry) => {
    const device = registry.find(serial);
    if (device === null) throw new AirherdError('device-unknown', { serial });
    if (device.revokedMs !== null) throw new AirherdError('device-revoked', { serial });
    const request = certificateRequest(privateKeyPem, serial);
    const renewal = await issueRenewal(authority, request, serial, nodeClock.wallMs(), days);
    if (!renewal.ok) throw new AirherdError('renewal-refused', { serial, detail: renewal.detail });
    // the registry first: the device must not have a certificate that the cloud does not know
    registry.addCertificate(serial, renewal.certificateSha256, renewal.notAfterMs);
    await saveIdentity(folder, renewedIdentity(identity, privateKeyPem, renewal));
    return renewal;
  });
  const notAfter = new Date(issued.notAfterMs).toISOString();
  if (json) console.log(JSON.stringify({ serial, notAfter }, null, 2));
  else console.log(`${serial} has a new key; its certificate is valid until ${notAfter.slice(0, 10)}`);
}
