import type { FastifyError, FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { ZodError } from 'zod';
import { AirherdError, type ErrorCode } from '../../protocol/errors.ts';
import { isFull } from '../store/database.ts';

/** What a request did wrong; the body is `{detail}`. */
export class ApiFailure extends Error {
  readonly status: number;
  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

export const notFound = (what: string): ApiFailure => new ApiFailure(404, `${what} not found`);

const STATUS: Partial<Record<ErrorCode, number>> = {
  'device-unknown': 404,
  'configuration-unknown': 404,
  'settings-conflict': 400,
  'user-unknown': 404,
  'last-admin': 409,
  'name-taken': 409,
  'user-exists': 409,
  // RFC 9110, 13.1.1: If-Match named another version.
  'version-conflict': 412,
  'store-full': 507,
  'claim-refused': 400,
  'region-wrong': 409,
  'device-revoked': 400,
  'device-offline': 409,
  'command-refused': 409,
  'renewal-refused': 409,
  'rollout-refused': 409,
  'firmware-invalid': 409,
  'firmware-signature': 400,
  'firmware-hash': 400,
  'firmware-image': 400,
  'rotation-refused': 409,
};

function statusOf(error: unknown): number {
  if (error instanceof ApiFailure) return error.status;
  if (error instanceof ZodError) return 400;
  // The registry's file is none of the stores, and on the same disk.
  if (isFull(error)) return STATUS['store-full'] ?? 507;
  if (error instanceof AirherdError) return STATUS[error.code] ?? 500;
  const status = (error as FastifyError).statusCode;
  return status !== undefined && status >= 400 && status < 500 ? status : 500;
}

/** Every failure is `{detail}`; what went wrong inside is logged, and not told. */
export function answerFailures(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error, request, reply) => {
    const status = statusOf(error);
    if (status === 500) {
      const route = request.routeOptions.url;
      // What the catalogue knows is one line; of anything else the stack is wanted.
      if (error instanceof AirherdError) log.error({ code: error.code, route }, error.message);
      else log.error({ err: error, route }, 'request failed');
    }
    const detail =
      error instanceof ZodError
        ? error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ')
        : status === 500 || !(error instanceof Error)
          ? 'unexpected'
          : isFull(error)
            ? 'no space left'
            : error.message;
    // Beside Mist's `detail`: the catalogue's stable code, for programs.
    const code = error instanceof AirherdError && status !== 500 ? { code: error.code } : {};
    return reply.code(status).send({ detail, ...code });
  });
}
