/** What testssl.sh, nmap and ss find on every listener of a running cloud, and on an agent, which has none. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { portsOf } from '../../cli/cloud-check/ports.ts';
import { LISTENERS, type ListenerName } from '../../cloud-stub/listeners.ts';
import { sharedAuthority } from '../support/authority.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { compile } from '../support/compiled.ts';
import { canUnshare } from '../support/namespaces.ts';

const run = promisify(execFile);
const CAPTURE = new URL('../../fixtures/demo/dhcp.pcap', import.meta.url).pathname;

/** IANA's names; nmap says TLS_AKE_WITH_ for those of TLS 1.3, which name no key exchange. */
const suitesIn = (text: string): string[] =>
  [...text.matchAll(/^\| {7}(TLS_\w+)/gm)].map(([, name]) => name.replace('TLS_AKE_WITH_', 'TLS_'));
const versionsIn = (text: string): string[] =>
  [...text.matchAll(/^\| {3}(SSLv\d|TLSv1\.\d): $/gm)].map(([, name]) => name);

let lab: TestCloud;
let old: TestCloud;
let folder: string;
beforeAll(async () => {
  lab = await testCloud();
  old = await testCloud({ minVersion: 'TLSv1.2' });
  folder = mkdtempSync(join(tmpdir(), 'airherd-scan-'));
});
afterAll(async () => {
  await lab.stop();
  await old.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('nmap --script ssl-enum-ciphers', () => {
  test.each<[ListenerName, string, () => number, string[], string[]]>([
    ['device link', '', () => lab.cloud.devicePort, ['TLSv1.3'], ['TLS_AES_128_GCM_SHA256']],
    [
      'device link',
      ' with TLS 1.2 switched on',
      () => old.cloud.devicePort,
      ['TLSv1.2', 'TLSv1.3'],
      ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'TLS_AES_128_GCM_SHA256'],
    ],
    [
      'API',
      '',
      () => lab.cloud.apiPort,
      ['TLSv1.2', 'TLSv1.3'],
      ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'TLS_AES_256_GCM_SHA384'],
    ],
  ])(
    '%s%s: the promised versions and suites, each of grade A, nothing else',
    async (name, _, port, versions, suites) => {
      const args = ['-Pn', '-p', String(port()), '--script', 'ssl-enum-ciphers', '127.0.0.1'];
      const { stdout } = await run('nmap', args);
      expect(versionsIn(stdout)).toEqual(versions);
      expect(suitesIn(stdout)).toEqual(suites);
      expect(stdout).toContain('least strength: A');
      for (const suite of suites) expect(LISTENERS[name].suites).toContain(suite);
    },
  );
});

interface TestsslLine {
  id: string;
  severity: string;
  finding: string;
}

/** Some of its findings are about the public web: our authority is private, and so has neither log nor revocation by URL. */
const OF_THE_PUBLIC_WEB = [
  'cert_chain_of_trust',
  'cert_revocation',
  'certificate_transparency',
  'DNS_CAArecord',
  'scanTime',
];

