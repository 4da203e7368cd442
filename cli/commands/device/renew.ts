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
import { airherdHome, type Home } from '../../home.ts';
import { withRegistry } from '../../local-registry.ts';
import { upTo } from '../../whole-number.ts';
import { overConnection } from './over-connection.ts';

interface RenewOptions {
  days: number;
  local?: boolean;
  json?: boolean;
}

/** `airherd device renew SERIAL`: a new key and certificate. */
export function deviceRenew(group: Command): void {
  group
    .command('renew <serial>')
    .description(
      'give a device a new key and certificate; the old ones hold until it has logged in with them',
    )
    .option('--days <n>', 'how long the certificate is valid', upTo(36_500), DEFAULT_DAYS)
    .option('--local', 'renew the identity of this machine, also when the device is connected')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
A device that is connected to the cloud of this machine makes the key itself and keeps it; otherwise the
identity in $AIRHERD_HOME/devices is renewed.

  airherd device renew AH931448000000 --days 365`,
    )
    .action(renew);
}

async function renew(serial: string, { days, local, json }: RenewOptions): Promise<void> {
  const home = airherdHome();
  const online = local ? null : await overConnection<{ notAfterMs: number }>(serial, 'renew', { days });
  const { notAfterMs } = online ?? (await renewHere(home, serial, days));
  const notAfter = new Date(notAfterMs).toISOString();
  const how = online ? 'over its connection' : 'on this machine';
  if (json) console.log(JSON.stringify({ serial, notAfter, overConnection: online !== null }, null, 2));
  else
    console.log(
      `${serial} has a new key, made ${how}; its certificate is valid until ${notAfter.slice(0, 10)}`,
    );
}

async function renewHere(home: Home, serial: string, days: number): Promise<{ notAfterMs: number }> {
  const folder = join(home.devices, serial);
  const identity = await loadIdentity(folder);
  const authority = await loadAuthority(home.ca);
  const isRsa = createPrivateKey(identity.privateKeyPem).asymmetricKeyType === 'rsa';
  const { privateKeyPem } = newKey(isRsa ? 'rsa2048' : 'p256');
  return withRegistry(async (registry) => {
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
}
