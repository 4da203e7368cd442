import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import type { Findings } from './finding.ts';
import { ask, type Endpoint, handshake } from './tls.ts';

const ANSWER_MS = 5000;
const YEAR_S = 31_536_000;
/** A path that only who is known gets an answer from. */
const CLOSED = '/api/v1/self';
const BOUND_HEADER_BYTES = 64 * 1024;

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
}

interface Question {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** Null when the connection ended without an answer. */
function fetched(
  { host, port }: Endpoint,
  { method = 'GET', path = CLOSED, headers, body }: Question = {},
): Promise<Answer | null> {
  return new Promise((resolve) => {
    const outgoing = request(
      // The certificate is judged by itself.
      { host, port, method, path, headers, agent: false, rejectUnauthorized: false, timeout: ANSWER_MS },
      (response) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers });
        outgoing.destroy();
      },
    );
    outgoing.on('timeout', () => outgoing.destroy());
    outgoing.on('error', () => resolve(null));
    outgoing.end(body);
  });
}

/** Each header, and what its value must be like. */
const HEADERS: readonly [name: string, good: (value: string) => boolean, mend: string][] = [
  [
    'content-security-policy',
    (value) => /default-src 'none'/.test(value) && /frame-ancestors 'none'/.test(value),
    "default-src 'none'; frame-ancestors 'none'",
  ],
  ['x-content-type-options', (value) => value === 'nosniff', 'nosniff'],
  ['x-frame-options', (value) => value === 'DENY', 'DENY'],
  ['referrer-policy', (value) => value === 'no-referrer', 'no-referrer'],
  ['cache-control', (value) => value.includes('no-store'), 'no-store'],
  [
    'strict-transport-security',
    (value) => Number(/max-age=(\d+)/.exec(value)?.[1] ?? 0) >= YEAR_S,
    `max-age=${YEAR_S} or more`,
  ],
];
/** These tell an attacker what to look up. */
const TELLTALE = ['server', 'x-powered-by'];

/** What an HTTPS listener answers to who is nobody. */
export async function checkHttp(
  endpoint: Endpoint,
  kind: 'closed' | 'open',
  findings: Findings,
): Promise<void> {
  const closed = await fetched(endpoint);
  if (!closed) {
    findings.wrong('answers', 'no answer to GET', 'look at the log of the cloud');
    return;
  }
  if (kind === 'closed') {
    findings.must(
      'closed',
      closed.status === 401,
      'who is nobody gets 401',
      `who is nobody gets ${closed.status}`,
      'every route needs a permission',
    );
  }
  const missing = await fetched(endpoint, { path: '/no-such-thing' });
  for (const [what, answer] of [
    [String(closed.status), closed],
    ['no such path', missing],
  ] as const) {
    const bad = HEADERS.filter(([name, good]) => !good(String(answer?.headers[name] ?? '')));
    findings.must(
      answer === closed ? 'headers' : 'headers-of-errors',
      bad.length === 0,
      `security headers are set (${what})`,
      `security headers missing or weak (${what}): ${bad.map(([name]) => name).join(', ')}`,
      bad.map(([name, , value]) => `${name}: ${value}`).join('; '),
    );
  }
  const tells = TELLTALE.filter((name) => closed.headers[name] !== undefined);
  findings.must(
    'telltale',
    tells.length === 0,
    'no header names the software',
    `headers name the software: ${tells.join(', ')}`,
    'leave them out',
  );
  const rate = Number(closed.headers['x-ratelimit-limit'] ?? Number.NaN);
  findings.must(
    'rate',
    rate > 0,
    `a limit of requests: ${rate} in its time`,
    'no rate limit is announced',
    'set a limit of requests',
  );
  await checkOrigins(endpoint, findings);
  await checkBounds(endpoint, findings);
  await checkForm(endpoint, findings);
}

async function checkOrigins(endpoint: Endpoint, findings: Findings): Promise<void> {
  const origin = 'https://elsewhere.example';
  const answer = await fetched(endpoint, { headers: { origin } });
  const allowed = answer?.headers['access-control-allow-origin'];
  findings.must(
    'cross-origin',
    allowed === undefined,
    'pages of other sites may not read answers',
    `pages of other sites may read answers: Access-Control-Allow-Origin: ${allowed}`,
    'send no Access-Control-Allow-Origin',
  );
  const trace = await fetched(endpoint, { method: 'TRACE', path: '/' });
  findings.must(
    'trace',
    !trace || trace.status >= 400,
    'TRACE is refused',
    `TRACE is answered with ${trace?.status}`,
    'refuse TRACE: it shows cookies to scripts',
  );
}

async function checkBounds(endpoint: Endpoint, findings: Findings): Promise<void> {
  const headers = { 'x-filler': 'x'.repeat(BOUND_HEADER_BYTES) };
  const long = await fetched(endpoint, { headers });
  findings.must(
    'header-size',
    long === null || long.status === 431,
    'headers have a bound',
    `${BOUND_HEADER_BYTES} bytes of headers are taken (${long?.status})`,
    'bound the size of headers',
  );
  const bomb = await fetched(endpoint, {
    method: 'POST',
    path: '/api/v1/login',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: Buffer.from('1f8b0800000000000003', 'hex'),
  });
  findings.must(
    'compressed-bodies',
    bomb === null || bomb.status >= 400,
    'compressed bodies are refused: none can be a bomb',
    `a compressed body is taken (${bomb?.status})`,
    'refuse Content-Encoding',
  );
}

async function checkForm(endpoint: Endpoint, findings: Findings): Promise<void> {
  const smuggled = `POST /api/v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET ${CLOSED} HTTP/1.1\r\nHost: x\r\n\r\n`;
  const answer = await handshake(endpoint, { say: Buffer.from(smuggled) });
  const status = statusIn(answer?.answer);
  findings.must(
    'smuggling',
    status === 400 || answer?.answer.length === 0,
    'a request with two lengths is refused',
    `a request with Content-Length and Transfer-Encoding gets ${status}`,
    'refuse requests whose length is not one',
  );
  const plain = await ask(endpoint, Buffer.from('GET / HTTP/1.0\r\n\r\n'), (bytes) => bytes.length > 12);
  findings.must(
    'plain-http',
    statusIn(plain.answer) === null || statusIn(plain.answer) === 400,
    'nothing is answered without TLS',
    'the port answers HTTP without TLS',
    'serve HTTPS only',
  );
}

const statusIn = (bytes: Buffer | undefined): number | null => {
  const [, status] = /^HTTP\/1\.\d (\d{3})/.exec(bytes?.toString('latin1') ?? '') ?? [];
  return status === undefined ? null : Number(status);
};
