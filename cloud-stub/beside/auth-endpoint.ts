import fastify, { type FastifyInstance } from 'fastify';
import { AirherdError } from '../../protocol/errors.ts';
import type { ApiLimits } from '../configuration.ts';
import { hardenedHttps, listenOn } from '../https.ts';
import type { Refusals } from '../refusals.ts';
import type { ConnectTokens } from './tokens.ts';

export interface AuthEndpointOptions {
  host: string;
  /** 0 takes a free port. */
  port: number;
  credentials: { certificatePem: string; privateKeyPem: string };
  tokens: ConnectTokens;
  refusals: Refusals;
  limits: ApiLimits;
}

export interface AuthEndpoint {
  readonly port: number;
  close(): Promise<void>;
}

/** Above a token, a serial and what brokers say beside. */
const BODY_BYTES = 4096;
const MAX_CONNECTIONS = 256;

type Fields = Record<string, string | undefined>;

/**
 * What brokers ask when a device connects, one path for each way of asking:
 *
 *   POST /mqtt/auth     form or JSON (username, password, clientid): 200 {"result":"allow"} or {"result":"deny"}
 *   POST /rabbitmq/user form: the text `allow` or `deny`; …/vhost, …/resource, …/topic for its further questions
 */
function buildAuthEndpoint(options: AuthEndpointOptions): FastifyInstance {
  const { credentials, limits, refusals, tokens } = options;
  const app: FastifyInstance = fastify({
    logger: false,
    https: hardenedHttps(credentials, limits),
    bodyLimit: BODY_BYTES,
    requestTimeout: limits.requestTimeoutMs,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
  });
  app.server.maxConnections = MAX_CONNECTIONS;
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    async (_: unknown, body: string) => Object.fromEntries(new URLSearchParams(body)),
  );
  const allows = (body: unknown, remoteAddress: string): boolean => {
    const { username = '', password = '', clientid, client_id } = fieldsOf(body);
    try {
      tokens.check({ username, password, clientId: clientid ?? client_id });
      return true;
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      refusals.record(
        error instanceof AirherdError ? error : new AirherdError('internal', { detail }),
        remoteAddress,
      );
      return false;
    }
  };
  app.post('/mqtt/auth', async (request) => ({
    result: allows(request.body, request.ip) ? 'allow' : 'deny',
    is_superuser: false,
  }));
  app.post('/rabbitmq/user', async (request) => (allows(request.body, request.ip) ? 'allow' : 'deny'));
  app.post('/rabbitmq/vhost', async () => 'allow');
  app.post('/rabbitmq/resource', async (request) => (ownQueue(fieldsOf(request.body)) ? 'allow' : 'deny'));
  app.post('/rabbitmq/topic', async (request) => (ownTopic(fieldsOf(request.body)) ? 'allow' : 'deny'));
  app.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ error: 'no such path' }));
  app.setErrorHandler(async (error: { statusCode?: number }, _request, reply) =>
    reply.code(error.statusCode ?? 500).send({ error: 'refused' }),
  );
  return app;
}

function fieldsOf(body: unknown): Fields {
  if (typeof body !== 'object' || body === null) return {};
  return Object.fromEntries(Object.entries(body).filter(([, value]) => typeof value === 'string'));
}

/** The topic exchange, and the queues of MQTT subscriptions, which RabbitMQ names by client id. */
function ownQueue({ username = '', resource, name = '' }: Fields): boolean {
  if (resource === 'exchange') return name === 'amq.topic';
  return resource === 'queue' && name.startsWith(`mqtt-subscription-${username}qos`);
}

/** RabbitMQ writes `/` as `.` in routing keys. A device writes below its tx and reads below its rx, and no more. */
function ownTopic({ username = '', permission, routing_key: key = '' }: Fields): boolean {
  const levels = key.split('.');
  const direction = permission === 'write' ? 'tx' : 'rx';
  return levels.includes(username) && levels.includes(direction);
}

export async function startAuthEndpoint(options: AuthEndpointOptions): Promise<AuthEndpoint> {
  const { host, port } = options;
  const app = buildAuthEndpoint(options);
  const bound = await listenOn(app, host, port, '--auth-port');
  return {
    port: bound,
    close: () => app.close(),
  };
}
