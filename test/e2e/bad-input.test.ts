/** Every kind of bad input as whoever runs the commands sees it: one line, a stable code, an exit code. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Authority } from '../../certs/authority.ts';
import { type Identity, saveIdentity } from '../../certs/identity.ts';
import { IDENTITY_FILE } from '../../certs/identity-text.ts';
import { registryEntryOf } from '../../certs/registry-entry.ts';
import { CATALOGUE, type ErrorCode } from '../../protocol/errors.ts';
import { fakeCloud, serverCertificate } from '../support/agent-lab.ts';
import { sharedAuthority } from '../support/authority.ts';
import { recertified, rogueIssuer } from '../support/bad-identities.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { type Compiled, compile } from '../support/compiled.ts';
import type { FakeCloudOptions } from '../support/fake-cloud.ts';
import { startRelay } from '../support/relay.ts';

const HOUR_MS = 3_600_000;
const CAPTURE = new URL('../../fixtures/demo/dhcp.pcap', import.meta.url).pathname;

let authority: Authority;
let lab: TestCloud;
let compiled: Compiled;
let home: string;
let good: Identity;
let other: Identity;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  compiled = compile();
  authority = await sharedAuthority();
  lab = await testCloud();
  [good, other] = await lab.devices(2);
  home = mkdtempSync(join(tmpdir(), 'airherd-bad-'));
  cpSync(authority.dir, join(home, 'ca'), { recursive: true });
});
afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await lab.stop();
  rmSync(home, { recursive: true, force: true });
});

interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

function airherd(args: string[], environment: Record<string, string> = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const env = { ...process.env, AIRHERD_HOME: home, ...environment };
    const child = spawn(process.execPath, [compiled.main, ...args], { env, timeout: 30_000, stdio: 'pipe' });
    const ran: Ran = { code: null, stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => {
      ran.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      ran.stderr += chunk;
    });
    child.on('close', (code) => resolve({ ...ran, code }));
    child.stdin.end();
  });
}

let folders = 0;
async function saved(identity: Identity): Promise<string> {
  const folder = join(home, `case-${folders++}`, identity.serial);
  await saveIdentity(folder, identity);
  return folder;
}
const url = (port = lab.cloud.devicePort) => `mqtts://127.0.0.1:${port}`;
const login = (folder: string, cloud = url()) => [
  'login',
  '--dry-run',
  '--identity',
  folder,
  '--cloud',
  cloud,
];

/** A device whose certificate differs, entered in the registry with just that one. */
async function entered(change: (fresh: Identity) => Identity): Promise<string[]> {
  const [fresh] = await lab.devices(1);
  const changed = change(fresh);
  await lab.cloud.registry.add([registryEntryOf(changed)]);
  return login(await saved(changed));
}
async function against(options: Partial<FakeCloudOptions>): Promise<string[]> {
  const cloud = await fakeCloud(authority, good, options);
  closing.push(() => cloud.close());
  return login(await saved(good), cloud.url);
}
async function spoiled(spoil: (file: string) => void): Promise<string[]> {
  const folder = await saved(good);
  spoil(join(folder, IDENTITY_FILE));
  return login(folder);
}
function capture(name: string, bytes: Buffer): string {
  const path = join(home, name);
  writeFileSync(path, bytes);
  return path;
}
const packets = readFileSync(CAPTURE);
/** The first frame's captured length (bytes 8 to 12 of its record) says four billion. */
const corrupt = () => {
  const bytes = Buffer.from(packets);
  bytes.writeUInt32LE(0xfffffff0, 24 + 8);
  return bytes;
};

