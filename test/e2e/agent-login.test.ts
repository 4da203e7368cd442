import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Authority, createAuthority, loadAuthority } from '../../certs/authority.ts';
import { publicKeyDer, subjectName } from '../../certs/extensions.ts';
import type { Identity } from '../../certs/identity.ts';
import { issueServer } from '../../certs/issue-server.ts';
import { toPem } from '../../certs/pem.ts';
import { signLeaf } from '../../certs/sign.ts';
import { nodeClock } from '../../platform/node/clock.ts';
import { nodeDialer } from '../../platform/node/dial.ts';
import type { Clock } from '../../platform/ports/clock.ts';
import type { Dialer } from '../../platform/ports/transport.ts';
import { DAY_MS, device, fakeCloud, serverCertificate, startAgent } from '../support/agent-lab.ts';
import { sharedAuthority } from '../support/authority.ts';
import type { FakeCloud, FakeCloudOptions } from '../support/fake-cloud.ts';
import { startRelay } from '../support/relay.ts';

let authority: Authority;
let identity: Identity;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  authority = await sharedAuthority();
  identity = await device(authority);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function cloudWith(options: Partial<FakeCloudOptions> = {}, of = identity): Promise<FakeCloud> {
  const cloud = await fakeCloud(authority, of, options);
  closing.push(() => cloud.close());
  return cloud;
}

async function agentFor(cloud: { url: string }, options: Partial<Parameters<typeof startAgent>[0]> = {}) {
  const lab = await startAgent({ identity, url: cloud.url, ...options });
  closing.push(() => lab.agent.stop());
  return lab;
}

/** What a refused cloud may have got: CONNECT, SUBSCRIBE, their acknowledgements, and not one message. */
function expectNothingSaid(cloud: FakeCloud): void {
  expect(cloud.received).toEqual([]);
  expect(cloud.packets.filter((name) => name === 'publish')).toEqual([]);
}

/** Device keys and TLS versions: what holds for one is to hold for all. */
const KEYS_AND_VERSIONS = [
  ['ECDSA', 'p256', 'TLSv1.3'],
  ['RSA', 'rsa2048', 'TLSv1.3'],
  ['ECDSA', 'p256', 'TLSv1.2'],
  ['RSA', 'rsa2048', 'TLSv1.2'],
] as const;

describe('login', () => {
  test.each(KEYS_AND_VERSIONS)(
    'a cloud that proves itself is told hello: %s key (%s), %s',
    async (_, keyType, version) => {
      const own = await device(authority, keyType);
      const cloud = await cloudWith({ tls: { minVersion: version, maxVersion: version } }, own);
      const minTls = version === 'TLSv1.2' ? '1.2' : '1.3';
      const { event } = await agentFor(cloud, { identity: own, cloud: { minTls } });
      await cloud.until(() => cloud.received.length > 0);
      expect(cloud.received[0].stream).toBe('hello');
      expect(cloud.received[0].message).toMatchObject({ seq: 1, deviceKind: 'ap', clock: 'cloud' });
      const connecting = await event('step', ({ step }) => step === 'connecting');
      expect(connecting.detail.tls).toBe(version);
      expect(cloud.connects[0]).toMatchObject({ clientId: own.serial, clean: true, protocolVersion: 4 });
      expect(cloud.connects[0].will).toBeUndefined();
    },
  );

  test('TLS 1.2 is not spoken unless it is asked for', async () => {
    const cloud = await cloudWith({ tls: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } });
    const error = await (await agentFor(cloud)).failed();
    expect(error.code).toBe('tls-refused');
    expect(cloud.bytesReceived).toBe(0);
  });

  test('AES-256 is not spoken', async () => {
    const cloud = await cloudWith({ tls: { ciphers: 'TLS_AES_256_GCM_SHA384' } });
    expect((await (await agentFor(cloud)).failed()).code).toBe('tls-refused');
    expect(cloud.bytesReceived).toBe(0);
  });

  test('nobody there, somebody else there, nobody answering', async () => {
    const closed = await cloudWith();
    const { url } = closed;
    await closed.close();
    expect((await (await agentFor({ url })).failed()).code).toBe('cloud-unreachable');

    const silent = createServer((socket) => socket.resume());
    const plain = createServer((socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    for (const server of [silent, plain]) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      closing.push(() => new Promise((resolve) => server.close(() => resolve())));
    }
    const portOf = (server: typeof silent) => (server.address() as { port: number }).port;
    const tooSlow = await agentFor(
      { url: `mqtts://127.0.0.1:${portOf(silent)}` },
      { cloud: { timeoutMs: 200 } },
    );
    expect(await tooSlow.failed()).toMatchObject({ code: 'cloud-timeout' });
    const notTls = await agentFor({ url: `mqtts://127.0.0.1:${portOf(plain)}` });
    expect((await notTls.failed()).code).toBe('tls-refused');
  });

  test('a certificate that the cloud does not accept is said as that', async () => {
    const cloud = await cloudWith({ clientCaPem: [(await rogueAuthority()).rootPem] });
    const error = await (await agentFor(cloud)).failed();
    expect(error.code).toBe('login-cut');
    expect(error.message).toContain("may not accept this device's certificate");
    expect(error.message).not.toContain('\n');
  });

  test.each([1, 2, 3, 4, 5])('CONNACK %i is a refusal with its reason', async (connackCode) => {
    const cloud = await cloudWith({ connackCode });
    const error = await (await agentFor(cloud)).failed();
    expect(error.code).toBe('login-refused');
    expect(error.message).toContain(identity.serial);
    expectNothingSaid(cloud);
  });

  test('a subscription that is not granted is a refusal', async () => {
    const cloud = await cloudWith({ subackCode: 128 });
    expect((await (await agentFor(cloud)).failed()).code).toBe('login-refused');
    expectNothingSaid(cloud);
  });
});

