import { scryptSync, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { AirherdError } from '../../protocol/errors.ts';

export interface StatusPageOptions {
  host: string;
  port: number;
  user: string;
  /** scrypt:<salt>:<hash>, hexadecimal. */
  passwordHash: string;
  /** The page, made anew for each request. */
  html(): string;
}

export interface StatusPage {
  readonly port: number;
  close(): Promise<void>;
}

/** `scrypt:<salt>:<hash>` of a password; salt 16 bytes, hash 32. */
export function hashPassword(password: string, salt: Buffer): string {
  return `scrypt:${salt.toString('hex')}:${scryptSync(password, salt, 32).toString('hex')}`;
}

/** In constant time for the password; the user name is no secret. */
function isAllowed(request: IncomingMessage, { user, passwordHash }: StatusPageOptions): boolean {
  const [, encoded] = /^Basic ([A-Za-z0-9+/=]{1,1024})$/.exec(request.headers.authorization ?? '') ?? [];
  if (encoded === undefined) return false;
  const [name, ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  const [, salt, hash] = passwordHash.split(':');
  const given = scryptSync(rest.join(':'), Buffer.from(salt, 'hex'), 32);
  return timingSafeEqual(given, Buffer.from(hash, 'hex')) && name === user;
}

/** A read-only page for whoever stands before the device. Throws port-in-use. */
export function serveStatusPage(options: StatusPageOptions): Promise<StatusPage> {
  const { host, port } = options;
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    } else if (!isAllowed(request, options)) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="airherd", charset="UTF-8"' }).end();
    } else if (request.url !== '/') {
      response.writeHead(404).end();
    } else {
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
      response.end(request.method === 'HEAD' ? undefined : options.html());
    }
  });
  server.maxConnections = 16;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const inUse = error.code === 'EADDRINUSE';
      reject(
        inUse
          ? new AirherdError('port-in-use', { host, port, flag: 'status.listen' })
          : new AirherdError('usage-invalid', { detail: `status.listen: ${error.message}` }),
      );
    });
    server.listen(port, host, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      resolve({
        port: bound,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            server.closeAllConnections();
          }),
      });
    });
  });
}
