import { request } from 'node:https';
import type { Cloud } from '../../cloud-stub/index.ts';
import type { ApiAnswer } from './cloud.ts';

export interface RawRequest {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  /** As it is sent. */
  body?: string | Buffer;
}

/** A request with just these headers, and JSON as its content type unless they say otherwise. */
export function exchange(
  cloud: Pick<Cloud, 'apiPort' | 'trustPem'>,
  { method = 'GET', path, headers = {}, body }: RawRequest,
): Promise<Omit<ApiAnswer, 'json'>> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: cloud.apiPort,
        path,
        method,
        ca: [...cloud.trustPem],
        agent: false,
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, body: Buffer.concat(chunks) });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** The same; what is said to be JSON is read, and must be it. */
export async function rawApi(
  cloud: Pick<Cloud, 'apiPort' | 'trustPem'>,
  asked: RawRequest,
): Promise<ApiAnswer> {
  const answer = await exchange(cloud, asked);
  // The answer to HEAD has the type of a body, and none.
  const isJson =
    answer.body.length > 0 && String(answer.headers['content-type']).startsWith('application/json');
  return { ...answer, json: isJson ? JSON.parse(answer.body.toString()) : undefined };
}
