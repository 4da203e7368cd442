import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCertificate } from '../../../certs/certificate.ts';
import { fromPem } from '../../../certs/pem.ts';
import { isOnlyPeriod, type Verdict, type VerifyRequest, verifyChain } from '../../../certs/verify.ts';
import { CA, CLIENT, ForeignPki, type Made, P256, RSA, SERVER } from './foreign-pki.ts';
import { opensslVerify, Scratch } from './openssl.ts';

const scratch = new Scratch();
const pki = new ForeignPki(scratch);
const nowMs = Date.UTC(2026, 0, 1);
let root: Made;
let issuing: Made;
let device: Made;

const DEVICE = '/O=airherd/OU=devices/CN=AH0001/serialNumber=AH0001';

beforeAll(() => {
  root = pki.make({ subject: '/O=airherd/CN=root', extensions: CA, key: RSA });
  issuing = pki.make({ subject: '/O=airherd/CN=issuing', extensions: CA, issuer: root, key: RSA });
  device = pki.make({ subject: DEVICE, extensions: CLIENT, issuer: issuing, key: P256 });
});
afterAll(() => scratch.remove());

const der = ({ pem }: Made): Buffer => fromPem('CERTIFICATE', pem)[0];

function judge(chain: Made[], more: Partial<VerifyRequest> = {}): Verdict {
  return verifyChain({ chain: chain.map(der), trustPem: [root.pem], usage: 'clientAuth', nowMs, ...more });
}
const problems = (verdict: Verdict) => (verdict.ok ? [] : [...verdict.problems].sort());

/** What OpenSSL says of the same chain. */
function opensslSays(chain: Made[], purpose: 'sslclient' | 'sslserver' = 'sslclient'): string {
  const [leaf, ...rest] = chain.map(({ pem }) => pem);
  return opensslVerify(scratch, {
    root: root.pem,
    untrusted: rest.join('') || leaf,
    leaf,
    purpose,
    atMs: nowMs,
  }).text;
}

