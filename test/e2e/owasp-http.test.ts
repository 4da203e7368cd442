/** What clients that do not keep to HTTP, or to its pace, get from the API: raw bytes over TLS. */
import { connect as tcpConnect } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { rawApi } from '../support/raw-api.ts';

let lab: TestCloud;
let impatient: TestCloud;
let token: string;
beforeAll(async () => {
  lab = await testCloud();
  token = lab.cloud.registry.tokens.issue('raw');
  impatient = await testCloud({
    apiLimits: { headersTimeoutMs: 300, requestTimeoutMs: 600, connections: 6 },
  });
});
afterAll(async () => {
  await lab.stop();
  await impatient.stop();
});

async function open({ cloud }: TestCloud): Promise<TLSSocket> {
  const socket = connect({
    host: '127.0.0.1',
    port: cloud.apiPort,
    servername: 'localhost',
    ca: [...cloud.trustPem],
  });
  socket.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('close', () => reject(new Error('closed')));
  });
  return socket;
}

/** All that comes until the server ends the connection. */
function whole(socket: TLSSocket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.once('close', () => resolve(text));
  });
}
const statuses = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));

async function answersTo(bytes: string): Promise<number[]> {
  const socket = await open(lab);
  const text = whole(socket);
  socket.write(bytes.replaceAll('TOKEN', token));
  return statuses(await text);
}

describe('request smuggling', () => {
  const inner =
    'GET /api/v1/self HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token TOKEN\r\nConnection: close\r\n\r\n';
  const head = (...lines: string[]) =>
    `POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;

  test('the control: two requests in a row on one connection are two answers', async () => {
    const first = 'GET /api/v1/self HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token TOKEN\r\n\r\n';
    expect(await answersTo(first + inner)).toEqual([200, 200]);
  });

  test.each<[string, string]>([
    [
      'Content-Length and Transfer-Encoding',
      `${head('Content-Length: 4', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    ],
    [
      'Transfer-Encoding and Content-Length',
      `${head('Transfer-Encoding: chunked', 'Content-Length: 5')}0\r\n\r\n`,
    ],
    ['two Content-Lengths', `${head('Content-Length: 2', 'Content-Length: 200')}{}`],
    ['a Content-Length with a sign', `${head('Content-Length: +2')}{}`],
    ['a Content-Length that is a list', `${head('Content-Length: 2, 200')}{}`],
    ['a Transfer-Encoding that is not quite', `${head('Transfer-Encoding: xchunked')}{}`],
    ['chunked that is not last', `${head('Transfer-Encoding: chunked, identity')}0\r\n\r\n`],
    ['a space before the colon', `${head('Transfer-Encoding : chunked')}0\r\n\r\n`],
    ['a header that goes on in the next line', `${head('X-Header: a\r\n Transfer-Encoding: chunked')}`],
    ['bare line feeds', 'POST /api/v1/login HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n'],
    ['a bare carriage return in a header', `${head('X-Header: a\rTransfer-Encoding: chunked')}`],
    ['a chunk size that overflows', `${head('Transfer-Encoding: chunked')}fffffffffffffffff\r\n`],
    ['a chunk size with a prefix', `${head('Transfer-Encoding: chunked')}0x2\r\n{}\r\n0\r\n\r\n`],
    ['U+0000 in a header', `${head('X-Header: a\u0000b')}`],
    ['HTTP/2 in the clear', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    [
      'two Hosts',
      'GET /api/v1/self HTTP/1.1\r\nHost: localhost\r\nHost: other\r\n\r\n'.replace('GET', 'BREW'),
    ],
  ])('%s: one refusal, and what follows is not answered', async (_, bytes) => {
    expect(await answersTo(bytes + inner)).toEqual([400]);
  });
});