/** A shell script that starts hundreds of processes: some seconds on a quiet machine, minutes on a busy one. */
describe('testssl.sh', { timeout: 300_000 }, () => {
  async function testssl(port: number, ...args: string[]): Promise<Map<string, TestsslLine>> {
    const file = join(folder, `${port}.json`);
    const shared = [
      '--quiet',
      '--color',
      '0',
      '--warnings',
      'batch',
      '--ip',
      '127.0.0.1',
      '--nodns',
      'none',
      '--sneaky',
    ];
    await run('testssl', [...shared, ...args, '-oj', file, `localhost:${port}`]).catch(() => {
      // It ends with the number of findings that it has.
    });
    const lines: TestsslLine[] = JSON.parse(readFileSync(file, 'utf8'));
    return new Map(lines.map((line) => [line.id, line]));
  }
  /** An openssl that has a client certificate: without one the link ends before testssl.sh 3.0 believes that it is TLS. */
  async function asDevice(): Promise<string> {
    const [{ certificatePem, privateKeyPem }] = await lab.devices(1);
    const [wrapper, cert, key] = ['openssl', 'cert.pem', 'key.pem'].map((name) => join(folder, name));
    writeFileSync(cert, certificatePem);
    writeFileSync(key, privateKeyPem);
    const script = `#!/bin/sh\n[ "$1" = s_client ] && shift && exec openssl s_client -cert ${cert} -key ${key} "$@"\nexec openssl "$@"\n`;
    writeFileSync(wrapper, script, { mode: 0o700 });
    return wrapper;
  }
  const grave = (found: Map<string, TestsslLine>) =>
    [...found.values()].filter(
      ({ id, severity }) =>
        ['MEDIUM', 'HIGH', 'CRITICAL'].includes(severity) &&
        !OF_THE_PUBLIC_WEB.some((known) => id.startsWith(known)),
    );

  test.concurrent('API: protocols and server defaults', async () => {
    const found = await testssl(lab.cloud.apiPort, '-p', '-S');
    const said = (id: string) => found.get(id)?.finding;
    for (const id of ['SSLv2', 'SSLv3', 'TLS1', 'TLS1_1'])
      expect([id, said(id)]).toEqual([id, 'not offered']);
    expect(said('TLS1_2')).toBe('offered');
    expect(said('TLS1_3')).toBe('offered with final');
    expect(said('cert_keySize')).toBe('RSA 2048 bits');
    expect(said('cert_signatureAlgorithm')).toBe('SHA256 with RSA');
    expect(said('cert_extKeyUsage')).toMatch(/TLS Web Server Authentication/);
    expect(said('cert_trust')).toMatch(/Ok via SAN/);
    expect(grave(found)).toEqual([]);
  });

  test.concurrent('device link: protocols', async () => {
    const found = await testssl(lab.cloud.devicePort, '-p', '--assume-http', '--openssl', await asDevice());
    for (const id of ['SSLv2', 'SSLv3', 'TLS1', 'TLS1_1', 'TLS1_2']) {
      expect([id, found.get(id)?.finding]).toEqual([id, expect.stringMatching(/^not offered/)]);
    }
    expect(found.get('TLS1_3')?.finding).toBe('offered with final');
    expect(grave(found)).toEqual([]);
  });
});

/** In a network of their own, so that whatever listens there is theirs. Making one takes root. */
describe.runIf(canUnshare)('a port scan', () => {
  const children: ChildProcess[] = [];
  afterAll(async () => {
    for (const child of children.reverse()) {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    }
  });

  test('of a cloud finds the documented listeners; of an agent that is logged in, nothing', async () => {
    const { main } = compile();
    const home = join(folder, 'home');
    mkdirSync(home);
    cpSync((await sharedAuthority()).dir, join(home, 'ca'), { recursive: true });
    const env = { ...process.env, AIRHERD_HOME: home };
    const start = async (command: string, args: string[], line?: RegExp) => {
      const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
      children.push(child);
      const lines = line ? createInterface({ input: child.stdout }) : [];
      for await (const text of lines) if (line?.test(text)) break;
      return child.pid ?? 0;
    };
    const cloudLine = `ip link set lo up && exec ${process.execPath} ${main} cloud --portal --json`;
    const pid = await start('unshare', ['--net', 'sh', '-c', cloudLine], /"started"/);
    const inside = async (...args: string[]) =>
      (await run('nsenter', [`--net=/proc/${pid}/ns/net`, ...args], { env })).stdout;
    const airherd = (...args: string[]) => inside(process.execPath, main, ...args);
    await airherd('device', 'create', '--kind', 'ap');
    const serial = String(readdirSync(join(home, 'devices')).find((name) => name.startsWith('AH')));
    await airherd('device', 'claim', serial, '--org', 'Example', '--site', 'Hall');
    const agent = await start('nsenter', [
      ...[
        `--net=/proc/${pid}/ns/net`,
        process.execPath,
        main,
        'agent',
        '--identity',
        join(home, 'devices', serial),
      ],
      ...['--cloud', 'mqtts://127.0.0.1:8883', '--source', `file:${CAPTURE}`],
    ]);
    await expect
      .poll(async () => JSON.parse(await airherd('cloud', 'status', '--json')).devices.connected, {
        timeout: 20_000,
      })
      .toBe(1);
    const { 'auth endpoint': _elsewhere, ...here } = LISTENERS;
    const documented = Object.values(here)
      .map(({ defaultPort }) => defaultPort)
      .sort();
    const scan = await inside('nmap', '-Pn', '-n', '-sT', '-p-', '127.0.0.1');
    expect([...scan.matchAll(/^(\d+)\/tcp +open/gm)].map(([, port]) => Number(port)).sort()).toEqual(
      documented,
    );
    const listening = (await inside('ss', '-Hlntu')).trim().split('\n');
    expect(listening.map((line) => Number(/:(\d+)\s/.exec(line)?.[1])).sort()).toEqual(documented);
    expect(portsOf(agent)).toEqual([]);
    expect(
      portsOf(pid)
        ?.map(({ port }) => port)
        .sort(),
    ).toEqual(documented);
  });
});
