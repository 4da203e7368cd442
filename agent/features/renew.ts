import { createPublicKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { fingerprint, parseCertificate, serialOf } from '../../certs/certificate.ts';
import { certificateRequest } from '../../certs/certificate-request.ts';
import type { Identity } from '../../certs/identity.ts';
import { fromPem } from '../../certs/pem.ts';
import { verifyChain } from '../../certs/verify.ts';
import { AirherdError } from '../../protocol/errors.ts';
import type { DeviceTime } from '../device-time.ts';
import type { CommandHandlers } from './command.ts';

export interface RenewOptions {
  identity(): Identity;
  time: DeviceTime;
  /** Takes the new identity into use from the next login on, and saves it first where there is a disk. */
  install(identity: Identity): Promise<void>;
}

/** Whether a third of the certificate's life, or less, is left. */
export function renewalDue(identity: Pick<Identity, 'notBeforeMs' | 'notAfterMs'>, nowMs: number): boolean {
  return identity.notAfterMs - nowMs < (identity.notAfterMs - identity.notBeforeMs) / 3;
}

/**
 * Renewal over the connection: `renew` makes a key and gives a request for it, `install-certificate` takes the
 * certificate that was issued. The key waits in memory; a restart in between only means to be asked again.
 */
export function createRenewal(options: RenewOptions): {
  request(): Promise<Buffer>;
  handlers: CommandHandlers;
} {
  let waiting: string | null = null;

  async function request(): Promise<Buffer> {
    waiting ??= (
      await promisify(generateKeyPair)('ec', {
        namedCurve: 'P-256',
        publicKeyEncoding: { type: 'spki', format: 'pem' },
        privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      })
    ).privateKey;
    return certificateRequest(waiting, options.identity().serial);
  }

  async function install(chainPem: string): Promise<void> {
    const refuse = (detail: string) =>
      new AirherdError('command-refused', { name: 'install-certificate', detail });
    if (waiting === null) throw refuse('no renewal is under way');
    const identity = options.identity();
    const chain = fromPem('CERTIFICATE', chainPem);
    const verdict = verifyChain({
      chain,
      trustPem: identity.trustPem,
      usage: 'clientAuth',
      nowMs: options.time.nowMs(),
      serial: identity.serial,
    });
    if (!verdict.ok) throw refuse(verdict.detail);
    const leaf = parseCertificate(chain[0])!;
    if (serialOf(leaf) !== identity.serial) throw refuse('the certificate is of another device');
    const mine = createPublicKey(waiting).export({ type: 'spki', format: 'der' });
    if (!leaf.publicKey.equals(mine)) throw refuse('the certificate is not for the key that was requested');
    await options.install({
      ...identity,
      certificatePem: chainPem,
      privateKeyPem: waiting,
      certificateSha256: fingerprint(leaf.der),
      notBeforeMs: leaf.notBeforeMs,
      notAfterMs: leaf.notAfterMs,
    });
    waiting = null;
  }

  return {
    request,
    handlers: {
      renew: async () => ({ csr: await request() }),
      'install-certificate': async ({ chain }) => {
        if (typeof chain !== 'string') {
          throw new AirherdError('command-refused', {
            name: 'install-certificate',
            detail: 'it has no chain',
          });
        }
        await install(chain);
        return {};
      },
    },
  };
}
