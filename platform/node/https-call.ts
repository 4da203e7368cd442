import { request } from 'node:https';

export interface HttpsCall {
  host: string;
  port: number;
  path: string;
  method: string;
  /** Authorities, PEM. */
  trustPem: readonly string[];
  headers: Readonly<Record<string, string>>;
  body?: string;
}

export interface HttpsAnswer {
  status: number;
  body: Buffer;
}

/** One request over a connection of its own, so that nothing stays open behind it. */
export function httpsCall({ trustPem, body, ...call }: HttpsCall): Promise<HttpsAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...call, ca: [...trustPem], agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
