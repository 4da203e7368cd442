import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Clock } from '../../platform/ports/clock.ts';
import { AirherdError } from '../../protocol/errors.ts';
import type { ApiCloud } from './context.ts';
import { ApiFailure, answerFailures } from './failure.ts';
import { observationRoutes } from './routes-observations.ts';
import { operationRoutes } from './routes-operation.ts';
import { organisationRoutes } from './routes-organisations.ts';
import { statsRoutes } from './routes-stats.ts';

/** AES-256 only, in TLS 1.3 and 1.2. */
const SUITES = 'TLS_AES_256_GCM_SHA384:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384';
const BODY_LIMIT = 256 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;
/** As the public API has it. */
const REQUESTS_PER_HOUR = 5000;

export interface ApiOptions {
  host: string;
  /** 0 takes a free port. */
  port: number;
  credentials: { certificatePem: string; privateKeyPem: string };
  clock: Clock;
  log: Logger;
  cloud: ApiCloud;
  requestsPerHour?: number;
}

export interface Api {
  readonly port: number;
  close(): Promise<void>;
}

/** The scheme is matched in any case: clients send `token` as well as `Token`. */
function tokenOf(authorization: string | undefined): string | null {
  return /^token +([A-Za-z0-9_-]{1,128})$/i.exec(authorization ?? '')?.[1] ?? null;
}

function guard(app: FastifyInstance, cloud: ApiCloud): void {
  app.addHook('onRequest', async (request) => {
    const token = tokenOf(request.headers.authorization);
    if (token === null || cloud.registry.tokens.nameOf(token) === null) {
      throw new ApiFailure(401, 'Authentication credentials were not provided or are not valid.');
    }
  });
}

export async function startApi(options: ApiOptions): Promise<Api> {
  const { host, port, credentials, clock, cloud } = options;
  const app = fastify({
    // Its requests carry tokens and personal data in URLs: only failures are logged.
    logger: false,
    https: {
      cert: credentials.certificatePem,
      key: credentials.privateKeyPem,
      minVersion: 'TLSv1.2',
      ciphers: SUITES,
      honorCipherOrder: true,
    },
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 64 },
  });
  answerFailures(app, options.log);
  await app.register(helmet);
  await app.register(rateLimit, {
    max: options.requestsPerHour ?? REQUESTS_PER_HOUR,
    timeWindow: 3_600_000,
    keyGenerator: (request) => tokenOf(request.headers.authorization) ?? request.ip,
    errorResponseBuilder: () => new ApiFailure(429, 'too many requests'),
  });
  guard(app, cloud);
  for (const routes of [
    organisationRoutes,
    statsRoutes,
    observationRoutes,
    operationRoutes(() => clock.wallMs()),
  ]) {
    routes(app, cloud);
  }
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new AirherdError('port-in-use', { host, port, flag: '--api-port' }, { cause: error });
    }
    const detail = `cannot listen on ${host}:${port}: ${code ?? message}`;
    throw new AirherdError('usage-invalid', { detail }, { cause: error });
  }
  const address = app.server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: () => app.close(),
  };
}