/** What somebody does, how the cloud counts it where it is the one that refuses, and what the command says. */
const CASES: [
  what: string,
  code: ErrorCode,
  args: () => Promise<string[]> | string[],
  counted?: ErrorCode,
][] = [
  [
    'wrong factory key',
    'login-refused',
    async () => login(await saved({ ...good, factoryKey: randomBytes(32) })),
    'proof-wrong',
  ],
  [
    "right certificate, another device's factory key",
    'login-refused',
    async () => login(await saved({ ...good, factoryKey: other.factoryKey })),
    'proof-wrong',
  ],
  [
    "another device's certificate with the right factory key",
    'identity-damaged',
    async () =>
      login(
        await saved({ ...good, certificatePem: other.certificatePem, privateKeyPem: other.privateKeyPem }),
      ),
  ],
  [
    'expired',
    'login-refused',
    () =>
      entered((fresh) =>
        recertified(authority, fresh, {
          notBeforeMs: Date.now() - 2 * HOUR_MS,
          notAfterMs: Date.now() - HOUR_MS,
        }),
      ),
    'certificate-refused',
  ],
  [
    'not yet valid',
    'login-refused',
    () => entered((fresh) => recertified(authority, fresh, { notBeforeMs: Date.now() + HOUR_MS })),
    'certificate-refused',
  ],
  [
    'wrong extended key usage',
    'login-refused',
    () => entered((fresh) => recertified(authority, fresh, { usage: 'serverAuth' })),
    'certificate-refused',
  ],
  [
    'signed by a rogue CA of the same name',
    'login-refused',
    () => entered((fresh) => recertified(authority, fresh, { issuer: rogueIssuer(authority) })),
    'certificate-refused',
  ],
  [
    'revoked',
    'login-refused',
    async () => {
      const [fresh] = await lab.devices(1);
      lab.cloud.registry.revoke(fresh.serial);
      return login(await saved(fresh));
    },
    'device-revoked',
  ],
  [
    'a cloud that does not know the factory key',
    'cloud-unproven',
    () => against({ factoryKey: Buffer.alloc(32), trusting: true }),
  ],
  [
    'a cloud whose certificate a rogue CA of the same name signed',
    'cloud-certificate',
    async () => {
      const { certificatePem, privateKeyPem } = await serverCertificate({
        ...authority,
        servers: { ...authority.servers, key: rogueIssuer(authority).key },
      });
      return against({ certificatePem, privateKeyPem });
    },
  ],
  [
    'a man in the middle with a trusted server certificate and the device’s own',
    'login-refused',
    async () => {
      const server = await serverCertificate(authority);
      const clientCaPem = [authority.rootPem, authority.devices.pem];
      const relay = await startRelay({
        server,
        client: good,
        clientCaPem,
        targetPort: lab.cloud.devicePort,
        version: 'TLSv1.3',
      });
      closing.push(() => relay.close());
      return login(await saved(good), url(relay.port));
    },
    'proof-wrong',
  ],
  [
    'a cloud with TLS 1.2 only',
    'tls-refused',
    () => against({ tls: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } }),
  ],
  ['a cloud with AES-256 only', 'tls-refused', () => against({ tls: { ciphers: 'TLS_AES_256_GCM_SHA384' } })],
  ['an identity that is not there', 'identity-missing', () => login(join(home, 'AH0000000000'))],
  ['an identity that others can read', 'identity-exposed', () => spoiled((file) => chmodSync(file, 0o644))],
  ['an identity that is cut off', 'identity-damaged', () => spoiled((file) => truncateSync(file, 900))],
  [
    'a device link port in use',
    'port-in-use',
    () => ['cloud', '--port', String(lab.cloud.devicePort), '--api-port', '0'],
  ],
  [
    'an API port in use',
    'port-in-use',
    () => ['cloud', '--port', '0', '--api-port', String(lab.cloud.apiPort)],
  ],
  [
    'observe: no capture',
    'capture-not',
    () => ['observe', capture('not.pcap', Buffer.from('not a capture, but long enough to be one'))],
  ],
  [
    'observe: a capture cut off',
    'capture-cut-off',
    () => ['observe', capture('cut.pcap', packets.subarray(0, 300))],
  ],
  ['observe: a corrupt capture', 'capture-corrupt', () => ['observe', capture('corrupt.pcap', corrupt())]],
  [
    'slice: a capture cut off',
    'capture-cut-off',
    () => ['pcap', 'slice', capture('cut2.pcap', packets.subarray(0, 300)), join(home, 'out.pcapng')],
  ],
  ['info: a corrupt capture', 'capture-corrupt', () => ['pcap', 'info', capture('corrupt2.pcap', corrupt())]],
  [
    'agent: a capture cut off',
    'capture-cut-off',
    async () => [
      'agent',
      '--identity',
      await saved(good),
      '--cloud',
      url(),
      '--source',
      `file:${capture('cut3.pcap', packets.subarray(0, 300))}`,
      '--exit-when-done',
      '--outbox',
      'memory',
      '--log-level',
      'silent',
    ],
  ],
  ['status of no cloud', 'cloud-not-running', () => ['cloud', 'status']],
  ['a serial that is unknown: revoke', 'device-unknown', () => ['device', 'revoke', 'AH0000000009']],
  [
    'a serial that is unknown: claim',
    'device-unknown',
    () => ['device', 'claim', 'AH0000000009', '--org', 'a', '--site', 'b'],
  ],
  [
    'a claim code of no device',
    'claim-refused',
    () => ['device', 'claim', 'AAAAA-BBBBB-CCCCC', '--org', 'a', '--site', 'b'],
  ],
  ['a second authority', 'ca-exists', () => ['certs', 'init']],
  [
    'rotation of a device that is not connected',
    'device-offline',
    () => ['device', 'rotate-key', good.serial, '--over-connection'],
  ],
  ['an agent without a cloud', 'config-invalid', async () => ['agent', '--identity', await saved(good)]],
];

