import type { Command } from 'commander';
import {
  type Authority,
  allowedNames,
  allowNames,
  createAuthority,
  loadAuthority,
} from '../../certs/authority.ts';
import { brokerTrustPem } from '../../certs/broker-client.ts';
import { fingerprint, parseCertificate } from '../../certs/certificate.ts';
import { fromPem } from '../../certs/pem.ts';
import { nodeClock } from '../../platform/node/clock.ts';
import { airherdHome } from '../home.ts';

interface CertificateSummary {
  name: string;
  sha256: string;
  notAfter: string;
}

function summary(name: string, pem: string): CertificateSummary {
  const [der] = fromPem('CERTIFICATE', pem);
  return {
    name,
    sha256: fingerprint(der).toString('hex'),
    notAfter: new Date(parseCertificate(der)?.notAfterMs ?? 0).toISOString(),
  };
}

function describe(authority: Authority) {
  const { domains, subnets } = allowedNames(authority);
  return {
    path: authority.dir,
    certificates: [
      summary('root', authority.rootPem),
      summary('devices', authority.devices.pem),
      summary('servers', authority.servers.pem),
    ],
    serverNames: [...domains, ...subnets],
  };
}

function print(authority: Authority, json: boolean | undefined): void {
  const shown = describe(authority);
  if (json) {
    console.log(JSON.stringify(shown, null, 2));
    return;
  }
  console.log(`certificate authority in ${shown.path}`);
  for (const { name, sha256, notAfter } of shown.certificates) {
    console.log(`  ${name.padEnd(8)} until ${notAfter.slice(0, 10)}  SHA-256 ${sha256}`);
  }
  console.log(`  servers may be called: ${shown.serverNames.join(', ')}`);
}

/** `airherd certs init | show | allow`: the manufacturing authority. */
export function certs(program: Command): void {
  const group = program.command('certs').description('the manufacturing certificate authority');
  group
    .command('init')
    .description('make the authority: RSA 4096 root, issuing CAs for devices and for servers')
    .option(
      '--allow <names...>',
      'DNS names, addresses or networks that servers may have beside private ones',
    )
    .option('--json', 'print JSON')
    .action(async (options: { allow?: string[]; json?: boolean }) => {
      const nowMs = nodeClock.wallMs();
      const { stderr } = process;
      if (stderr.isTTY) stderr.write('making three RSA 4096 keys …');
      const made = createAuthority(airherdHome().ca, { nowMs, allow: options.allow }).finally(() => {
        if (stderr.isTTY) stderr.write('\r\x1b[K');
      });
      print(await made, options.json);
    });
  group
    .command('show')
    .description('print the certificates of the authority and the names that it may certify')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      print(await loadAuthority(airherdHome().ca), options.json);
    });
  group
    .command('broker-ca')
    .description('print the CA by which a broker that is not ours judges devices (docs/brokers.md)')
    .option('--servers', "the CA of the cloud's own endpoints instead, for brokers that ask about tokens")
    .action(async ({ servers }: { servers?: boolean }) => {
      const authority = await loadAuthority(airherdHome().ca);
      process.stdout.write(brokerTrustPem(authority, servers ? 'servers' : 'devices', nodeClock.wallMs()));
    });
  group
    .command('allow <names...>')
    .description('let servers have more names: DNS names, addresses or networks')
    .option('--json', 'print JSON')
    .action(async (names: string[], options: { json?: boolean }) => {
      const authority = await loadAuthority(airherdHome().ca);
      print(await allowNames(authority, names, nodeClock.wallMs()), options.json);
    });
}
