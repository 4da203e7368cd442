import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { CHANNEL_BINDING_LABEL, CHANNEL_BINDING_LENGTH } from '../../protocol/proof.ts';
import type { SecureChannel } from '../ports/transport.ts';

/** The device link's only suites: both ends offer and take nothing else. */
export const TLS13_SUITE = 'TLS_AES_128_GCM_SHA256';
export const TLS12_SUITES = 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256';
/** A hostile peer's chain must not keep us walking. */
const MAX_CHAIN = 8;

/** Certificates that came lately, the last first. Thousands of peers have one issuer, or are one server. */
const lately: Buffer[] = [];
const MAX_LATELY = 16;

/** The same bytes, held once for all connections whose peers send them. */
function heldOnce(der: Buffer): Buffer {
  const at = lately.findIndex((known) => known.equals(der));
  const held = at < 0 ? der : lately[at];
  lately.splice(at < 0 ? MAX_LATELY - 1 : at, 1);
  lately.unshift(held);
  return held;
}

/**
 * What the peer sent, as DER, leaf first; empty when it sent nothing. `getPeerX509Certificate` loses the leaf on its
 * second call: a connection is asked once. `getPeerCertificate` would read every field of every certificate, at ten
 * times the cost.
 */
export function peerChain(socket: TLSSocket): Buffer[] {
  const chain: Buffer[] = [];
  let certificate: X509Certificate | undefined = socket.getPeerX509Certificate();
  while (certificate && chain.length < MAX_CHAIN) {
    chain.push(heldOnce(certificate.raw));
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

/** A socket whose handshake is done, as the port describes it. */
export function secureChannel(socket: TLSSocket, chain: Buffer[], remoteAddress: string): SecureChannel {
  return {
    stream: socket,
    protocol: socket.getProtocol() === 'TLSv1.3' ? 'TLSv1.3' : 'TLSv1.2',
    cipher: socket.getCipher().standardName,
    peerCertificate: chain[0] ?? Buffer.alloc(0),
    peerChain: chain,
    remoteAddress,
    // TLS 1.2 tells an empty context from none (RFC 5705 4): an empty buffer, not undefined.
    channelBinding: socket.exportKeyingMaterial(
      CHANNEL_BINDING_LENGTH,
      CHANNEL_BINDING_LABEL,
      Buffer.alloc(0),
    ),
    destroy: () => socket.destroy(),
  };
}