test.each(CASES)('%s: %s', async (_, code, prepare, counted) => {
  const before = counted && (lab.cloud.refusals.counts()[counted] ?? 0);
  const { code: exit, stderr, stdout } = await airherd(await prepare());
  const lines = stderr.trimEnd().split('\n');
  // The agent says it when it happens, and once more as what it ended with.
  expect(new Set(lines).size, stderr).toBe(1);
  expect(lines[0]).toMatch(new RegExp(`^airherd: ${code}: \\S.{8,}$`));
  expect(exit).toBe(CATALOGUE[code].exit);
  expect(exit).not.toBe(0);
  if (counted) expect(lab.cloud.refusals.counts()[counted]).toBe(Number(before) + 1);
  for (const secret of [good.factoryKey, other.factoryKey]) {
    for (const form of ['hex', 'base64'] as const)
      expect(stdout + stderr).not.toContain(secret.toString(form));
  }
});

test('accepted, the control: the same command with a good identity', async () => {
  const { code, stdout } = await airherd([...login(await saved(good)), '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ serial: good.serial, ok: true, error: null });
});

test('no authority: one line says what to run', async () => {
  const empty = join(home, 'empty');
  mkdirSync(empty);
  const { code, stderr } = await airherd(['device', 'create', '--kind', 'ap', '--count', '1'], {
    AIRHERD_HOME: empty,
  });
  expect(code).toBe(CATALOGUE['ca-missing'].exit);
  expect(stderr).toMatch(/^airherd: ca-missing: .*airherd certs init\n$/);
});

test.each([['nonsense'], ['device'], ['device', 'create'], ['login', '--nonsense']])(
  'a command that is none: %s %s',
  async (...args) => {
    const { code, stderr } = await airherd(args);
    expect(code).toBe(2);
    expect(stderr.length).toBeGreaterThan(0);
  },
);

test('a device that nobody has claimed is told so, and sends nothing but hello and stats', async () => {
  const [unclaimed] = await lab.devices(1, { claim: false });
  const args = ['agent', '--identity', await saved(unclaimed), '--cloud', url(), '--for', '1s'];
  const { code, stdout, stderr } = await airherd([
    ...[...args, '--source', `file:${CAPTURE}`, '--outbox', 'memory', '--log-level', 'silent', '--json'],
  ]);
  expect(code).toBe(0);
  expect(stderr).toContain(`airherd: ${unclaimed.serial} is not claimed`);
  expect(stderr).toContain(`airherd device claim ${unclaimed.claimCode}`);
  const { claimed, ledger } = JSON.parse(stdout);
  expect(claimed).toBe(false);
  expect(ledger.map(({ stream }: { stream: string }) => stream)).toEqual(['hello', 'stats']);
});
