import { connect as tcpConnect } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { peerChain } from '../../platform/node/secure-channel.ts';
import {
  clientHello,
  type HelloOffer,
  type HelloVersion,
  type ServerHello,
  serverHello,
} from './client-hello.ts';
import { OLD_SUITES, TLS13_SUITES } from './suites.ts';

/** How long a listener may think about one question. */
const ANSWER_MS = 5000;
/** How long to wait for what should not come. */
const SILENCE_MS = 1000;
const MOST_ANSWER_BYTES = 64 * 1024;

export interface Endpoint {
  host: string;
  port: number;
}

/** All that the endpoint sends in answer to `bytes`, until `isEnough`, its end, or `waitMs`. */
export function ask(
  { host, port }: Endpoint,
  bytes: Uint8Array,
  isEnough: (answer: Buffer) => boolean,
  waitMs = ANSWER_MS,
): Promise<{ answer: Buffer; ended: boolean }> {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    const socket = tcpConnect(port, host, () => socket.write(bytes));
    const finish = (ended: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ answer, ended });
    };
    const timer = setTimeout(() => finish(false), waitMs);
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length > MOST_ANSWER_BYTES || isEnough(answer)) finish(false);
    });
    socket.on('end', () => finish(true));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') finish(true);
      else {
        clearTimeout(timer);
        reject(error);
      }
    });
  });
}

/** The answer to one ClientHello; null when it was refused. */
export async function hello(endpoint: Endpoint, offer: HelloOffer): Promise<ServerHello | null> {
  const { answer } = await ask(endpoint, clientHello(offer), (bytes) => serverHello(bytes) !== 'more');
  const parsed = serverHello(answer);
  return typeof parsed === 'object' ? parsed : null;
}

export interface Spoken {
  version: HelloVersion;
  suites: number[];
  first: ServerHello;
}

/** The suites that are taken in one version: the one that was chosen is left out of the next offer. */
export async function spokenIn(
  endpoint: Endpoint,
  version: HelloVersion,
  serverName?: string,
): Promise<Spoken | null> {
  let suites = version === 'TLSv1.3' ? TLS13_SUITES : OLD_SUITES;
  let spoken: Spoken | null = null;
  for (;;) {
    const found = suites.length > 0 ? await hello(endpoint, { version, suites, serverName }) : null;
    // A server that answers with an older version than was asked for does not speak this one.
    if (!found || found.version !== VERSION_CODE[version] || !suites.includes(found.suite)) return spoken;
    spoken ??= { version, suites: [], first: found };
    spoken.suites.push(found.suite);
    suites = suites.filter((code) => code !== found.suite);
  }
}

const VERSION_CODE: Record<HelloVersion, number> = {
  SSLv3: 0x0300,
  TLSv1: 0x0301,
  'TLSv1.1': 0x0302,
  'TLSv1.2': 0x0303,
  'TLSv1.3': 0x0304,
};

export interface HandshakeOptions {
  serverName?: string;
  version?: 'TLSv1.2' | 'TLSv1.3';
  session?: Buffer;
  /** Sent once the handshake is done. */
  say?: Uint8Array;
}

export interface Handshake {
  /** DER, leaf first. */
  chain: Buffer[];
  session: Buffer | null;
  reused: boolean;
  /** What came after the handshake. */
  answer: Buffer;
  /** Whether the server ended the connection within the time that was waited. */
  ended: boolean;
}

/** A whole handshake without a client certificate, and what follows. Null when there was none. */
export function handshake(
  { host, port }: Endpoint,
  { serverName, version, session, say }: HandshakeOptions = {},
): Promise<Handshake | null> {
  return new Promise((resolve) => {
    const done: Handshake = {
      chain: [],
      session: null,
      reused: false,
      answer: Buffer.alloc(0),
      ended: false,
    };
    let secured = false;
    const socket = tlsConnect({
      host,
      port,
      servername: serverName ?? '',
      // Judged by certs/verify.ts, whole.
      rejectUnauthorized: false,
      ciphers: 'ALL:@SECLEVEL=0',
      ...(version ? { minVersion: version, maxVersion: version } : { minVersion: 'TLSv1' }),
      session,
    });
    const finish = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(secured ? done : null);
    };
    const timer = setTimeout(finish, say ? ANSWER_MS : SILENCE_MS);
    socket.on('secureConnect', () => {
      secured = true;
      done.reused = socket.isSessionReused();
      if (!done.reused) done.chain = peerChain(socket);
      if (say) socket.write(say);
    });
    socket.on('session', (ticket: Buffer) => {
      done.session = ticket;
      if (!say) finish();
    });
    socket.on('data', (chunk: Buffer) => {
      done.answer = Buffer.concat([done.answer, chunk]);
      finish();
    });
    for (const event of ['end', 'close'] as const) {
      socket.on(event, () => {
        done.ended = true;
        finish();
      });
    }
    socket.on('error', () => finish());
  });
}

/** Whether a client may make the server shake hands again and again (TLS 1.2). */
export function renegotiates({ host, port }: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = tlsConnect({
      host,
      port,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.2',
    });
    const finish = (answer: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => finish(false), SILENCE_MS);
    socket.on('secureConnect', () => {
      socket.renegotiate({}, (error) => finish(!error));
    });
    for (const event of ['error', 'close'] as const) socket.on(event, () => finish(false));
  });
}
