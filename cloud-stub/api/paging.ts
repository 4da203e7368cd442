import type { FastifyReply } from 'fastify';
import { z } from 'zod';

export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 1000;

export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
});
export type PageQuery = z.infer<typeof pageQuery>;

export const window = ({ limit, page }: PageQuery): { limit: number; offset: number } => ({
  limit,
  offset: (page - 1) * limit,
});

/** Lists are bare arrays; where the reader is in them stands in the headers (`X-Page-Total` counts items). */
export function paged<T>(reply: FastifyReply, { limit, page }: PageQuery, total: number, items: T[]): T[] {
  void reply.headers({ 'X-Page-Total': total, 'X-Page-Limit': limit, 'X-Page-Page': page });
  return items;
}
