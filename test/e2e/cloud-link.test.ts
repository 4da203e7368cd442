import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect as tcpConnect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Identity } from '../../certs/identity.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { DeviceClient, helloFields } from '../support/device-client.ts';

const run = promisify(execFile);
const TLS12 = 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256';

let lab: TestCloud;
let identity: Identity;
let folder: string;
beforeAll(async () => {
  lab = await testCloud({
    limits: { loginTimeoutMs: 700, handshakeTimeoutMs: 700, connectionsPerAddress: 8 },
  });
  [identity] = await lab.devices(1);
  folder = mkdtempSync(join(tmpdir(), 'airherd-link-'));
  writeFileSync(join(folder, 'cert.pem'), identity.certificatePem);
  writeFileSync(join(folder, 'key.pem'), identity.privateKeyPem);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await lab.stop();
});

const port = () => lab.cloud.devicePort;
const dial = (tls: ConnectionOptions, credentials?: null) =>
  DeviceClient.dial({ port: port(), identity, tls, credentials });

describe('TLS', () => {
  test('TLS 1.3 with AES-128-GCM is spoken', async () => {
    const device = await dial({});
    expect(device.socket.getProtocol()).toBe('TLSv1.3');
    expect(device.socket.getCipher().standardName).toBe('TLS_AES_128_GCM_SHA256');
    expect(await device.connect()).toBe(0);
    device.end();
  });

  test.each<[string, ConnectionOptions]>([
    ['AES-256 only', { ciphers: 'TLS_AES_256_GCM_SHA384' }],
    ['ChaCha20 only', { ciphers: 'TLS_CHACHA20_POLY1305_SHA256' }],
    ['TLS 1.2, unless switched on', { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers: TLS12 }],
    ['TLS 1.1', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }],
  ])('a client with %s gets no handshake', async (_what, tls) => {
    const before = lab.cloud.refusals.counts()['tls-refused'] ?? 0;
    await expect(dial(tls)).rejects.toThrow(/alert|handshake|version|disconnected/i);
    await expect.poll(() => lab.cloud.refusals.counts()['tls-refused']).toBe(before + 1);
  });

  test('a client without a certificate is cut before MQTT', async () => {
    const device = await dial({}, null);
    expect(await device.connect()).toBe(-1);
    expect(lab.cloud.refusals.recent()[0].code).toBe('certificate-refused');
  });

  test('where TLS 1.2 is on, AES-256 and CBC still are not', async () => {
    const old = await testCloud({ minVersion: 'TLSv1.2' });
    const only = (ciphers: string): ConnectionOptions => ({
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.2',
      ciphers,
    });
    const dialOld = (tls: ConnectionOptions) =>
      DeviceClient.dial({ port: old.cloud.devicePort, identity, tls });
    (await dialOld(only(TLS12))).end();
    for (const suite of ['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-SHA', 'AES128-GCM-SHA256']) {
      await expect(dialOld(only(suite))).rejects.toThrow();
    }
    await old.stop();
  });

  test('no session is resumed, by OpenSSL in both versions', async () => {
    const old = await testCloud({ minVersion: 'TLSv1.2' });
    for (const version of ['-tls1_3', '-tls1_2']) {
      const session = join(folder, `session${version}`);
      const client = (...more: string[]) => openssl(old.cloud.devicePort, folder, version, ...more);
      expect(await client('-sess_out', session)).toMatch(/^New, /m);
      // Where OpenSSL kept one (a 1.2 session id, or a 1.3 ticket that stands for nothing), it buys nothing.
      if (statSync(session, { throwIfNoEntry: false })) {
        const again = await client('-sess_in', session);
        expect(again).toMatch(/^New, /m);
        expect(again).not.toMatch(/^Reused, /m);
      }
      expect(await client('-reconnect')).not.toMatch(/^Reused, /m);
    }
    await old.stop();
  });
});

