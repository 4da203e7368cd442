import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Authority } from '../../../certs/authority.ts';
import type { Identity } from '../../../certs/identity.ts';
import { macInBatch, serialInBatch } from '../../../certs/make-identity.ts';
import { manufacture } from '../../../certs/manufacture.ts';
import { fromPem } from '../../../certs/pem.ts';
import { registryEntryOf } from '../../../certs/registry-entry.ts';
import { verifyChain } from '../../../certs/verify.ts';
import { deriveKey } from '../../../protocol/proof.ts';
import { isSerial } from '../../../protocol/topics.ts';
import { sharedAuthority } from '../../support/authority.ts';
import { certificateText, openssl, opensslVerify, Scratch } from './openssl.ts';

const nowMs = Date.now();
const dayMs = 86_400_000;
const scratch = new Scratch();
let authority: Authority;
let aps: Identity[];
let switches: Identity[];

beforeAll(async () => {
  authority = await sharedAuthority();
  aps = await manufacture({ kind: 'ap', count: 4, authority, nowMs });
  switches = await manufacture({ kind: 'switch', count: 1, keyType: 'rsa2048', days: 30, authority, nowMs });
});
afterAll(() => scratch.remove());

const verdictOf = (identity: Identity, purpose: 'sslclient' | 'sslserver') =>
  opensslVerify(scratch, {
    root: identity.trustPem[0],
    untrusted: identity.certificatePem,
    leaf: identity.certificatePem,
    purpose,
  });

describe('manufactured identities', () => {
  test('ECDSA and RSA: OpenSSL and we accept them as clients, and as nothing else', () => {
    for (const identity of [...aps, ...switches]) {
      expect(verdictOf(identity, 'sslclient').text).toContain(': OK');
      expect(verdictOf(identity, 'sslserver').text).toContain('unsuitable certificate purpose');
      const chain = fromPem('CERTIFICATE', identity.certificatePem);
      const { serial, trustPem } = identity;
      expect(verifyChain({ chain, trustPem, usage: 'clientAuth', nowMs, serial })).toEqual({
        ok: true,
        leaf: {
          serial,
          notBeforeMs: identity.notBeforeMs,
          notAfterMs: identity.notAfterMs,
          sha256: identity.certificateSha256,
        },
      });
      expect(verifyChain({ chain, trustPem, usage: 'serverAuth', nowMs })).toMatchObject({
        ok: false,
        problems: ['usage'],
      });
    }
  });

  test('the certificate says what it should, as OpenSSL reads it', () => {
    const [{ certificatePem, serial, certificateSha256, notAfterMs }] = aps;
    const text = certificateText(certificatePem);
    expect(text).toContain(`Subject: serialNumber=${serial},CN=${serial},OU=devices,O=airherd`);
    expect(text).toContain('Issuer: CN=airherd device issuing CA,O=airherd');
    expect(text).toMatch(/Extended Key Usage: critical\s+TLS Web Client Authentication\n/);
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature\n/);
    expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(text).toContain('Signature Algorithm: sha256WithRSAEncryption');
    expect(text).toContain('ASN1 OID: prime256v1');
    const facts = openssl(
      ['x509', '-noout', '-fingerprint', '-sha256', '-enddate', '-dateopt', 'iso_8601'],
      certificatePem,
    );
    const hex = certificateSha256.toString('hex').toUpperCase();
    expect(facts.text).toContain(hex.match(/../g)!.join(':'));
    expect(facts.text).toContain(new Date(notAfterMs).toISOString().slice(0, 10));
    expect(certificateText(switches[0].certificatePem)).toMatch(
      /Key Usage: critical\s+Digital Signature, Key Encipherment\n/,
    );
    expect(certificateText(switches[0].certificatePem)).toContain('Public-Key: (2048 bit)');
  });

  test('the private key is that of the certificate', () => {
    for (const { certificatePem, privateKeyPem } of [...aps, ...switches]) {
      const ofCertificate = openssl(['x509', '-noout', '-pubkey'], certificatePem).text;
      expect(openssl(['pkey', '-pubout'], privateKeyPem).text).toBe(ofCertificate);
    }
  });

  test('period: ten years unless said otherwise, never beyond the issuing CA', async () => {
    expect(aps[0].notAfterMs).toBe(Math.floor(nowMs / 1000) * 1000 + 3650 * dayMs);
    expect(switches[0].notAfterMs).toBe(Math.floor(nowMs / 1000) * 1000 + 30 * dayMs);
    expect(aps[0].notBeforeMs).toBeLessThan(nowMs);
    const [long] = await manufacture({ kind: 'ap', count: 1, days: 36_500, authority, nowMs });
    expect(long.notAfterMs).toBe(authority.devices.notAfterMs);
    expect(verdictOf(long, 'sslclient').text).toContain(': OK');
  });

  test('serials, MACs, claim codes, keys: of the right form, and no two alike', () => {
    const all = [...aps, ...switches];
    for (const { serial, mac, claimCode, factoryKey } of all) {
      expect(isSerial(serial)).toBe(true);
      expect(serial).toMatch(/^AH\d{12}$/);
      expect(mac).toMatch(/^[0-9a-f]2(:[0-9a-f]{2}){5}$/);
      expect(claimCode).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){2}$/);
      expect(factoryKey).toHaveLength(32);
    }
    const distinct = (of: (identity: Identity) => string) => new Set(all.map(of)).size;
    expect(distinct(({ serial }) => serial)).toBe(all.length);
    expect(distinct(({ mac }) => mac)).toBe(all.length);
    expect(distinct(({ claimCode }) => claimCode)).toBe(all.length);
    expect(distinct(({ factoryKey }) => factoryKey.toString('hex'))).toBe(all.length);
    expect(distinct(({ privateKeyPem }) => privateKeyPem)).toBe(all.length);
    expect([aps[0].kind, aps[0].model, switches[0].kind, switches[0].model]).toEqual([
      'ap',
      'AH-AP-1',
      'switch',
      'AH-SW-48',
    ]);
  });

  test('MACs: sixteen addresses for each device, locally administered, unicast, never shared', () => {
    const seen = new Set<string>();
    for (const batch of [0, 1, 15, 16, 4095, 65_535, 65_536, 524_288, 999_999]) {
      for (const index of [0, 1, 15, 255, 256, 65_535, 999_999]) {
        const mac = macInBatch(batch, index);
        const bytes = mac.split(':').map((byte) => Number.parseInt(byte, 16));
        expect(bytes).toHaveLength(6);
        expect(bytes[0] & 0b11).toBe(0b10);
        expect(bytes[5] & 0xf).toBe(0);
        expect(seen.has(mac)).toBe(false);
        seen.add(mac);
        expect(serialInBatch(batch, index)).toHaveLength(14);
      }
    }
  });

  test('the registry gets the two proof keys and nothing that leads back to the factory key', () => {
    const [identity] = aps;
    const entry = registryEntryOf(identity);
    expect(entry.keys).toEqual({
      deviceProof: deriveKey(identity.factoryKey, 'device-proof', identity.serial),
      cloudProof: deriveKey(identity.factoryKey, 'cloud-proof', identity.serial),
    });
    expect(JSON.stringify(entry)).not.toContain(JSON.stringify(identity.factoryKey));
    expect(Object.keys(entry).sort()).toEqual(
      ['certificateSha256', 'claimCode', 'keys', 'kind', 'mac', 'model', 'notAfterMs', 'serial'].sort(),
    );
  });
});
