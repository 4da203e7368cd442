import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeClock } from '../../../platform/node/clock.ts';
import { type LinkProxyOptions, startLinkProxy } from '../../../platform/node/link-proxy.ts';
import type { LinkProxy } from '../../../platform/ports/link.ts';
import { seededRandom } from '../../../platform/sim/random.ts';

/** An echo, that keeps its connections; what it received, by connection. */
let server: Server;
let targets: Socket[];
let received: Buffer[];
let proxies: LinkProxy[];

beforeEach(async () => {
  targets = [];
  received = [];
  proxies = [];
  server = createServer({ allowHalfOpen: true }, (socket) => {
    const n = targets.push(socket) - 1;
    received[n] = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    socket.on('data', (chunk: Buffer) => {
      received[n] = Buffer.concat([received[n], chunk]);
      socket.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  for (const proxy of proxies) await proxy.close();
  for (const socket of targets) socket.destroy();
  server.close();
});

async function proxy(options: Partial<LinkProxyOptions> = {}): Promise<LinkProxy> {
  const address = server.address();
  const started = await startLinkProxy({
    target: { host: '127.0.0.1', port: typeof address === 'object' && address ? address.port : 0 },
    clock: nodeClock,
    randomOf: (name) => seededRandom(`seed/${name}`),
    ...options,
  });
  proxies.push(started);
  return started;
}

interface Device {
  socket: Socket;
  bytes(): Buffer;
  /** Resolves to the error's code, or to `end`. */
  over: Promise<string>;
  until(length: number): Promise<void>;
}

async function device(to: LinkProxy, options: { highWaterMark?: number } = {}): Promise<Device> {
  const socket = connect({ port: to.port, host: to.host, ...options });
  let all = Buffer.alloc(0);
  let code = 'end';
  socket.on('data', (chunk: Buffer) => {
    all = Buffer.concat([all, chunk]);
    socket.emit('grown');
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    code = error.code ?? error.message;
  });
  await once(socket, 'connect');
  return {
    socket,
    bytes: () => all,
    over: closed(socket).then(() => code),
    async until(length) {
      while (all.length < length) await once(socket, 'grown');
    },
  };
}

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.once('close', () => resolve()));

/** TLS 1.3 records of application data, as on the wire. */
const record = (length: number, fill: number): Buffer =>
  Buffer.concat([Buffer.of(0x17, 3, 3, length >> 8, length & 0xff), Buffer.alloc(length, fill)]);

describe('a link', () => {
  test('that is clear passes everything, and the end of each side', async () => {
    const { socket, until, bytes, over } = await device(await proxy());
    const sent = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) & 0xff));
    socket.write(sent);
    await until(sent.length);
    expect(bytes().equals(sent)).toBe(true);
    socket.end();
    expect(await over).toBe('end');
    expect(received[0].equals(sent)).toBe(true);
  });

  test('with a delay is never quicker than it, there and back', async () => {
    const slow = await proxy();
    slow.set('', { delayMs: 60, jitterMs: 30 });
    const { socket, until } = await device(slow);
    for (let i = 1; i <= 3; i++) {
      const fromMs = performance.now();
      socket.write(Buffer.alloc(100));
      await until(i * 100);
      expect(performance.now() - fromMs).toBeGreaterThanOrEqual(119);
    }
  });

  test('of a bandwidth takes no less than the bytes ask for, and loses none', async () => {
    const narrow = await proxy();
    narrow.set('', { upBytesPerS: 100_000 });
    const { socket, until } = await device(narrow);
    const fromMs = performance.now();
    socket.write(Buffer.alloc(40_000, 1));
    await until(40_000);
    expect(performance.now() - fromMs).toBeGreaterThanOrEqual(375);
  });

  test('to a slow reader fills up: the target has to wait', async () => {
    const slow = await proxy();
    slow.set('', { downBytesPerS: 10_000 });
    const { socket, until } = await device(slow);
    socket.write('x');
    await until(1);
    const most = 64 * 1024 * 1024;
    let written = 0;
    while (written < most && targets[0].write(Buffer.alloc(1 << 20))) written += 1 << 20;
    // It is not taken: what lies in the target's own memory does not shrink while we look.
    expect(targets[0].writableNeedDrain).toBe(true);
    let isDrained = false;
    targets[0].on('drain', () => {
      isDrained = true;
    });
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(isDrained).toBe(false);
  });

  test('in a black hole holds all, tells nobody, and gives it back', async () => {
    const hole = await proxy();
    const { socket, bytes, until } = await device(hole);
    socket.write('before');
    await until(6);
    hole.set('', { blackHole: true });
    socket.write('inside');
    const second = await device(hole);
    second.socket.write('new');
    // The echo answers what is behind the hole already; nothing of it comes through.
    targets[0].write('?');
    const turn = await device(await proxy());
    turn.socket.write('while');
    await turn.until(5);
    expect(received[0].toString()).toBe('before');
    expect(bytes().toString()).toBe('before');
    hole.set('', { blackHole: false });
    await until(13);
    await second.until(3);
    expect(bytes().toString()).toBe('before?inside');
  });

  test('that is cut ends both sides; one that is reset resets them', async () => {
    const link = await proxy();
    for (const [how, seen] of [
      ['cut', 'end'],
      ['reset', 'ECONNRESET'],
    ] as const) {
      const { socket, until, over } = await device(link);
      socket.write('a');
      await until(1);
      const target = targets[targets.length - 1];
      const gone = closed(target);
      expect(link.break('', how)).toBe(1);
      expect(await over).toBe(seen);
      await gone;
      expect(target.errored !== null).toBe(how === 'reset');
    }
    await expect.poll(() => link.connections()).toBe(0);
  });

  test('that is half open: the device is reset, the target hears nothing', async () => {
    const link = await proxy();
    const { socket, until, over } = await device(link);
    socket.write('a');
    await until(1);
    link.break('', 'half-open');
    expect(await over).toBe('ECONNRESET');
    // Somebody else's whole round trip later it is still there, and may be written to.
    const turn = await device(link);
    turn.socket.write('b');
    await turn.until(1);
    expect(targets[0].destroyed).toBe(false);
    expect(targets[0].readableEnded).toBe(false);
    targets[0].end('into the void');
    await once(targets[0], 'close');
  });

  test('resets in the middle of a TLS record, at the place that the seed decides', async () => {
    const at: number[] = [];
    for (let run = 0; run < 2; run++) {
      const link = await proxy();
      const { socket, until, over } = await device(link);
      const whole = record(200, 1);
      socket.write(whole);
      await until(whole.length);
      link.break('', 'reset-mid-record');
      socket.write(Buffer.concat([record(1000, 2), record(50, 3)]));
      expect(await over).toBe('ECONNRESET');
      const n = targets.length - 1;
      await expect.poll(() => targets[n].destroyed).toBe(true);
      at.push(received[n].length - whole.length);
    }
    expect(at[0]).toBeGreaterThan(5);
    expect(at[0]).toBeLessThan(1005);
    expect(at[1]).toBe(at[0]);
  });
});

test('links are told apart by who claims a connection', async () => {
  const link = await proxy({ claimed: true });
  const [one, two] = [await device(link), await device(link)];
  for (const [of, name] of [
    [one, 'one'],
    [two, 'two'],
  ] as const) {
    link.claim({ address: of.socket.localAddress ?? '', port: of.socket.localPort ?? 0 }, name);
    of.socket.write(name);
    await of.until(3);
  }
  expect(link.connections('one')).toBe(1);
  link.break('one', 'reset');
  expect(await one.over).toBe('ECONNRESET');
  two.socket.write('!');
  await two.until(4);
});
