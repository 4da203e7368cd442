/**
 * OWASP API Security Top 10 and the rest of the Top 10, over the whole route table: a new route is in each of these
 * tests by itself. Object- and function-level authorisation have a file of their own (cloud-roles.test.ts).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ZodType } from 'zod';
import type { Route } from '../../cloud-stub/api/route.ts';
import { ROUTES } from '../../cloud-stub/api/table.ts';
import type { Stores } from '../../cloud-stub/store/stores.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { apiApp } from '../support/api-app.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { DeviceClient, helloFields } from '../support/device-client.ts';
import { orgRole, PASSWORD, person, tokenFor } from '../support/identities.ts';

const CANARY = 'canary-of-anna';
const CANARY_MAC = Buffer.from('3c0754c0ffee', 'hex');

let lab: TestCloud;
let serial: string;
/** All handlers as they are served. */
let app: FastifyInstance;
/** Handlers that say that they ran, and do nothing. */
let idle: FastifyInstance;
const ran: string[] = [];

const nameOf = ({ method, path }: Route): string => `${method} ${path}`;
const named = ROUTES.map((route) => [nameOf(route), route] as const);
const changes = named.filter(([, { method }]) => method !== 'GET');

const idleRoute = (route: Route): Route => ({
  ...route,
  ownAudit: false,
  parse: () => ({ query: {}, body: {} }),
  run: () => {
    ran.push(nameOf(route));
    return { ran: true };
  },
});

beforeAll(async () => {
  lab = await testCloud();
  const [identity] = await lab.devices(1);
  serial = identity.serial;
  const device = await DeviceClient.login({ port: lab.cloud.devicePort, identity });
  await device.acked('hello', device.publish('hello', helloFields(identity)));
  const client = { mac: CANARY_MAC, randomized: false, state: 'associated', hostName: CANARY, lastSeenMs: 1 };
  await device.acked('clients', device.publish('clients', { class: 'wifi.connected', clients: [client] }));
  const host = { mac: CANARY_MAC, randomized: false, port: 'ge-0/0/1', hostName: CANARY, lastSeenMs: 1 };
  await device.acked('wired', device.publish('wired', { class: 'wired', hosts: [host] }));
  device.end();
  await person(lab, `${CANARY}@example.org`, [orgRole('admin', lab.orgId)]);
  await person(lab, `${CANARY}@vendor.example`, [], 'support');
  app = await apiApp(lab, ROUTES);
  idle = await apiApp(
    lab,
    ROUTES.map((route) => (route.may === 'anyone' ? route : idleRoute(route))),
  );
});
afterAll(async () => {
  await app.close();
  await idle.close();
  await lab.stop();
});

/** The path with what the lab has; `value` for what is left. */
const pathOf = ({ path }: Route, value = 'c0ffee'): string =>
  path
    .replace(':orgId', lab.orgId)
    .replace(':siteId', lab.siteId)
    .replace(':serial', serial)
    .replace(/:\w+/g, value);

const operator = () => ({ authorization: `Token ${lab.cloud.registry.tokens.issue('owasp')}` });

/** Every object schema within. */
function* objectsIn(
  schema: ZodType,
  seen = new Set<ZodType>(),
): Generator<{ shape: string[]; strict: boolean }> {
  if (seen.has(schema)) return;
  seen.add(schema);
  // biome-ignore lint/suspicious/noExplicitAny: zod's definitions are a union of forty types
  const def = schema._zod.def as any;
  if (def.type === 'object')
    yield { shape: Object.keys(def.shape), strict: def.catchall?._zod.def.type === 'never' };
  const inner = [def.element, def.innerType, def.in, def.out, def.left, def.right, def.valueType];
  for (const one of [...inner, ...(def.options ?? []), ...Object.values(def.shape ?? {})]) {
    if (one) yield* objectsIn(one as ZodType, seen);
  }
}

describe('mass assignment', () => {
  test.each(changes)('%s: no object of its body takes a field that it does not name', (_, { body }) => {
    const objects = [...objectsIn(body)];
    expect(objects.filter(({ strict }) => !strict)).toEqual([]);
  });

  const privileged = {
    role: 'admin',
    kind: 'operator',
    privileges: [{ scope: 'all', role: 'admin' }],
    org_id: '0',
    id: '0',
    isAdmin: true,
  };
  test.each(changes)('%s: privileged and unknown fields change nothing', async (_, route) => {
    const before = lab.cloud.registry.version();
    const authorization = operator();
    const issued = lab.cloud.registry.version();
    expect(issued).not.toBe(before);
    const payload = `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},${JSON.stringify(privileged).slice(1)}`;
    const { statusCode, body } = await app.inject({
      method: route.method,
      url: pathOf(route),
      headers: { ...authorization, 'content-type': 'application/json' },
      payload,
    });
    expect([statusCode, body]).toEqual([400, expect.stringMatching(/detail/)]);
    expect(lab.cloud.registry.version()).toBe(issued);
    expect('polluted' in {}).toBe(false);
  });
});