describe('slow clients', () => {
  test('headers that do not end', async () => {
    const socket = await open(impatient);
    const text = whole(socket);
    socket.write('GET /api/v1/self HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
    expect(statuses(await text)).toEqual([408]);
  });

  test('a body that comes byte by byte', async () => {
    const socket = await open(impatient);
    const text = whole(socket);
    socket.write(
      'POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
    );
    const trickle = setInterval(() => socket.write(' '), 50);
    expect(statuses(await text)).toEqual([408]);
    clearInterval(trickle);
  });

  test('a body that stops', async () => {
    const socket = await open(impatient);
    const text = whole(socket);
    socket.write(
      'POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
    );
    // Silence and the end of its time come at once: whichever is seen first.
    expect([[], [408]]).toContainEqual(statuses(await text));
  });

  test('no handshake', async () => {
    const socket = tcpConnect(impatient.cloud.apiPort, '127.0.0.1');
    socket.on('error', () => {}).resume();
    await new Promise((resolve) => socket.once('close', resolve));
  });

  test('more connections than it takes are closed; those that were there are answered', async () => {
    const sockets = await Promise.all(Array.from({ length: 6 }, () => open(impatient)));
    await expect(open(impatient)).rejects.toThrow();
    const text = whole(sockets[0]);
    sockets[0].write('GET /api/v1/self HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(statuses(await text)).toEqual([401]);
    for (const socket of sockets) socket.destroy();
  });
});

describe('bodies and headers', () => {
  const post = (body: string | Buffer, headers: Record<string, string> = {}, path = '/api/v1/login') =>
    rawApi(lab.cloud, { method: 'POST', path, body, headers });

  test('headers above the bound', async () => {
    const headers = { 'x-filler': 'x'.repeat(20_000) };
    expect((await rawApi(lab.cloud, { path: '/api/v1/self', headers })).status).toBe(431);
  });

  test('a body above the bound is refused by its announced length, before it comes', async () => {
    const socket = await open(lab);
    const text = whole(socket);
    socket.write(
      'POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 999999999\r\n\r\n',
    );
    expect(statuses(await text)).toEqual([413]);
  });

  test('so is one of chunks, once they are too many', async () => {
    const chunk = `8000\r\n${' '.repeat(0x8000)}\r\n`;
    const head =
      'POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(await answersTo(head + chunk.repeat(9))).toEqual([413]);
  });

  test('nesting: sixteen levels are looked at, seventeen are not, a hundred thousand cost nothing', async () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    const said = async (levels: number) => (await post(nested(levels))).json.detail;
    expect(await said(16)).not.toContain('deeper');
    expect(await said(17)).toContain('deeper than 16 levels');
    expect(await said(100_000)).toContain('deeper than 16 levels');
    // Brackets in a string are none.
    expect((await post(JSON.stringify({ email: '['.repeat(100), password: 'x' }))).status).toBe(401);
  });

  test('a decompression bomb: 16 MiB in 16 KiB are not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(16 * 1024 * 1024, ' '));
    for (const coding of ['gzip', 'deflate', 'br', 'identity, gzip', 'x-gzip']) {
      expect((await post(bomb, { 'content-encoding': coding })).status).toBe(415);
    }
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    '',
  ])('a body of type %j, which a form of another site could send, is not read', async (type) => {
    expect((await post('{"email":"a@example.org","password":"x"}', { 'content-type': type })).status).toBe(
      415,
    );
  });

  test('text that is no JSON, no UTF-8, or has duplicate and hostile keys, breaks nothing', async () => {
    for (const body of [
      '{',
      '{"a":1,}',
      'NaN',
      '\u0000',
      Buffer.from([0xff, 0xfe, 0x00]),
      '{"__proto__":{"x":1}}',
      '1e999',
    ]) {
      expect((await post(body)).status).toBe(400);
    }
    expect('x' in {}).toBe(false);
  });

  test('other methods than those of the table are not there', async () => {
    for (const method of ['TRACE', 'PATCH', 'OPTIONS', 'PROPFIND', 'HEAD']) {
      const { status } = await rawApi(lab.cloud, {
        method,
        path: '/api/v1/self',
        headers: { authorization: `Token ${token}` },
      });
      expect([method, status]).toEqual([method, 404]);
    }
    const headers = { authorization: `Token ${token}`, 'x-http-method-override': 'DELETE' };
    expect((await rawApi(lab.cloud, { path: '/api/v1/self', headers })).status).toBe(200);
  });
});