describe('verifyChain', () => {
  test('accepts what OpenSSL accepts: ECDSA and RSA leaves, in any order above the leaf', () => {
    const rsa = pki.make({ subject: DEVICE, extensions: CLIENT, issuer: issuing, key: RSA });
    for (const leaf of [device, rsa]) {
      expect(opensslSays([leaf, issuing])).toContain(': OK');
      expect(judge([leaf, issuing], { serial: 'AH0001' })).toMatchObject({
        ok: true,
        leaf: { serial: 'AH0001' },
      });
      expect(judge([leaf, root, issuing])).toMatchObject({ ok: true });
    }
    const direct = pki.make({ subject: DEVICE, extensions: CLIENT, issuer: root });
    expect(judge([direct])).toMatchObject({ ok: true });
  });

  test('accepts an ECDSA PKI, P-384 over P-256', () => {
    const key = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'];
    const ecRoot = pki.make({ subject: '/CN=ec', extensions: CA, key, digest: 'sha384' });
    const leaf = pki.make({
      subject: DEVICE,
      extensions: CLIENT,
      issuer: ecRoot,
      key: P256,
      digest: 'sha384',
    });
    expect(judge([leaf], { trustPem: [root.pem, ecRoot.pem] })).toMatchObject({ ok: true });
  });

  test('reports every problem, not only the period', () => {
    const expired = pki.make({
      subject: DEVICE,
      extensions: [...SERVER, 'subjectAltName=DNS:cloud.test'],
      issuer: issuing,
      key: P256,
      to: '20210101000000Z',
    });
    const chain = [expired, issuing];
    const asServer = { usage: 'serverAuth', serverName: 'cloud.test' } as const;
    expect(problems(judge(chain, asServer))).toEqual(['expired']);
    expect(problems(judge(chain, { ...asServer, serverName: 'other.test' }))).toEqual(['expired', 'name']);
    expect(problems(judge(chain, { usage: 'clientAuth' }))).toEqual(['expired', 'usage']);
    expect(problems(judge(chain, { usage: 'clientAuth', serial: 'AH0002' }))).toEqual([
      'expired',
      'name',
      'usage',
    ]);
    expect(problems(judge([expired], asServer))).toEqual(['chain', 'expired']);
    // OpenSSL, asked the same, speaks of the period only
    expect(opensslSays(chain)).toContain('certificate has expired');
  });

  test('isOnlyPeriod: the one case in which a device whose clock is unsure may go on', () => {
    expect(isOnlyPeriod(['expired'])).toBe(true);
    expect(isOnlyPeriod(['not-yet-valid', 'expired'])).toBe(true);
    expect(isOnlyPeriod(['expired', 'name'])).toBe(false);
    expect(isOnlyPeriod(['usage', 'expired'])).toBe(false);
    expect(isOnlyPeriod([])).toBe(false);
  });

  test('period: of the leaf and of every CA above it, to the second', () => {
    const first = Date.UTC(2020, 0, 1);
    const last = Date.UTC(2040, 0, 1);
    expect(judge([device, issuing], { nowMs: first })).toMatchObject({ ok: true });
    expect(judge([device, issuing], { nowMs: last })).toMatchObject({ ok: true });
    expect(problems(judge([device, issuing], { nowMs: first - 1 }))).toEqual(['not-yet-valid']);
    expect(problems(judge([device, issuing], { nowMs: last + 1 }))).toEqual(['expired']);
    const oldCa = pki.make({ subject: '/CN=old', extensions: CA, issuer: root, to: '20210101000000Z' });
    const below = pki.make({ subject: DEVICE, extensions: CLIENT, issuer: oldCa, key: P256 });
    expect(problems(judge([below, oldCa]))).toEqual(['expired']);
    expect(opensslSays([below, oldCa])).toContain('certificate has expired');
  });

  test('a rogue CA of the same name', () => {
    const rogueRoot = pki.make({ subject: '/O=airherd/CN=root', extensions: CA, key: RSA });
    const rogueIssuing = pki.make({
      subject: '/O=airherd/CN=issuing',
      extensions: CA,
      issuer: rogueRoot,
      key: RSA,
    });
    const leaf = pki.make({ subject: DEVICE, extensions: CLIENT, issuer: rogueIssuing, key: P256 });
    for (const chain of [
      [leaf, rogueIssuing],
      [leaf, rogueIssuing, rogueRoot],
      [leaf, issuing],
      [leaf, issuing, rogueIssuing, rogueRoot],
    ]) {
      expect(problems(judge(chain))).toEqual(['chain', 'signature']);
      expect(opensslSays(chain)).not.toContain(': OK');
    }
    expect(problems(judge([leaf]))).toEqual(['chain']);
  });

  test('a self-signed leaf, also when its key is good for nothing else', () => {
    const selfSigned = pki.make({ subject: DEVICE, extensions: CLIENT, key: P256 });
    expect(problems(judge([selfSigned]))).toEqual(['chain']);
  });

  test('CA flags: a device that signs, a CA that logs in, a path that is too long', () => {
    const byDevice = pki.make({ subject: DEVICE, extensions: CLIENT, issuer: device, key: P256 });
    expect(problems(judge([byDevice, device, issuing]))).toContain('ca-flag');
    expect(opensslSays([byDevice, device, issuing])).not.toContain(': OK');

    const caLeaf = pki.make({
      subject: DEVICE,
      extensions: ['basicConstraints=critical,CA:TRUE', 'extendedKeyUsage=clientAuth'],
      issuer: issuing,
      key: P256,
    });
    expect(problems(judge([caLeaf, issuing]))).toEqual(['ca-flag']);

    const noSign = pki.make({
      subject: '/CN=no sign',
      extensions: ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,digitalSignature'],
      issuer: root,
    });
    const below = pki.make({ subject: DEVICE, extensions: CLIENT, issuer: noSign, key: P256 });
    expect(problems(judge([below, noSign]))).toEqual(['ca-flag']);
    expect(opensslSays([below, noSign])).not.toContain(': OK');

    const short = pki.make({
      subject: '/CN=short',
      extensions: ['basicConstraints=critical,CA:TRUE,pathlen:0', 'keyUsage=critical,keyCertSign'],
      issuer: root,
    });
    const subordinate = pki.make({ subject: '/CN=sub', extensions: CA, issuer: short });
    const deep = pki.make({ subject: DEVICE, extensions: CLIENT, issuer: subordinate, key: P256 });
    expect(problems(judge([deep, subordinate, short]))).toEqual(['ca-flag']);
    expect(opensslSays([deep, subordinate, short])).toContain('path length constraint exceeded');
  });

  test('usage: the leaf must name it, a CA that names others forbids it, "any" is no licence', () => {
    const usageOf = (extensions: string[], issuer = issuing) =>
      pki.make({ subject: DEVICE, extensions, issuer, key: P256 });
    expect(problems(judge([usageOf(SERVER), issuing]))).toEqual(['usage']);
    expect(problems(judge([usageOf(['extendedKeyUsage=anyExtendedKeyUsage']), issuing]))).toEqual(['usage']);
    expect(problems(judge([usageOf(['basicConstraints=CA:FALSE']), issuing]))).toEqual(['usage']);
    const noSignature = ['keyUsage=critical,keyAgreement', 'extendedKeyUsage=clientAuth'];
    expect(problems(judge([usageOf(noSignature), issuing]))).toEqual(['usage']);
    const serversOnly = pki.make({
      subject: '/CN=s',
      extensions: [...CA, 'extendedKeyUsage=serverAuth'],
      issuer: root,
    });
    const below = usageOf(CLIENT, serversOnly);
    expect(problems(judge([below, serversOnly]))).toEqual(['usage']);
    expect(opensslSays([below, serversOnly])).not.toContain(': OK');
  });

  test('names: no wildcard but a whole left-most label, no common name, no address as a DNS name', () => {
    const server = (alternatives: string) =>
      pki.make({
        subject: '/CN=cloud.test',
        extensions: [...SERVER, ...(alternatives === '' ? [] : [`subjectAltName=${alternatives}`])],
        issuer: issuing,
        key: P256,
      });
    const named = (leaf: Made, serverName: string) =>
      problems(judge([leaf, issuing], { usage: 'serverAuth', serverName }));
    const wildcard = server('DNS:*.cloud.test,DNS:*.test,DNS:10.0.0.1,DNS:f*.bar.test');
    expect(named(wildcard, 'a.cloud.test')).toEqual([]);
    expect(named(wildcard, 'x.test')).toEqual(['name']);
    expect(named(wildcard, 'a.b.cloud.test')).toEqual(['name']);
    expect(named(wildcard, 'test')).toEqual(['name']);
    expect(named(wildcard, '10.0.0.1')).toEqual(['name']);
    expect(named(wildcard, 'foo.bar.test')).toEqual(['name']);
    expect(named(server('DNS:*'), 'localhost')).toEqual(['name']);
    expect(named(server('IP:10.0.0.1'), '10.0.0.1')).toEqual([]);
    expect(named(server(''), 'cloud.test')).toEqual(['name']);
  });

  test.each([
    ['of another device', '/CN=AH0002/serialNumber=AH0002'],
    ['with the serial in one place only', '/CN=AH0002/serialNumber=AH0001'],
    ['with two common names', '/CN=AH0001/CN=AH0002/serialNumber=AH0001'],
    ['with two serials', '/CN=AH0001/serialNumber=AH0001/serialNumber=AH0002'],
    ['without a serial', '/CN=AH0001'],
  ])('a certificate %s is not that of AH0001', (_, subject) => {
    const leaf = pki.make({ subject, extensions: CLIENT, issuer: issuing, key: P256 });
    expect(problems(judge([leaf, issuing], { serial: 'AH0001' }))).toEqual(['name']);
  });

  test('keys and signatures that are too weak', () => {
    const weak = pki.make({
      subject: DEVICE,
      extensions: CLIENT,
      issuer: issuing,
      key: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'],
    });
    expect(problems(judge([weak, issuing]))).toEqual(['key-too-weak']);
    const koblitz = pki.make({
      subject: DEVICE,
      extensions: CLIENT,
      issuer: issuing,
      key: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1'],
    });
    expect(problems(judge([koblitz, issuing]))).toEqual(['key-too-weak']);
    const sha1 = pki.make({
      subject: DEVICE,
      extensions: CLIENT,
      issuer: issuing,
      key: P256,
      digest: 'sha1',
    });
    expect(problems(judge([sha1, issuing]))).toEqual(['chain', 'signature']);
  });

  test('an unknown critical extension refuses, one that is not critical does not', () => {
    const make = (critical: string) =>
      pki.make({
        subject: DEVICE,
        extensions: [...CLIENT, `1.2.3.4.5=${critical}DER:0500`],
        issuer: issuing,
        key: P256,
      });
    expect(problems(judge([make('critical,'), issuing]))).toEqual(['malformed']);
    expect(problems(judge([make(''), issuing]))).toEqual([]);
  });

  test('name constraints of a foreign CA: what OpenSSL refuses, we refuse', () => {
    const constrained = (constraints: string) =>
      pki.make({
        subject: '/CN=nc',
        extensions: [...CA, `nameConstraints=critical,${constraints}`],
        issuer: root,
      });
    const cases: [constraints: string, names: string, allowed: boolean][] = [
      ['permitted;DNS:example.net', 'DNS:a.example.net', true],
      ['permitted;DNS:example.net', 'DNS:example.net', true],
      ['permitted;DNS:example.net', 'DNS:badexample.net', false],
      ['permitted;DNS:example.net', 'DNS:a.example.net,DNS:b.example.org', false],
      ['excluded;DNS:example.net', 'DNS:a.example.net', false],
      ['excluded;DNS:example.net', 'DNS:a.example.org', true],
      ['permitted;IP:10.0.0.0/255.0.0.0', 'IP:10.9.8.7', true],
      ['permitted;IP:10.0.0.0/255.0.0.0', 'IP:11.0.0.1', false],
      ['permitted;IP:10.0.0.0/255.0.0.0', 'IP:fd00::1', false],
      ['excluded;IP:0.0.0.0/0.0.0.0', 'IP:fd00::1', true],
      ['permitted;DNS:example.net', 'IP:10.0.0.1', true],
      ['permitted;email:example.net', 'email:a@example.org', false],
    ];
    const cas = new Map<string, Made>();
    for (const [constraints, names, allowed] of cases) {
      const issuer = cas.get(constraints) ?? constrained(constraints);
      cas.set(constraints, issuer);
      const leaf = pki.make({
        subject: '/O=x',
        extensions: [...CLIENT, `subjectAltName=${names}`],
        issuer,
        key: P256,
      });
      const label = `${constraints} / ${names}`;
      expect(opensslSays([leaf, issuer]).includes(': OK'), label).toBe(allowed);
      expect(problems(judge([leaf, issuer])), label).toEqual(allowed ? [] : ['name']);
    }
  });

  test('hostile bytes: every cut and every changed byte is a verdict, never a throw, never an acceptance', () => {
    const good = der(device);
    for (let length = 0; length < good.length; length++) {
      const verdict = judge([], { chain: [good.subarray(0, length), der(issuing)] });
      expect(problems(verdict)).toEqual(['malformed']);
    }
    for (let at = 0; at < good.length; at++) {
      const bytes = Buffer.from(good);
      bytes[at] ^= 1 << (at % 8);
      expect(judge([], { chain: [bytes, der(issuing)] }).ok, `byte ${at}`).toBe(false);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(parseCertificate(Buffer.from(bytes))).toBeNull();
      }),
    );
    expect(problems(judge([], { chain: [] }))).toEqual(['chain']);
    expect(problems(judge([], { chain: [Buffer.concat([good, Buffer.from([0])])] }))).toEqual(['malformed']);
    expect(problems(judge([], { chain: [good, Buffer.from('junk'), der(issuing)] }))).toEqual([]);
    expect(problems(judge([device, issuing], { trustPem: [] }))).toEqual(['chain']);
    expect(problems(judge([device, issuing], { trustPem: ['not PEM'] }))).toEqual(['chain']);
  });

  test('two CAs that sign each other end in a refusal', () => {
    const a = pki.make({ subject: '/CN=a', extensions: CA });
    const b = pki.make({ subject: '/CN=b', extensions: CA, issuer: a });
    // a again, with its own key, but signed by b
    const aByB = pki.make({ subject: '/CN=a', extensions: CA, issuer: b });
    const leaf = pki.make({ subject: DEVICE, extensions: CLIENT, issuer: b, key: P256 });
    expect(problems(judge([leaf, b, a, aByB]))).toContain('chain');
  });
});
