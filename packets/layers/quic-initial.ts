/**
 * The ClientHello in a client's QUIC Initial packet: its protection (RFC 9001 §5) uses keys that anyone on the
 * path can derive. Only called when the fingerprint was asked for.
 */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { type ClientHello, clientHello } from './client-hello.ts';
import { QUIC_V1, QUIC_V2, quicHeader, quicVarint } from './quic.ts';

const SALT_V1 = Buffer.from('38762cf7f55934b34d179ae6a4c80cadccbb7f0a', 'hex');
const SALT_V2 = Buffer.from('0dede3def700a6db819381be6e269dcbf9bd2ed9', 'hex');
const TAG_BYTES = 16;
const PADDING = 0;
const PING = 1;
const CRYPTO = 6;
/** A hello with post-quantum key shares is under 2 KB; what lies beyond is not from a browser. */
const MAX_CRYPTO_BYTES = 16_384;

function hmac(key: Uint8Array, data: Uint8Array): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

/** HKDF-Expand-Label with an empty context, up to 32 bytes: RFC 8446 §7.1. */
function expandLabel(secret: Uint8Array, label: string, length: number): Buffer {
  const full = Buffer.from(`tls13 ${label}`, 'latin1');
  const info = Buffer.concat([Buffer.from([0, length, full.length]), full, Buffer.from([0, 1])]);
  return hmac(secret, info).subarray(0, length);
}

/** Payload of the Initial packet that the datagram at `start` begins with; null when it does not decrypt. */
function decrypt(b: Uint8Array, start: number, end: number): Buffer | null {
  const header = quicHeader(b, start, end);
  if (header === null || header.type !== 0) return null;
  const packetEnd = header.payload + header.length;
  if (header.length < 4 + TAG_BYTES || packetEnd > end) return null;
  const isV2 = header.version === QUIC_V2;
  if (!isV2 && header.version !== QUIC_V1) return null;
  const prefix = isV2 ? 'quicv2' : 'quic';
  const initial = hmac(isV2 ? SALT_V2 : SALT_V1, b.subarray(header.destinationStart, header.destinationEnd));
  const secret = expandLabel(initial, 'client in', 32);
  const key = expandLabel(secret, `${prefix} key`, 16);
  const nonce = expandLabel(secret, `${prefix} iv`, 12);

  // Header protection, RFC 9001 §5.4: the mask comes from the ciphertext behind a packet number of 4 bytes.
  const sampler = createCipheriv('aes-128-ecb', expandLabel(secret, `${prefix} hp`, 16), null);
  const mask = sampler.update(b.subarray(header.payload + 4, header.payload + 4 + TAG_BYTES));
  const first = b[start] ^ (mask[0] & 0x0f);
  const numberBytes = (first & 3) + 1;
  const clear = Buffer.from(b.subarray(start, header.payload + numberBytes));
  clear[0] = first;
  for (let i = 0; i < numberBytes; i++) {
    const at = clear.length - numberBytes + i;
    clear[at] ^= mask[1 + i];
    nonce[nonce.length - numberBytes + i] ^= clear[at];
  }
  const decipher = createDecipheriv('aes-128-gcm', key, nonce);
  decipher.setAAD(clear);
  decipher.setAuthTag(b.subarray(packetEnd - TAG_BYTES, packetEnd));
  const payload = decipher.update(b.subarray(header.payload + numberBytes, packetEnd - TAG_BYTES));
  try {
    decipher.final();
  } catch {
    return null; // another version's keys, a corrupt packet, or the server's
  }
  return payload;
}

/** CRYPTO frames laid out by their offsets, as far as they are contiguous from 0. */
function cryptoStream(payload: Buffer): Uint8Array | null {
  const stream = new Uint8Array(MAX_CRYPTO_BYTES);
  const parts: [from: number, to: number][] = [];
  for (let at = 0; at < payload.length; ) {
    const type = payload[at++];
    if (type === PADDING || type === PING) continue;
    if (type !== CRYPTO) break;
    const offset = quicVarint(payload, at, payload.length);
    if (offset < 0) return null;
    at += 1 << (payload[at] >> 6);
    const length = quicVarint(payload, at, payload.length);
    if (length < 0) return null;
    at += 1 << (payload[at] >> 6);
    if (at + length > payload.length || offset + length > MAX_CRYPTO_BYTES) return null;
    stream.set(payload.subarray(at, at + length), offset);
    parts.push([offset, offset + length]);
    at += length;
  }
  let end = 0;
  for (const [from, to] of parts.sort((a, b) => a[0] - b[0])) if (from <= end) end = Math.max(end, to);
  return stream.subarray(0, end);
}

/** The ClientHello of the datagram at `start`, or null. A hello that spans datagrams is cut off at the first. */
export function quicClientHello(b: Uint8Array, start: number, end: number): ClientHello | null {
  const payload = decrypt(b, start, end);
  if (payload === null) return null;
  const stream = cryptoStream(payload);
  return stream === null ? null : clientHello(stream, 0, stream.length);
}
