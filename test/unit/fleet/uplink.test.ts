import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { Uplink } from '../../../fleet/uplink.ts';
import type { Dialer, DialOptions, SecureChannel } from '../../../platform/ports/transport.ts';
import { VirtualClock } from '../../../platform/sim/clock.ts';

const options: DialOptions = {
  host: '127.0.0.1',
  port: 1,
  serverName: 'localhost',
  credentials: { certificatePem: '', privateKeyPem: '' },
  minVersion: 'TLSv1.3',
  timeoutMs: 1000,
};

function channel(): SecureChannel {
  const stream = new PassThrough();
  return {
    stream,
    protocol: 'TLSv1.3',
    cipher: 'TLS_AES_128_GCM_SHA256',
    peerCertificate: Buffer.alloc(0),
    peerChain: [],
    remoteAddress: '127.0.0.1',
    channelBinding: Buffer.alloc(32),
    destroy: () => stream.destroy(),
  };
}

function setUp() {
  const clock = new VirtualClock(0);
  const waiting: ((channel: SecureChannel) => void)[] = [];
  let aborted = 0;
  const inner: Dialer = {
    dial: (_options, signal) =>
      new Promise((resolve, reject) => {
        waiting.push(resolve);
        signal.addEventListener('abort', () => {
          aborted++;
          reject(signal.reason);
        });
      }),
  };
  const intended: number[] = [];
  const uplink = new Uplink(inner, clock, {
    startAtMs: 0,
    localAddress: undefined,
    onDial: (atMs) => intended.push(atMs),
    onConnected: () => {},
    onSecured: () => {},
  });
  return { clock, waiting, uplink, intended, aborted: () => aborted };
}

test('a cut in the middle of dialling ends it; it begins anew at the instant of the restore', async () => {
  const { clock, waiting, uplink, intended, aborted } = setUp();
  const dialled = uplink.dial(options, new AbortController().signal);
  await clock.advance(100);
  expect(uplink.cut()).toBe(false);
  await clock.advance(100);
  expect(aborted()).toBe(1);
  expect(waiting).toHaveLength(1);
  uplink.restore(200);
  await clock.advance(50);
  expect(waiting).toHaveLength(2);
  const there = channel();
  waiting[1](there);
  expect(await dialled).toBe(there);
  // The second attempt was due when the schedule said so.
  expect(intended).toEqual([0, 200]);
});

test('a cut in the middle of a login destroys the connection, and whoever dials waits', async () => {
  const { clock, waiting, uplink } = setUp();
  const first = uplink.dial(options, new AbortController().signal);
  await clock.advance(0);
  const there = channel();
  waiting[0](there);
  await first;
  expect(uplink.cut()).toBe(true);
  expect(there.stream.destroyed).toBe(true);
  void uplink.dial(options, new AbortController().signal);
  await clock.advance(1000);
  expect(waiting).toHaveLength(1);
  uplink.restore(1000);
  await clock.advance(0);
  expect(waiting).toHaveLength(2);
});

test('an abort ends it, cut or not', async () => {
  for (const isCut of [false, true]) {
    const { clock, uplink } = setUp();
    if (isCut) uplink.cut();
    const abort = new AbortController();
    const dialled = uplink.dial(options, abort.signal);
    const refused = expect(dialled).rejects.toThrow('stopped');
    await clock.advance(10);
    abort.abort(new Error('stopped'));
    await refused;
  }
});
