import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Authority,
  allowedNames,
  allowNames,
  createAuthority,
  loadAuthority,
} from '../../../certs/authority.ts';
import { subjectName } from '../../../certs/extensions.ts';
import { issueServer } from '../../../certs/issue-server.ts';
import { newKey } from '../../../certs/new-key.ts';
import { fromPem, toPem } from '../../../certs/pem.ts';
import { signLeaf } from '../../../certs/sign.ts';
import { verifyChain } from '../../../certs/verify.ts';
import { certificateText, opensslVerify, Scratch } from './openssl.ts';

const nowMs = Date.now();
const hour = 3_600_000;
const scratch = new Scratch();
let authority: Authority;

beforeAll(async () => {
  // What a run that was killed while it wrote has left.
  const abandoned = join(scratch.dir, 'home', 'ca.new-XXXXXX');
  mkdirSync(abandoned, { recursive: true });
  writeFileSync(join(abandoned, 'root-key.pem'), 'secret');
  utimesSync(abandoned, 1, 1);
  authority = await createAuthority(join(scratch.dir, 'home', 'ca'), { nowMs, allow: ['Cloud.Example.net'] });
});
afterAll(() => scratch.remove());

/** The authority in a folder of its own that a test may spoil. */
function copyOf(name: string): string {
  const dir = join(scratch.dir, name);
  cpSync(authority.dir, dir, { recursive: true });
  return dir;
}

describe('authority', () => {
  test('nothing lies beside it, also where an earlier run was killed', () => {
    expect(readdirSync(join(scratch.dir, 'home'))).toEqual(['ca']);
  });

  test('is RSA 4096 and SHA-256 throughout, as OpenSSL reads it', () => {
    for (const pem of [authority.rootPem, authority.devices.pem, authority.servers.pem]) {
      const text = certificateText(pem);
      expect(text).toContain('Public-Key: (4096 bit)');
      expect(text.match(/Signature Algorithm: sha256WithRSAEncryption/g)).toHaveLength(2);
      expect(text).toMatch(/X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign/);
    }
    expect(certificateText(authority.rootPem)).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:1/);
    const devices = certificateText(authority.devices.pem);
    expect(devices).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    expect(devices).toMatch(/Extended Key Usage: critical\s+TLS Web Client Authentication\n/);
    expect(devices).toMatch(/Name Constraints: critical\s+Permitted:\s+DirName:/);
    expect(certificateText(authority.servers.pem)).toMatch(
      /Extended Key Usage: critical\s+TLS Web Server Authentication\n/,
    );
  });

  test('OpenSSL accepts both issuing CAs under the root', () => {
    for (const leaf of [authority.devices.pem, authority.servers.pem]) {
      const request = { root: authority.rootPem, untrusted: leaf, leaf, purpose: 'any' } as const;
      expect(opensslVerify(scratch, request).text).toContain(': OK');
    }
  });

  test('all its files are for the owner only', () => {
    const files = readdirSync(authority.dir);
    expect(files).toHaveLength(6);
    for (const file of files) expect(statSync(join(authority.dir, file)).mode & 0o777).toBe(0o600);
    expect(statSync(authority.dir).mode & 0o777).toBe(0o700);
  });

  test('is never overwritten, also not by one that began at the same time', async () => {
    const before = readFileSync(join(authority.dir, 'root-key.pem'));
    await expect(createAuthority(authority.dir, { nowMs })).rejects.toMatchObject({ code: 'ca-exists' });
    expect(readFileSync(join(authority.dir, 'root-key.pem'))).toEqual(before);
    // what another process has put there since, and whatever else the folder may hold
    const dir = join(scratch.dir, 'taken', 'ca');
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'devices-key.pem'), 'somebody else');
    await expect(createAuthority(dir, { nowMs })).rejects.toMatchObject({ code: 'ca-exists' });
    expect(readdirSync(join(scratch.dir, 'taken'))).toEqual(['ca']);
    expect(readFileSync(join(dir, 'devices-key.pem'), 'utf8')).toBe('somebody else');
  });

  test('works without the root key, which may be kept elsewhere', async () => {
    const dir = copyOf('no-root-key');
    rmSync(join(dir, 'root-key.pem'));
    const loaded = await loadAuthority(dir);
    expect(loaded.devices.pem).toBe(authority.devices.pem);
    await expect(allowNames(loaded, ['example.org'], nowMs)).rejects.toMatchObject({ code: 'ca-missing' });
  });

  test('a folder without one is ca-missing', async () => {
    await expect(loadAuthority(join(scratch.dir, 'nowhere'))).rejects.toMatchObject({ code: 'ca-missing' });
  });

  test.each(['devices-key.pem', 'servers-key.pem', 'root-key.pem'])(
    '%s that others may read is refused',
    async (file) => {
      const dir = copyOf(`exposed-${file}`);
      chmodSync(join(dir, file), 0o640);
      await expect(loadAuthority(dir)).rejects.toMatchObject({ code: 'identity-exposed' });
    },
  );

  test.each(['root.pem', 'devices.pem', 'devices-key.pem', 'servers.pem'])(
    'a cut-off %s is damaged',
    async (file) => {
      const dir = copyOf(`cut-${file}`);
      truncateSync(join(dir, file), 700);
      await expect(loadAuthority(dir)).rejects.toMatchObject({ code: 'identity-damaged' });
    },
  );

  test("the key of one CA in the other's place is damaged", async () => {
    const dir = copyOf('swapped');
    writeFileSync(join(dir, 'devices-key.pem'), readFileSync(join(dir, 'servers-key.pem')));
    await expect(loadAuthority(dir)).rejects.toMatchObject({ code: 'identity-damaged' });
  });
});

