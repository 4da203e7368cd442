/** What page and gate have in common. */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AirherdError } from '../../protocol/errors.ts';

export const BODY_BYTES = 16 * 1024;
export const REQUEST_MS = 10_000;
const REQUESTS_PER_MINUTE = 240;

export async function listenOn(
  app: FastifyInstance,
  host: string,
  port: number,
  flag: string,
): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new AirherdError('port-in-use', { host, port, flag }, { cause: error });
    const detail = `cannot listen on ${host}:${port}: ${code ?? message}`;
    throw new AirherdError('usage-invalid', { detail }, { cause: error });
  }
  const address = app.server.address();
  return typeof address === 'object' && address ? address.port : port;
}

export async function limited(app: FastifyInstance): Promise<void> {
  await app.register(rateLimit, { max: REQUESTS_PER_MINUTE, timeWindow: 60_000 });
}

/** The address as the guest's own network has it. */
export const addressOf = (request: FastifyRequest): string => request.ip.replace(/^::ffff:/, '');
