import { octets, utf8 } from './octets.ts';

/** HTTP/1.1 messages, RFC 9112. */
export const httpGet = (host: string, path: string, userAgent: string): Uint8Array =>
  utf8(
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: ${userAgent}\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
  );

export function httpOk(body: string): Uint8Array {
  const bytes = utf8(body);
  const head = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${bytes.length}\r\nConnection: close\r\n\r\n`;
  return octets(utf8(head), bytes);
}
