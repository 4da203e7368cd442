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
export function rawApi(
  cloud: Pick<Cloud, 'apiPort' | 'trustPem'>,
  { method = 'GET', path, headers = {}, body }: RawRequest,
): Promise<ApiAnswer> {
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
          const whole = Buffer.concat(chunks);
          // The answer to HEAD has the type of a body, and none.
          const isJson =
            whole.length > 0 && String(response.headers['content-type']).startsWith('application/json');
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: whole,
            json: isJson ? JSON.parse(whole.toString()) : undefined,
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