describe('a cloud that does not prove itself gets nothing', () => {
  const wrongKey = Buffer.alloc(32, 1);
  test.each<[string, Partial<FakeCloudOptions>]>([
    ['does not know the factory key', { factoryKey: wrongKey, trusting: true }],
    ['sends a proof with one bit bent', { auth: (good) => Buffer.from(good).fill(good[52] ^ 1, 52) }],
    ['sends a proof that is too short', { auth: (good) => good.subarray(0, 52) }],
    ['sends an empty proof', { auth: () => Buffer.alloc(0) }],
    ['sends its welcome without a proof', { auth: () => null }],
    ['sends a command before its proof', { early: [['command', Buffer.from('a0', 'hex')]] }],
  ])('it %s', async (_, options) => {
    const cloud = await cloudWith(options);
    const { failed, agent } = await agentFor(cloud);
    const error = await failed();
    expect(error.code).toBe('cloud-unproven');
    expect(error.exitCode).toBe(4);
    expectNothingSaid(cloud);
    expect(agent.ledger().every((row) => row.produced === 0)).toBe(true);
  });

  test('it waits ten seconds for a proof that does not come', async () => {
    const limits: number[] = [];
    // Ten seconds pass at once, as soon as they are asked for.
    const clock: Clock = {
      ...nodeClock,
      timer: (delayMs, run) => {
        limits.push(delayMs);
        return nodeClock.timer(delayMs === 10_000 ? 50 : delayMs, run);
      },
    };
    const mute = await fakeCloud(authority, identity, { auth: () => null, welcome: {} });
    mute.options.welcome = undefined;
    closing.push(() => mute.close());
    Object.defineProperty(mute, 'greet', { value: () => {} });
    const { failed } = await agentFor(mute, { clock });
    expect(await failed()).toMatchObject({ code: 'cloud-timeout' });
    expect(limits).toContain(10_000);
    expectNothingSaid(mute);
  });

  test('a welcome that is not valid ends the login', async () => {
    const cloud = await cloudWith({ welcome: { window: 0 } });
    expect((await (await agentFor(cloud)).failed()).code).toBe('cloud-message');
    expectNothingSaid(cloud);
  });
});

