/** Keys of WPA2 and WPA3 (IEEE 802.11-2020 12.7). Computation only: nothing here draws randomness. */
import { createCipheriv, createHmac, pbkdf2Sync } from 'node:crypto';
import { be16, le16, type Octets, octets, utf8 } from './octets.ts';

/** Sizes fit CCMP-128: confirmation, encryption and temporal keys of 16 bytes. */
export interface PairwiseKeys {
  confirmation: Uint8Array;
  encryption: Uint8Array;
  temporal: Uint8Array;
  /** With SAE: AES-CMAC and SHA-256 instead of HMAC-SHA1 (12.7.3, table 12-10). */
  sha256: boolean;
}

/** Annex J.4. 4096 rounds of PBKDF2: about a millisecond, so ask once a network. */
export const pskOf = (passphrase: string, ssid: string): Uint8Array =>
  pbkdf2Sync(passphrase, ssid, 4096, 32, 'sha1');

const LABEL = 'Pairwise key expansion';
const KEY_BYTES = 48;

export interface HandshakeInputs {
  pmk: Uint8Array;
  authenticator: Uint8Array;
  supplicant: Uint8Array;
  aNonce: Uint8Array;
  sNonce: Uint8Array;
}

function compare(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at < 0 ? 0 : a[at] - b[at];
}

const ordered = (a: Uint8Array, b: Uint8Array): Uint8Array =>
  compare(a, b) < 0 ? octets(a, b) : octets(b, a);

/** PRF-384 (12.7.1.2), or KDF-SHA256-384 (12.7.1.6.2). */
export function pairwiseKeys(of: HandshakeInputs, sha256: boolean): PairwiseKeys {
  const context = octets(ordered(of.authenticator, of.supplicant), ordered(of.aNonce, of.sNonce));
  const block = (i: number): Uint8Array =>
    sha256
      ? createHmac('sha256', of.pmk)
          .update(octets(le16(i + 1), utf8(LABEL), context, le16(8 * KEY_BYTES)))
          .digest()
      : createHmac('sha1', of.pmk)
          .update(octets(utf8(LABEL), [0], context, [i]))
          .digest();
  const stream = octets(block(0), block(1), block(2));
  return {
    confirmation: stream.slice(0, 16),
    encryption: stream.slice(16, 32),
    temporal: stream.slice(32, 48),
    sha256,
  };
}

/** RFC 3394 with its default initial value. */
export function wrapKey(key: Uint8Array, data: Uint8Array): Uint8Array {
  const cipher = createCipheriv('id-aes128-wrap', key, new Uint8Array(8).fill(0xa6));
  return octets(cipher.update(data), cipher.final());
}

/** AES-128-CMAC, RFC 4493. */
function cmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  const encrypt = (block: Uint8Array): Uint8Array => {
    const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    return octets(cipher.update(block), cipher.final());
  };
  const doubled = (block: Uint8Array): Uint8Array =>
    block.map((byte, i) => {
      const shifted = ((byte << 1) & 0xff) | ((block[i + 1] ?? 0) >> 7);
      return i === 15 && block[0] >= 128 ? shifted ^ 0x87 : shifted;
    });
  const k1 = doubled(encrypt(new Uint8Array(16)));
  const blocks = Math.max(1, Math.ceil(message.length / 16));
  const whole = message.length > 0 && message.length % 16 === 0;
  const padded = new Uint8Array(16 * blocks);
  padded.set(message);
  if (!whole) padded[message.length] = 0x80;
  const last = whole ? k1 : doubled(k1);
  let state: Uint8Array = new Uint8Array(16);
  for (let n = 0; n < blocks; n++) {
    const block = state.map((byte, i) => byte ^ padded[16 * n + i] ^ (n === blocks - 1 ? last[i] : 0));
    state = encrypt(block);
  }
  return state;
}

/** MIC of an EAPOL frame whose MIC field is zero. */
export const eapolMic = (keys: PairwiseKeys, frame: Uint8Array): Uint8Array =>
  keys.sha256
    ? cmac(keys.confirmation, frame)
    : createHmac('sha1', keys.confirmation).update(frame).digest().subarray(0, 16);

const CCMP_MIC = 8;
const RETRY_POWER_MORE = 0x38;

/**
 * CCMP (12.5.3): header, ciphertext and MIC behind the MAC header of a data frame. `packetNumber` counts up
 * from 1 for each key.
 */
export function ccmp(
  header: Uint8Array,
  plaintext: Octets,
  key: Uint8Array,
  packetNumber: number,
  keyId: number,
): Uint8Array {
  const high = be16(Math.floor(packetNumber / 2 ** 32));
  const low = packetNumber >>> 0;
  const pn = [...high, low >>> 24, (low >>> 16) & 255, (low >>> 8) & 255, low & 255];
  const qos = (header[0] & 0x80) !== 0;
  const priority = qos ? header[24] & 0x0f : 0;
  // 12.5.3.3.3: subtype bits 4 to 6, retry, power management and more data do not count; the order bit neither with QoS.
  const control = [header[0] & 0x8f, (header[1] & ~RETRY_POWER_MORE & (qos ? 0x7f : 0xff)) | 0x40];
  const additional = octets(
    control,
    header.subarray(4, 22),
    [header[22] & 0x0f, 0],
    qos ? [priority, 0] : [],
  );
  const nonce = octets([priority], header.subarray(10, 16), pn);
  const cipher = createCipheriv('aes-128-ccm', key, nonce, { authTagLength: CCMP_MIC });
  const clear = plaintext instanceof Uint8Array ? plaintext : Uint8Array.from(plaintext);
  cipher.setAAD(additional, { plaintextLength: clear.length });
  const sealed = octets(cipher.update(clear), cipher.final());
  const ccmpHeader = [pn[5], pn[4], 0, 0x20 | (keyId << 6), pn[3], pn[2], pn[1], pn[0]];
  return octets(header, ccmpHeader, sealed, cipher.getAuthTag());
}
