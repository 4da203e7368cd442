import { createPrivateKey } from 'node:crypto';
import { join } from 'node:path';
import type { Command } from 'commander';
import { loadAuthority } from '../../../certs/authority.ts';
import { certificateRequest } from '../../../certs/certificate-request.ts';
import { type Identity, loadIdentity, saveIdentity } from '../../../certs/identity.ts';
import { DEFAULT_DAYS } from '../../../certs/manufacture.ts';
import { newKey } from '../../../certs/new-key.ts';
import { Pack } from '../../../certs/pack/read.ts';
import { issueRenewal, renewedIdentity } from '../../../certs/renew.ts';
import type { Registry } from '../../../cloud-stub/registry/registry.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { airherdHome, type Home } from '../../home.ts';
import { withRegistry } from '../../local-registry.ts';
import { packSecret } from '../../pack-secret.ts';
import { upTo } from '../../whole-number.ts';
import { overConnection } from './over-connection.ts';
import {
  inWaves,
  reportMany,
  type SelectionFlags,
  selected,
  type WaveFlags,
  withSelectionFlags,
  withWaveFlags,
} from './selection.ts';

interface RenewOptions extends SelectionFlags, WaveFlags {
  days: number;
  local?: boolean;
  json?: boolean;
}

/** `airherd device renew SERIAL`: a new key and certificate. */
export function deviceRenew(group: Command): void {
  withWaveFlags(
    withSelectionFlags(
      group
        .command('renew [serial]')
        .description(
          'give devices new keys and certificates; the old ones hold until they have logged in with them',
        ),
      'every device of the registry that is not revoked',
    ),
  )
    .option('--days <n>', 'how long the certificate is valid', upTo(36_500), DEFAULT_DAYS)
    .option('--local', 'renew the identity of this machine, also when the device is connected')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
A device that is connected to the cloud of this machine makes the key itself and keeps it; otherwise the
identity in $AIRHERD_HOME/devices is renewed.

  airherd device renew AH931448000000 --days 365
  airherd device renew --pack fleet.pack --pack-key fleet.key --wave 500 --every 10s`,
    )
    .action(renew);
}

async function renew(given: string | undefined, options: RenewOptions): Promise<void> {
  const { days, local, json } = options;
  if (given === undefined) return renewMany(options);
  const home = airherdHome();
  const serial = given;
  const online = local ? null : await overConnection<{ notAfterMs: number }>(serial, 'renew', { days });
  const { notAfterMs } =
    online ?? (await withRegistry((registry) => renewFolder(home, registry, serial, days)));
  const notAfter = new Date(notAfterMs).toISOString();
  const how = online ? 'over its connection' : 'on this machine';
  if (json) console.log(JSON.stringify({ serial, notAfter, overConnection: online !== null }, null, 2));
  else
    console.log(
      `${serial} has a new key, made ${how}; its certificate is valid until ${notAfter.slice(0, 10)}`,
    );
}

/** Wave by wave, each over its connection where it has one. */
async function renewMany(options: RenewOptions): Promise<void> {
  const { days, local, json, pack: path } = options;
  const home = airherdHome();
  const done = await withRegistry(async (registry) => {
    const serials = await selected(undefined, options, registry, ({ revokedMs }) => revokedMs === null);
    const pack = path === undefined ? null : await Pack.open(path, packSecret(options));
    try {
      return await inWaves(serials, options, 'renewals', async (serial) => {
        const online = local ? null : await overConnection<{ notAfterMs: number }>(serial, 'renew', { days });
        const renewed =
          online ??
          (pack === null
            ? await renewFolder(home, registry, serial, days)
            : await renewIdentity(home, registry, await pack.identity(serial), days, (identity) =>
                pack.replace(identity),
              ));
        return { serial, notAfter: new Date(renewed.notAfterMs).toISOString() };
      });
    } finally {
      await pack?.close();
    }
  });
  reportMany(done, 'have new keys and certificates', json);
}

async function renewFolder(home: Home, registry: Registry, serial: string, days: number) {
  const folder = join(home.devices, serial);
  return renewIdentity(home, registry, await loadIdentity(folder), days, (identity) =>
    saveIdentity(folder, identity),
  );
}

async function renewIdentity(
  home: Home,
  registry: Registry,
  identity: Identity,
  days: number,
  save: (renewed: Identity) => Promise<void>,
): Promise<{ notAfterMs: number }> {
  const { serial } = identity;
  const authority = await loadAuthority(home.ca);
  const isRsa = createPrivateKey(identity.privateKeyPem).asymmetricKeyType === 'rsa';
  const { privateKeyPem } = newKey(isRsa ? 'rsa2048' : 'p256');
  const device = registry.find(serial);
  if (device === null) throw new AirherdError('device-unknown', { serial });
  if (device.revokedMs !== null) throw new AirherdError('device-revoked', { serial });
  const request = certificateRequest(privateKeyPem, serial);
  const renewal = await issueRenewal(authority, request, serial, nodeClock.wallMs(), days);
  if (!renewal.ok) throw new AirherdError('renewal-refused', { serial, detail: renewal.detail });
  // the registry first: the device must not have a certificate that the cloud does not know
  registry.addCertificate(serial, renewal.certificateSha256, renewal.notAfterMs);
  await save(renewedIdentity(identity, privateKeyPem, renewal));
  return renewal;
}