describe('audit', () => {
  const logs = () => [
    ...lab.cloud.stores.of(lab.orgId).audit.list({ limit: 50, offset: 0 }),
    ...lab.cloud.stores.of('00000000-0000-0000-0000-000000000000').audit.list({ limit: 50, offset: 0 }),
  ];
  const logged = named.filter(
    ([, { method, personal, ownAudit, may }]) =>
      !ownAudit && may !== 'anyone' && (method !== 'GET' || personal),
  );

  test.each(logged)('%s leaves an entry: who, from where', async (name, route) => {
    const key = tokenFor(lab, lab.orgId, [orgRole('admin', lab.orgId)]);
    const headers = route.may === 'operate' ? operator() : { authorization: `Token ${key}` };
    const { statusCode } = await idle.inject({ method: route.method, url: pathOf(route), headers });
    expect(statusCode).toBe(200);
    const outcomes = logs().filter(({ action }) => action === name);
    expect(outcomes.map(({ outcome }) => outcome).slice(0, 2)).toEqual(
      route.method === 'GET' ? expect.arrayContaining(['done']) : ['done', 'begun'],
    );
    expect(outcomes[0].actor).toMatchObject({ address: '127.0.0.1' });
    expect(outcomes[0].actorId).toMatch(/^token:/);
  });

  test.each(logged)(
    '%s: without room for the entry nothing is read and nothing done',
    async (name, route) => {
      const full: Stores = new Proxy(lab.cloud.stores, {
        get(target, property) {
          if (property !== 'write') return Reflect.get(target, property);
          return () => {
            throw new AirherdError('store-full', { path: 'orgs' });
          };
        },
      });
      const tight = await apiApp(lab, [idleRoute(route)], { stores: full });
      ran.length = 0;
      const { statusCode, json } = await tight.inject({
        method: route.method,
        url: pathOf(route),
        headers: operator(),
      });
      await tight.close();
      expect([name, statusCode]).toEqual([name, 507]);
      expect(json().code).toBe('store-full');
      expect(ran).toEqual([]);
    },
  );

  test('what answers with personal data is one of the routes that are logged', async () => {
    const authorization = operator();
    const telling: string[] = [];
    for (const [name, route] of named) {
      if (route.method !== 'GET' || route.path.endsWith('live.pcapng')) continue;
      const query = /rssi$/.test(route.path) ? `?mac=${CANARY_MAC.toString('hex')}` : '';
      const { body, rawPayload } = await app.inject({
        method: 'GET',
        url: pathOf(route) + query,
        headers: authorization,
      });
      const tells =
        body.includes(CANARY) || body.includes(CANARY_MAC.toString('hex')) || rawPayload.includes(CANARY_MAC);
      if (!tells) continue;
      telling.push(name);
      expect([name, route.personal]).toEqual([name, true]);
    }
    // The control: it looks at routes that do tell.
    expect(telling.length).toBeGreaterThan(6);
  });
});

test.each(changes.filter(([, { may }]) => may !== 'anyone'))(
  '%s: a session alone does not make a change (cross-site request forgery)',
  async (_, route) => {
    const set = await session();
    const tryWith = (headers: Record<string, string>) =>
      idle.inject({ method: route.method, url: pathOf(route), headers: { cookie: set.cookie, ...headers } });
    ran.length = 0;
    for (const headers of [{}, { 'x-csrftoken': 'x'.repeat(43) }, { origin: 'https://elsewhere.example' }]) {
      expect((await tryWith(headers as Record<string, string>)).statusCode).toBe(403);
    }
    expect(ran).toEqual([]);
    // The control: with it, this person may, unless only the operator does.
    expect((await tryWith({ 'x-csrftoken': set.csrf })).statusCode).toBe(route.may === 'operate' ? 403 : 200);
  },
);

let known: Promise<{ cookie: string; csrf: string }> | null = null;
const session = () => {
  known ??= (async () => {
    const { cookies } = await idle.inject({
      method: 'POST',
      url: '/api/v1/login',
      payload: { email: `${CANARY}@example.org`, password: PASSWORD },
    });
    const cookieNamed = (name: string) => String(cookies.find((cookie) => cookie.name === name)?.value);
    return {
      cookie: `sessionid=${cookieNamed('sessionid')}; csrftoken=${cookieNamed('csrftoken')}`,
      csrf: cookieNamed('csrftoken'),
    };
  })();
  return known;
};

