import { cpSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Authority, loadAuthority } from '../../../certs/authority.ts';
import { certificateRequest } from '../../../certs/certificate-request.ts';
import { type Identity, loadIdentity, saveIdentity } from '../../../certs/identity.ts';
import { manufacture } from '../../../certs/manufacture.ts';
import { newKey } from '../../../certs/new-key.ts';
import { fromPem } from '../../../certs/pem.ts';
import { issueRenewal, renewedIdentity } from '../../../certs/renew.ts';
import { verifyChain } from '../../../certs/verify.ts';
import { sharedAuthority } from '../../support/authority.ts';
import { certificateText, openssl, opensslVerify, Scratch } from './openssl.ts';

const nowMs = Date.now();
const dayMs = 86_400_000;
const scratch = new Scratch();
let authority: Authority;
let identity: Identity;
let serial: string;

beforeAll(async () => {
  const dir = join(scratch.dir, 'ca');
  cpSync((await sharedAuthority()).dir, dir, { recursive: true });
  authority = await loadAuthority(dir);
  [identity] = await manufacture({ kind: 'ap', count: 1, authority, nowMs });
  serial = identity.serial;
});
afterAll(() => scratch.remove());

/** A request made by OpenSSL, as DER. */
function foreignRequest(subject: string, key: readonly string[], more: readonly string[] = []): Buffer {
  const keyFile = scratch.file('');
  openssl(['genpkey', ...key, '-out', keyFile]);
  const { text } = openssl(['req', '-new', '-key', keyFile, '-subj', subject, ...more]);
  return fromPem('CERTIFICATE REQUEST', text)[0];
}
const P256 = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];
const rsa = (bits: number) => ['-algorithm', 'RSA', '-pkeyopt', `rsa_keygen_bits:${bits}`];

describe('certificate request', () => {
  test.each(['p256', 'rsa2048'] as const)('%s: OpenSSL verifies it and reads the serial', (keyType) => {
    const { privateKeyPem } = newKey(keyType);
    const path = scratch.file(certificateRequest(privateKeyPem, 'AH0001'));
    const shown = openssl(['req', '-inform', 'DER', '-in', path, '-verify', '-noout', '-text']);
    expect(shown.text).toContain('Certificate request self-signature verify OK');
    expect(shown.text).toContain('CN = AH0001, serialNumber = AH0001');
  });
});

