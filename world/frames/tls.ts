/** The ClientHello of TLS 1.3 in its record (RFC 8446 4.1.2), as browsers send it. */
import { be16, type Octets, octets, utf8 } from './octets.ts';

const CIPHERS = [0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8];
const GROUP_X25519 = 0x001d;
const SIGNATURES = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501];

const extension = (type: number, body: Octets): Uint8Array => octets(be16(type), be16(body.length), body);
const list16 = (items: readonly number[]): Uint8Array => {
  const bytes = items.flatMap(be16);
  return octets(be16(bytes.length), bytes);
};
const prefixed16 = (body: Octets): Uint8Array => octets(be16(body.length), body);

export interface ClientHello {
  serverName: string;
  /** 32 bytes each. */
  random: Uint8Array;
  sessionId: Uint8Array;
  publicKey: Uint8Array;
  alpn: readonly string[];
}

export function clientHello(of: ClientHello): Uint8Array {
  const name = utf8(of.serverName);
  const protocols = of.alpn.map((protocol) => octets([protocol.length], utf8(protocol)));
  const extensions = octets(
    extension(0, prefixed16(octets([0], prefixed16(name)))),
    extension(23, []),
    extension(10, list16([GROUP_X25519, 0x0017, 0x0018])),
    extension(11, [1, 0]),
    extension(16, prefixed16(octets(...protocols))),
    extension(13, list16(SIGNATURES)),
    extension(43, [4, 3, 4, 3, 3]),
    extension(45, [1, 1]),
    extension(51, prefixed16(octets(be16(GROUP_X25519), prefixed16(of.publicKey)))),
  );
  const body = octets(
    [3, 3],
    of.random,
    [of.sessionId.length],
    of.sessionId,
    list16(CIPHERS),
    [1, 0],
    prefixed16(extensions),
  );
  const handshake = octets([1, 0], be16(body.length), body);
  return octets([22, 3, 1], be16(handshake.length), handshake);
}

/** The answer: ServerHello of TLS 1.3 (4.1.3), after which all is encrypted. */
export function serverHello(of: Omit<ClientHello, 'serverName' | 'alpn'>): Uint8Array {
  const extensions = octets(
    extension(43, [3, 4]),
    extension(51, octets(be16(GROUP_X25519), prefixed16(of.publicKey))),
  );
  const body = octets(
    [3, 3],
    of.random,
    [of.sessionId.length],
    of.sessionId,
    be16(CIPHERS[0]),
    [0],
    prefixed16(extensions),
  );
  return octets([22, 3, 3], be16(body.length + 4), [2, 0], be16(body.length), body);
}

/** A record of type application data: what a reader sees of everything that follows. */
export const applicationData = (ciphertext: Uint8Array): Uint8Array =>
  octets([23, 3, 3], be16(ciphertext.length), ciphertext);