describe('server certificates', () => {
  test.each(['p256', 'rsa2048'] as const)('%s: OpenSSL and we accept name and addresses', async (keyType) => {
    const server = await issueServer(authority, {
      names: ['localhost', 'eu.cloud.example.net'],
      ips: ['127.0.0.1', '::1'],
      days: 30,
      keyType,
      nowMs,
    });
    const chain = { root: authority.rootPem, untrusted: authority.servers.pem, leaf: server.certificatePem };
    for (const hostname of ['localhost', 'eu.cloud.example.net']) {
      expect(opensslVerify(scratch, { ...chain, purpose: 'sslserver', hostname }).text).toContain(': OK');
    }
    const judge = (serverName: string) =>
      verifyChain({
        chain: fromPem('CERTIFICATE', server.certificatePem),
        trustPem: server.trustPem,
        usage: 'serverAuth',
        nowMs,
        serverName,
      });
    for (const name of ['localhost', 'EU.cloud.example.net', '127.0.0.1', '0:0::1']) {
      expect(judge(name)).toMatchObject({ ok: true });
    }
    for (const name of ['example.net', 'xlocalhost', '127.0.0.2', '::2']) {
      expect(judge(name)).toMatchObject({ ok: false, problems: ['name'] });
    }
    expect(opensslVerify(scratch, { ...chain, purpose: 'sslclient' }).ok).toBe(false);
  });

  test('names outside of the constraints are refused, until they are allowed', async () => {
    const dir = copyOf('allow');
    const before = await loadAuthority(dir);
    const request = { names: ['www.example.org'], ips: ['203.0.113.9'], days: 1, nowMs };
    await expect(issueServer(before, request)).rejects.toMatchObject({
      code: 'name-not-allowed',
      parameters: { name: 'www.example.org' },
    });
    const after = await allowNames(before, ['example.org', '203.0.113.0/24'], nowMs);
    expect(allowedNames(after).domains).toEqual([...allowedNames(before).domains, 'example.org']);
    const server = await issueServer(after, request);
    const verdict = (untrusted: string) =>
      opensslVerify(scratch, {
        root: authority.rootPem,
        untrusted,
        leaf: server.certificatePem,
        purpose: 'sslserver',
      }).text;
    expect(verdict(after.servers.pem)).toContain(': OK');
    expect(verdict(before.servers.pem)).toContain('permitted subtree violation');
  });

  test('what is neither a DNS name nor an address is refused', async () => {
    await expect(allowNames(authority, ['not a name'], nowMs)).rejects.toMatchObject({
      code: 'usage-invalid',
    });
  });
});

describe('name constraints, as OpenSSL and we enforce them', () => {
  const servers = subjectName('servers', 'AH0001', 'AH0001');
  const devices = subjectName('devices', 'AH0001', 'AH0001');
  test.each([
    ['a device with a DNS name', 'devices', devices, { dns: ['localhost'] }, 'excluded subtree violation'],
    [
      'a device with an IPv4 address',
      'devices',
      devices,
      { ips: ['192.0.2.1'] },
      'excluded subtree violation',
    ],
    [
      'a device with an IPv6 address',
      'devices',
      devices,
      { ips: ['2001:db8::1'] },
      'excluded subtree violation',
    ],
    ['a device called a server', 'devices', servers, undefined, 'permitted subtree violation'],
    ['a server called a device', 'servers', devices, { dns: ['localhost'] }, 'permitted subtree violation'],
    [
      'a server of a foreign domain',
      'servers',
      servers,
      { dns: ['a.example'] },
      'permitted subtree violation',
    ],
    [
      'a server at a foreign address',
      'servers',
      servers,
      { ips: ['8.8.8.8'] },
      'permitted subtree violation',
    ],
  ] as const)('%s', (_, role, subject, altNames, complaint) => {
    const issuer = authority[role];
    const usage = role === 'devices' ? 'clientAuth' : 'serverAuth';
    const der = signLeaf(issuer, {
      subject,
      publicKey: newKey('p256').publicKey,
      usage,
      altNames,
      notBeforeMs: nowMs - hour,
      notAfterMs: nowMs + hour,
    });
    const purpose = role === 'devices' ? 'sslclient' : 'sslserver';
    const leaf = toPem('CERTIFICATE', der);
    expect(
      opensslVerify(scratch, { root: authority.rootPem, untrusted: issuer.pem, leaf, purpose }).text,
    ).toContain(complaint);
    const verdict = verifyChain({ chain: [der, issuer.der], trustPem: [authority.rootPem], usage, nowMs });
    expect(verdict).toMatchObject({ ok: false, problems: ['name'] });
  });
});
