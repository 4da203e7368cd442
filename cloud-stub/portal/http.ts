/** What page and gate have in common. */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';

export const BODY_BYTES = 16 * 1024;
export const REQUEST_MS = 10_000;
const REQUESTS_PER_MINUTE = 240;

export async function limited(app: FastifyInstance): Promise<void> {
  await app.register(rateLimit, { max: REQUESTS_PER_MINUTE, timeWindow: 60_000 });
}

/** The address as the guest's own network has it. */
export const addressOf = (request: FastifyRequest): string => request.ip.replace(/^::ffff:/, '');
