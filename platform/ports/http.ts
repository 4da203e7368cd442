import type { SecureChannel } from './transport.ts';

export interface HttpAnswer {
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** Throws when the connection ends before the body does. */
  body: AsyncIterable<Uint8Array>;
}

export interface HttpRequest {
  host: string;
  path: string;
  headers: Readonly<Record<string, string>>;
}

/** One GET (HTTP/1.1) over a connection that somebody else has made and judged; the connection ends with its answer. */
export type HttpGet = (
  channel: Pick<SecureChannel, 'stream'>,
  request: HttpRequest,
  signal: AbortSignal,
) => Promise<HttpAnswer>;