describe('renewal', () => {
  test.each(['p256', 'rsa2048'] as const)(
    '%s: a certificate for the new key, which OpenSSL and we accept',
    async (keyType) => {
      const { privateKeyPem } = newKey(keyType);
      const renewal = await issueRenewal(
        authority,
        certificateRequest(privateKeyPem, serial),
        serial,
        nowMs,
        90,
      );
      if (!renewal.ok) throw new Error(renewal.detail);
      const { certificatePem, certificateSha256 } = renewal;
      const request = { root: authority.rootPem, untrusted: certificatePem, leaf: certificatePem };
      expect(opensslVerify(scratch, { ...request, purpose: 'sslclient' }).text).toContain(': OK');
      expect(opensslVerify(scratch, { ...request, purpose: 'sslserver' }).ok).toBe(false);
      expect(openssl(['x509', '-noout', '-pubkey'], certificatePem).text).toBe(
        openssl(['pkey', '-pubout'], privateKeyPem).text,
      );
      const verdict = verifyChain({
        chain: fromPem('CERTIFICATE', certificatePem),
        trustPem: [authority.rootPem],
        usage: 'clientAuth',
        nowMs,
        serial,
      });
      expect(verdict).toMatchObject({
        ok: true,
        leaf: { sha256: certificateSha256, notAfterMs: renewal.notAfterMs },
      });
      expect(renewal.notAfterMs).toBe(Math.floor(nowMs / 1000) * 1000 + 90 * dayMs);
    },
  );

  test('the renewed identity replaces the old one in its folder', async () => {
    const folder = join(scratch.dir, serial);
    await saveIdentity(folder, identity);
    const { privateKeyPem } = newKey('p256');
    const renewal = await issueRenewal(
      authority,
      certificateRequest(privateKeyPem, serial),
      serial,
      nowMs,
      90,
    );
    if (!renewal.ok) throw new Error(renewal.detail);
    const renewed = renewedIdentity(identity, privateKeyPem, renewal);
    await saveIdentity(folder, renewed);
    const loaded = await loadIdentity(folder);
    expect(loaded).toEqual(renewed);
    expect(loaded.factoryKey).toEqual(identity.factoryKey);
    expect(loaded.certificateSha256).not.toEqual(identity.certificateSha256);
  });

  test('every name and wish in the request but the key is ignored', async () => {
    const request = foreignRequest('/O=Evil/CN=AH999999999999/serialNumber=AH999999999999', P256, [
      ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
      ...['-addext', 'basicConstraints=critical,CA:TRUE'],
      ...['-addext', 'extendedKeyUsage=serverAuth'],
    ]);
    const renewal = await issueRenewal(authority, request, serial, nowMs, 90);
    if (!renewal.ok) throw new Error(renewal.detail);
    const text = certificateText(renewal.certificatePem);
    expect(text).toContain(`Subject: serialNumber=${serial},CN=${serial},OU=devices,O=airherd`);
    expect(text).not.toMatch(/Evil|AH999999999999|localhost|CA:TRUE|Server Authentication|Alternative/);
    expect(text).toContain('TLS Web Client Authentication');
  });

  test('is idempotent by serial and key, also in another process and for two at once', async () => {
    const request = certificateRequest(newKey('p256').privateKeyPem, serial);
    const again = await loadAuthority(authority.dir);
    const [first, second] = await Promise.all([
      issueRenewal(authority, request, serial, nowMs, 90),
      issueRenewal(authority, request, serial, nowMs, 90),
    ]);
    const third = await issueRenewal(again, request, serial, nowMs + dayMs, 30);
    expect(first).toMatchObject({ ok: true });
    expect(second).toEqual(first);
    expect(third).toEqual(first);
    // once it has expired, the same request gets a new one
    const later = await issueRenewal(authority, request, serial, nowMs + 91 * dayMs, 90);
    expect(later).toMatchObject({ ok: true, notAfterMs: Math.floor(nowMs / 1000) * 1000 + 181 * dayMs });
    // another device with the same key gets its own
    const other = await issueRenewal(authority, request, 'AH000000000001', nowMs, 90);
    expect(other.ok && certificateText(other.certificatePem)).toContain('CN=AH000000000001');
    for (const file of readdirSync(join(authority.dir, 'renewed'))) {
      expect(file).toMatch(/^AH\d{12}-[0-9a-f]{32}\.pem$/);
      expect(statSync(join(authority.dir, 'renewed', file)).mode & 0o777).toBe(0o600);
    }
  });

  test('refuses who does not hold the key, weak keys, weak signatures and what is no request', async () => {
    const good = certificateRequest(newKey('p256').privateKeyPem, serial);
    const bad: [Buffer, RegExp][] = [
      [foreignRequest('/CN=x', rsa(1024)), /too weak/],
      [foreignRequest('/CN=x', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1']), /too weak/],
      [foreignRequest('/CN=x', ['-algorithm', 'ed25519']), /too weak/],
      [foreignRequest('/CN=x', rsa(2048), ['-sha1']), /SHA-256/],
      [Buffer.alloc(0), /not a certificate request/],
      [Buffer.alloc(9000, 0x30), /too long/],
      [fromPem('CERTIFICATE', identity.certificatePem)[0], /not a certificate request|cannot be read/],
    ];
    for (const [request, detail] of bad) {
      expect(await issueRenewal(authority, request, serial, nowMs, 90)).toEqual({
        ok: false,
        detail: expect.stringMatching(detail),
      });
    }
    for (let at = 0; at < good.length; at++) {
      const cut = await issueRenewal(authority, good.subarray(0, at), serial, nowMs, 90);
      expect(cut.ok, `cut at ${at}`).toBe(false);
      const changed = Buffer.from(good);
      changed[at] ^= 1 << (at % 8);
      expect((await issueRenewal(authority, changed, serial, nowMs, 90)).ok, `byte ${at}`).toBe(false);
    }
    expect(await issueRenewal(authority, good, '../AH0001', nowMs, 90)).toMatchObject({ ok: false });
  });
});
