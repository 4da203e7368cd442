import { request } from 'node:http';
import type { HttpGet } from '../ports/http.ts';

/** HTTP over whatever stream it is given: with a TLS channel, HTTPS. */
export const nodeHttpGet: HttpGet = ({ stream }, { host, path, headers }, signal) =>
  new Promise((resolve, reject) => {
    const outgoing = request({
      createConnection: () => stream,
      ...{ host, path, signal, method: 'GET' },
      headers: { ...headers, connection: 'close' },
    });
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      const { statusCode: status = 0, headers: received } = response;
      const told = Object.entries(received).flatMap(([name, value]) =>
        typeof value === 'string' ? [[name, value] as const] : [],
      );
      resolve({ status, headers: Object.fromEntries(told), body: response });
    });
    outgoing.end();
  });
