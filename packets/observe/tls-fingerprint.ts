import type { Dissection } from '../dissection.ts';
import { ja4 } from '../layers/ja4.ts';
import { quicClientHello } from '../layers/quic-initial.ts';
import { tlsClientHello } from '../layers/tls.ts';
import { Proto } from '../protocols.ts';

/**
 * JA4 of the ClientHello in layer `i`, TLS over TCP or a QUIC Initial; null where there is none, and where it goes on
 * in another segment. The server name is no part of it. Only an observer that is given this makes fingerprints.
 */
export function tlsFingerprintOf(d: Dissection, i: number): string | null {
  const isQuic = d.proto[i] === Proto.quic;
  if (!isQuic && d.proto[i] !== Proto.tls) return null;
  const hello = (isQuic ? quicClientHello : tlsClientHello)(d.frame, d.start[i], d.end[i]);
  return hello?.complete ? ja4(hello, isQuic ? 'quic' : 'tcp') : null;
}
