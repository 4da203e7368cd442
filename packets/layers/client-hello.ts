/**
 * TLS ClientHello, from a TLS record or from QUIC: RFC 8446 §4.1.2. The server name that it carries is never
 * part of the result.
 */
import { latin1, u16, u24 } from '../bytes.ts';

export const CLIENT_HELLO = 1;

export interface ClientHello {
  /** As in the hello itself; TLS 1.3 says 0x0303 here. */
  legacyVersion: number;
  cipherSuites: number[];
  /** Types, in order. */
  extensions: number[];
  /** Whether a server name was sent; not which. */
  hasServerName: boolean;
  supportedVersions: number[];
  supportedGroups: number[];
  signatureAlgorithms: number[];
  alpn: string[];
  /** False when the hello goes on in another segment; the lists end where it was cut. */
  complete: boolean;
}

const Extension = { serverName: 0, groups: 10, signatures: 13, alpn: 16, versions: 43 } as const;

/** Numbers of two bytes each between `start` and `end`. */
function list16(b: Uint8Array, start: number, end: number): number[] {
  const numbers: number[] = [];
  for (let at = start; at + 2 <= end; at += 2) numbers.push(u16(b, at));
  return numbers;
}

/** Protocol names, each with a length byte: RFC 7301 §3.1. */
function protocolNames(b: Uint8Array, start: number, end: number): string[] {
  const names: string[] = [];
  for (let at = start; at < end && at + 1 + b[at] <= end; at += 1 + b[at]) {
    names.push(latin1(b, at + 1, at + 1 + b[at]));
  }
  return names;
}

function readExtension(hello: ClientHello, type: number, b: Uint8Array, start: number, end: number): void {
  hello.extensions.push(type);
  if (type === Extension.serverName) hello.hasServerName = true;
  else if (type === Extension.groups) hello.supportedGroups = list16(b, start + 2, end);
  else if (type === Extension.signatures) hello.signatureAlgorithms = list16(b, start + 2, end);
  else if (type === Extension.alpn) hello.alpn = protocolNames(b, start + 2, end);
  else if (type === Extension.versions) hello.supportedVersions = list16(b, start + 1, end);
}

/** Reads the handshake message at `start`; null when it is no ClientHello with whole cipher suites. */
export function clientHello(b: Uint8Array, start: number, end: number): ClientHello | null {
  // Type, length, version, random, session id length.
  if (end - start < 39 || b[start] !== CLIENT_HELLO) return null;
  const declaredEnd = start + 4 + u24(b, start + 1);
  const messageEnd = Math.min(end, declaredEnd);
  let at = start + 39 + b[start + 38];
  if (at + 2 > messageEnd) return null;
  const suitesEnd = at + 2 + u16(b, at);
  if (suitesEnd > messageEnd) return null;
  const hello: ClientHello = {
    legacyVersion: u16(b, start + 4),
    cipherSuites: list16(b, at + 2, suitesEnd),
    extensions: [],
    hasServerName: false,
    supportedVersions: [],
    supportedGroups: [],
    signatureAlgorithms: [],
    alpn: [],
    complete: declaredEnd <= end,
  };
  if (suitesEnd >= messageEnd) return hello;
  at = suitesEnd + 1 + b[suitesEnd] + 2;
  while (at + 4 <= messageEnd) {
    const next = at + 4 + u16(b, at + 2);
    if (next > messageEnd) {
      hello.complete = false;
      break;
    }
    readExtension(hello, u16(b, at), b, at + 4, next);
    at = next;
  }
  return hello;
}