/** Output of s_client, which ends when its standard input does. */
function openssl(toPort: number, keys: string, ...args: string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn('openssl', [
      's_client',
      '-connect',
      `127.0.0.1:${toPort}`,
      '-cert',
      join(keys, 'cert.pem'),
      '-key',
      join(keys, 'key.pem'),
      ...args,
    ]);
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      // The session comes after the handshake's report; "---" ends each.
      if (/Verify return code[\s\S]*---/.test(output)) child.stdin.end('Q\n');
    });
    child.on('close', () => resolve(output));
  });
}

describe('before login', () => {
  test('more bytes than a CONNECT needs', async () => {
    const device = await dial({});
    device.socket.write(Buffer.alloc(8192, 0x10));
    await device.closed;
    expect(lab.cloud.refusals.recent()[0]).toMatchObject({ code: 'limit-exceeded' });
  });

  test('a packet that announces more than the limit, long before it has come', async () => {
    const device = await dial({});
    device.socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
    await device.closed;
    expect(lab.cloud.refusals.recent()[0].message).toContain('packet size');
  });

  test('silence after the handshake', async () => {
    const device = await dial({});
    await device.closed;
    expect(lab.cloud.refusals.recent()[0].message).toContain('seconds before login');
  });

  test('silence before the handshake', async () => {
    const socket = tcpConnect(port(), '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(lab.cloud.refusals.recent()[0].code).toBe('limit-exceeded');
  });

  test('more connections of one address than allowed', async () => {
    const open = await Promise.all(Array.from({ length: 8 }, () => dial({})));
    await expect(dial({})).rejects.toThrow();
    for (const device of open) device.end();
    await Promise.all(open.map((device) => device.closed));
    const code = async () => {
      const device = await dial({});
      const given = await device.connect();
      device.end();
      return given;
    };
    await expect.poll(code).toBe(0);
  });

  test('a publish instead of a CONNECT', async () => {
    const [fresh] = await lab.devices(1);
    const device = await DeviceClient.dial({ port: port(), identity: fresh });
    device.publish('hello', helloFields(fresh));
    await device.closed;
    expect(lab.cloud.sessions.of(fresh.serial)).toBeUndefined();
    const { json } = await lab.api(`/api/airherd/v1/ledger?serial=${fresh.serial}`);
    expect(json).toEqual([]);
  });
});

describe('ports', () => {
  test('a device or API port in use is one clear error', async () => {
    await expect(testCloud({ devicePort: port() })).rejects.toMatchObject({ code: 'port-in-use' });
    await expect(testCloud({ apiPort: lab.cloud.apiPort })).rejects.toMatchObject({ code: 'port-in-use' });
  });

  test('an address that is not of this machine is one clear error', async () => {
    await expect(testCloud({ host: '10.255.255.254' })).rejects.toMatchObject({ code: 'usage-invalid' });
  });

  test('the API speaks AES-256 only, with an RSA-2048 key', async () => {
    const attempt = (...args: string[]) => {
      const client = run('openssl', ['s_client', '-connect', `127.0.0.1:${lab.cloud.apiPort}`, ...args]);
      client.child.stdin?.end();
      return client.then(
        ({ stdout }) => stdout,
        (error: { stdout: string }) => error.stdout,
      );
    };
    expect(await attempt('-tls1_3')).toMatch(/Cipher is TLS_AES_256_GCM_SHA384/);
    const refused = attempt('-tls1_3', '-ciphersuites', 'TLS_AES_128_GCM_SHA256');
    const old = attempt('-tls1_2', '-cipher', 'ECDHE-RSA-AES128-GCM-SHA256');
    expect(await refused).toMatch(/Cipher is \(NONE\)/);
    expect(await old).toMatch(/Cipher is \(NONE\)/);
    const twelve = await attempt('-tls1_2', '-cipher', 'ECDHE-RSA-AES256-GCM-SHA384');
    expect(twelve).toMatch(/Cipher is ECDHE-RSA-AES256-GCM-SHA384/);
    expect(twelve).toMatch(/Server public key is 2048 bit/);
  });
});
