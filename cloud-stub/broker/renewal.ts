import type { Authority } from '../../certs/authority.ts';
import { issueRenewal } from '../../certs/renew.ts';
import type { Clock } from '../../platform/ports/clock.ts';
import { AirherdError } from '../../protocol/errors.ts';
import type { Reply } from '../../protocol/messages/command.ts';
import type { Registry } from '../registry/registry.ts';
import type { Commands } from './commands.ts';

export interface RenewalOptions {
  authority: Authority;
  registry: Registry;
  commands: Commands;
  clock: Clock;
  /** Life of a renewed certificate, unless a request says otherwise. */
  days: number;
}

/**
 * Renewal over the connection: request, issue, install. The certificates before it hold until the new one has
 * logged in once (`Registry.settleCertificate`).
 */
export class Renewal {
  readonly #options: RenewalOptions;

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  /** Asks the device for a request and installs what is issued. Resolves with the end of the new period. */
  async renew(serial: string, days?: number): Promise<{ notAfterMs: number }> {
    return this.install(serial, await this.#options.commands.send(serial, 'renew'), days);
  }

  /** Issues for the request in `reply`, which a device may also send unasked. */
  async install(
    serial: string,
    reply: Reply,
    days: number = this.#options.days,
  ): Promise<{ notAfterMs: number }> {
    const { authority, registry, commands, clock } = this.#options;
    const refused = (detail: string) => new AirherdError('renewal-refused', { serial, detail });
    const csr = reply.result?.csr;
    if (!reply.ok || !(csr instanceof Uint8Array)) {
      throw refused(`its reply was ${reply.code ?? 'no certificate request'}`);
    }
    const issued = await issueRenewal(authority, csr, serial, clock.wallMs(), days);
    if (!issued.ok) throw refused(issued.detail);
    registry.addCertificate(serial, issued.certificateSha256, issued.notAfterMs);
    const installed = await commands.send(serial, 'install-certificate', { chain: issued.certificatePem });
    if (!installed.ok) throw refused(`it did not install the certificate: ${installed.code ?? 'no reason'}`);
    registry.events.record(
      serial,
      'certificate-renewed',
      `valid to ${new Date(issued.notAfterMs).toISOString()}`,
    );
    return { notAfterMs: issued.notAfterMs };
  }
}