describe("the cloud's certificate", () => {
  async function refusedWith(certificate: { certificatePem: string; privateKeyPem: string }, says: RegExp) {
    const cloud = await cloudWith(certificate);
    const { failed } = await agentFor(cloud);
    const error = await failed();
    expect(error.code).toBe('cloud-certificate');
    expect(error.message).toMatch(says);
    expectNothingSaid(cloud);
    return cloud;
  }

  async function leaf(options: {
    usage?: 'clientAuth' | 'serverAuth';
    names?: string[];
    ips?: string[];
    notBeforeMs?: number;
    notAfterMs?: number;
  }) {
    const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const der = signLeaf(authority.servers, {
      subject: subjectName('servers', 'cloud'),
      publicKey: publicKeyDer(key),
      usage: options.usage ?? 'serverAuth',
      altNames: { dns: options.names ?? ['localhost'], ips: options.ips ?? ['127.0.0.1'] },
      notBeforeMs: options.notBeforeMs ?? Date.now() - DAY_MS,
      notAfterMs: options.notAfterMs ?? Date.now() + DAY_MS,
    });
    return {
      certificatePem: toPem('CERTIFICATE', der) + authority.servers.pem,
      privateKeyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
  }

  const past = { notBeforeMs: Date.now() - 9 * DAY_MS, notAfterMs: Date.now() - DAY_MS };

  test('good: the control', async () => {
    const cloud = await cloudWith(await leaf({}));
    await (await agentFor(cloud)).opened();
  });
  test('another name', async () => {
    const cloud = await refusedWith(await leaf({ names: ['other.localhost'], ips: [] }), /name|127\.0\.0\.1/);
    expect(cloud.bytesReceived).toBe(0);
  });
  test('another usage', async () => {
    const cloud = await refusedWith(await leaf({ usage: 'clientAuth' }), /serverAuth|usage/i);
    expect(cloud.bytesReceived).toBe(0);
  });
  test('a rogue authority of the same name', async () => {
    const rogue = await rogueAuthority();
    const cloud = await refusedWith(
      await issueServer(rogue, { names: ['localhost'], ips: ['127.0.0.1'], days: 1, nowMs: Date.now() }),
      /./,
    );
    expect(cloud.bytesReceived).toBe(0);
  });
  test("a device's own certificate and key are no server's", async () => {
    const other = await device(authority);
    const cloud = await refusedWith(other, /./);
    expect(cloud.bytesReceived).toBe(0);
  });
  test('expired and of another name: the period does not hide the name', async () => {
    const cloud = await refusedWith(await leaf({ ...past, names: ['other.localhost'], ips: [] }), /name|127/);
    expect(cloud.bytesReceived).toBe(0);
  });
  test('expired and of another usage: the period does not hide the usage', async () => {
    const cloud = await refusedWith(await leaf({ ...past, usage: 'clientAuth' }), /serverAuth|usage/i);
    expect(cloud.bytesReceived).toBe(0);
  });
  test('revoked', async () => {
    const { certificatePem, privateKeyPem } = await serverCertificate(authority);
    const cloud = await cloudWith({ certificatePem, privateKeyPem });
    const sha256 = new X509Certificate(certificatePem).fingerprint256.replaceAll(':', '').toLowerCase();
    const { failed } = await agentFor(cloud, { cloud: { revoked: [sha256] } });
    expect(await failed()).toMatchObject({ code: 'cloud-certificate' });
    expect(cloud.bytesReceived).toBe(0);
  });

  test('expired, with a clock that somebody vouches for: refused at once', async () => {
    const cloud = await cloudWith(await leaf(past));
    const { failed } = await agentFor(cloud, { config: { clock: { trusted: true } } });
    expect(await failed()).toMatchObject({ code: 'cloud-certificate' });
    expect(cloud.bytesReceived).toBe(0);
  });
  test("expired, by a clock that is not known to be good: refused when the proven cloud's time agrees", async () => {
    const cloud = await cloudWith(await leaf(past));
    const { failed } = await agentFor(cloud);
    expect(await failed()).toMatchObject({ code: 'cloud-certificate' });
    expect(cloud.logins).toBe(1);
    expectNothingSaid(cloud);
  });

  test.each([
    ['1970', 0],
    ['2040', Date.UTC(2040, 0, 1)],
  ])('a clock in %s is corrected by the proven cloud, and only then does it speak', async (_, wallMs) => {
    const startedMs = nodeClock.monoMs();
    const clock: Clock = { ...nodeClock, wallMs: () => wallMs + nodeClock.monoMs() - startedMs };
    const cloud = await cloudWith();
    const { event, opened } = await agentFor(cloud, { clock });
    await opened();
    const { detail } = await event('step', ({ step }) => step === 'connecting');
    expect(detail.certificate).toContain('period');
    await cloud.until(() => cloud.of('hello').length > 0);
    const { message } = cloud.of('hello')[0];
    expect(message.clock).toBe('cloud');
    expect(Math.abs(Number(message.timeMs) - Date.now())).toBeLessThan(60_000);
  });
  test('a clock years off, and a certificate of another name: refused before the proof', async () => {
    const cloud = await cloudWith(await leaf({ names: ['other.localhost'], ips: [] }));
    const { failed } = await agentFor(cloud, { clock: { ...nodeClock, wallMs: () => 0 } });
    expect(await failed()).toMatchObject({ code: 'cloud-certificate' });
    expect(cloud.bytesReceived).toBe(0);
  });
});

describe.each(KEYS_AND_VERSIONS)(
  "the man in the middle, with a trusted server certificate and the device's certificate and key: %s (%s), %s",
  (_, keyType, version) => {
    const tls = { minVersion: version, maxVersion: version };
    const minTls = version === 'TLSv1.2' ? '1.2' : '1.3';
    let own: Identity;
    beforeAll(async () => {
      own = await device(authority, keyType);
    });

    /** Both ends use the test's constant in place of what the TLS connection exports. */
    const unbound = Buffer.alloc(32, 0x55);
    const withoutBinding: Dialer = {
      dial: async (options, signal) => {
        const channel = await nodeDialer.dial(options, signal);
        return { ...channel, channelBinding: unbound };
      },
    };

    const relayed = ({ port }: { port: number }) => ({ url: `mqtts://127.0.0.1:${port}` });

    async function relayTo(cloud: FakeCloud) {
      const relay = await startRelay({
        server: await serverCertificate(authority),
        client: own,
        version,
        clientCaPem: [authority.rootPem, authority.devices.pem],
        targetPort: cloud.port,
      });
      closing.push(() => relay.close());
      return relay;
    }

    test('fails: neither proof is of the other connection', async () => {
      const cloud = await cloudWith({ tls }, own);
      const relay = await relayTo(cloud);
      const { failed } = await agentFor(relayed(relay), { identity: own, cloud: { minTls } });
      expect(await failed()).toMatchObject({ code: 'login-refused' });
      expect(relay.bytesUp).toBeGreaterThan(0);
      expect(cloud.logins).toBe(0);
      expectNothingSaid(cloud);
    });

    test("fails also against a cloud that takes any device: the cloud's proof is of the other connection", async () => {
      const cloud = await cloudWith({ tls, trusting: true }, own);
      const relay = await relayTo(cloud);
      const { failed } = await agentFor(relayed(relay), { identity: own, cloud: { minTls } });
      expect(await failed()).toMatchObject({ code: 'cloud-unproven' });
      expect(cloud.logins).toBeGreaterThan(0);
      expectNothingSaid(cloud);
    });

    test('succeeds when both ends leave the binding out: the control that it matters', async () => {
      const cloud = await cloudWith({ tls, channelBinding: unbound }, own);
      const relay = await relayTo(cloud);
      const { opened } = await agentFor(relayed(relay), {
        identity: own,
        cloud: { minTls },
        dialer: withoutBinding,
      });
      await opened();
      await cloud.until(() => cloud.of('hello').length > 0);
    });
  },
);

describe('a server that speaks no MQTT', () => {
  /** Bytes by name: what comes after the handshake. */
  const GARBAGE: [string, Buffer][] = [
    ['HTTP', Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')],
    ['zeros', Buffer.alloc(64)],
    ['all ones', Buffer.alloc(64, 0xff)],
    ['a reserved packet type', Buffer.from('f00200000f00', 'hex')],
    ['a remaining length without end', Buffer.from('30ffffffffff', 'hex')],
    ['a CONNACK with reserved flags', Buffer.from('2f020000', 'hex')],
    ['a PUBLISH that announces 256 MB', Buffer.from('32ffffff7f', 'hex')],
    ['two CONNACKs', Buffer.from('2002000020020000', 'hex')],
    ['a SUBACK for nothing', Buffer.from('9003123400', 'hex')],
    ['a PUBLISH with a wildcard topic', Buffer.from('20020000300500032f2323', 'hex')],
  ];

  test.each(GARBAGE)('%s: an error of ours, nothing said, and the agent goes on', async (_, bytes) => {
    const { certificatePem, privateKeyPem } = await serverCertificate(authority);
    const sockets = new Set<TLSSocket>();
    const got: Buffer[] = [];
    const server = createTlsServer({ cert: certificatePem, key: privateKeyPem }, (socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('data', (chunk: Buffer) => got.push(chunk));
      socket.write(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    });
    const { port } = server.address() as { port: number };
    const lab = await agentFor({ url: `mqtts://127.0.0.1:${port}` }, { cloud: { timeoutMs: 300 } });
    const error = await lab.failed();
    expect(error.code).not.toBe('internal');
    // A second attempt is made: nothing was thrown where nobody catches it.
    await lab.event('failure', (failure) => failure.error !== error);
    expect(Buffer.concat(got).includes('/tx/')).toBe(false);
  });
});

describe('redirect', () => {
  test('a device logs in where it belongs', async () => {
    const home = await cloudWith();
    const first = await cloudWith({ welcome: { redirect: home.url } });
    const { opened } = await agentFor(first);
    await opened();
    await home.until(() => home.of('hello').length > 0);
    expectNothingSaid(first);
  });

  test('it does not go round in circles', async () => {
    const a = await cloudWith();
    const b = await cloudWith({ welcome: { redirect: a.url } });
    a.options.welcome = { redirect: b.url };
    const { failed } = await agentFor(a);
    expect(await failed()).toMatchObject({ code: 'login-refused' });
    expectNothingSaid(a);
    expectNothingSaid(b);
  });
});

/** Same names as the real one, other keys. Made once a machine: it costs seconds. */
async function rogueAuthority(): Promise<Authority> {
  const dir = join(tmpdir(), `airherd-test-rogue-1-${userInfo().uid}`);
  try {
    return await loadAuthority(dir);
  } catch {
    await createAuthority(dir, { nowMs: Date.now() }).catch(() => {});
    return loadAuthority(dir);
  }
}