describe('headers', () => {
  const expected = {
    'content-security-policy': expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/),
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'strict-transport-security': expect.stringMatching(/^max-age=31536000/),
  };
  test('of every route, whatever the answer: no framing, no sniffing, no caching, no referrer, no other site', async () => {
    const authorization = operator();
    for (const [name, route] of named) {
      if (route.path.endsWith('live.pcapng')) continue;
      const withToken = await idle.inject({
        method: route.method,
        url: pathOf(route),
        headers: authorization,
      });
      const without = await idle.inject({ method: route.method, url: pathOf(route) });
      for (const { headers, statusCode } of [withToken, without]) {
        expect([name, statusCode, headers]).toEqual([
          name,
          expect.any(Number),
          expect.objectContaining(expected),
        ]);
        for (const none of ['access-control-allow-origin', 'server', 'x-powered-by'])
          expect(headers).not.toHaveProperty(none);
      }
    }
    const odd = [
      '/',
      '/favicon.ico',
      '/api/v1/../../etc/passwd',
      '/api/v1/%zz',
      `/api/v1/orgs/${'x'.repeat(99)}`,
    ];
    for (const url of odd) {
      expect((await idle.inject({ method: 'GET', url })).headers).toMatchObject(expected);
    }
  });
});

const INJECTED = [
  `' OR '1'='1"; DROP TABLE orgs; --`,
  '../../master.key',
  'a\u0000b',
  'x\r\nSet-Cookie: sessionid=evil',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: that is what is tried
  '${7*7}{{7*7}}$(id)`id`',
  '<script>alert(1)</script>',
  '9'.repeat(400),
];
const QUERY_NAMES = [
  ...[
    'limit',
    'page',
    'serial',
    'mac',
    'stream',
    'site_id',
    'admin_id',
    'start',
    'end',
    'duration',
    'type',
    'status',
  ],
  ...[
    'head',
    'from',
    'client',
    'trigger',
    'siteId',
    'fromMs',
    'toMs',
    'wired',
    'q',
    'callback',
    'access_token',
    '_method',
  ],
];

describe('injection and path traversal', () => {
  test.each(named)(
    '%s: whatever stands in path and query, nothing breaks and nothing leaks',
    async (name, route) => {
      const headers = operator();
      const master = readFileSync(join(lab.dir, 'master.key'));
      const tables = () => lab.cloud.registry.organisations.list().length;
      const before = tables();
      for (const text of INJECTED) {
        const value = encodeURIComponent(text);
        const urls = [route.path.replace(/:\w+/g, value)];
        // A live capture that is asked for rightly does not end.
        if (!route.path.endsWith('live.pcapng')) {
          urls.push(pathOf(route, value));
          if (route.method === 'GET') {
            urls.push(`${pathOf(route)}?${QUERY_NAMES.map((query) => `${query}=${value}`).join('&')}`);
            // One that is refused hides the others.
            for (const query of ['serial']) urls.push(`${pathOf(route)}?${query}=${value}`);
          }
        }
        for (const url of urls) {
          const answer = await app.inject({ method: route.method, url, headers });
          expect([name, url, answer.statusCode < 500]).toEqual([name, url, true]);
          expect(answer.headers['set-cookie'] ?? '').not.toContain('evil');
          expect(answer.rawPayload.includes(master)).toBe(false);
          if (answer.headers['content-disposition']) {
            expect(answer.headers['content-disposition']).toMatch(/^attachment; filename="[\w.-]+"$/);
          }
        }
      }
      expect(tables()).toBe(before);
    },
  );

  test('a token in the URL is none: addresses are remembered by proxies and browsers', async () => {
    const token = lab.cloud.registry.tokens.issue('in-url');
    for (const query of [`token=${token}`, `access_token=${token}`, `apitoken=${token}`]) {
      expect((await app.inject({ method: 'GET', url: `/api/v1/self?${query}` })).statusCode).toBe(401);
    }
  });
});

describe('server-side request forgery', () => {
  test('no field of any body takes an address to call, but the one that a device calls', () => {
    const suspicious = changes.flatMap(([name, { body }]) =>
      [...objectsIn(body)].flatMap(({ shape }) =>
        shape
          .filter((field) => /url|uri|href|callback|webhook|endpoint|proxy|bucket/i.test(field))
          .map((field) => `${name}: ${field}`),
      ),
    );
    expect(suspicious).toEqual(['PUT /api/airherd/v1/devices/:serial/configuration: url']);
  });

  test('the cloud calls nobody: no source of it opens a connection', () => {
    const root = resolve(import.meta.dirname, '../../cloud-stub');
    const sources = readdirSync(root, { recursive: true, withFileTypes: true }).filter(({ name }) =>
      name.endsWith('.ts'),
    );
    expect(sources.length).toBeGreaterThan(100);
    const calling = sources.filter(({ parentPath, name }) =>
      /\bfetch\(|from '(node:(net|tls|https?|http2|dgram|dns)|undici|axios|got)'/.test(
        readFileSync(join(parentPath, name), 'utf8'),
      ),
    );
    expect(calling.map(({ name }) => name)).toEqual([]);
  });
});
