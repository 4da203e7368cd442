import { hex, u16, u64 } from '../bytes.ts';
import { type ElementRecord, elementRecords } from './ieee80211-element-record.ts';

/** EAPOL-Key bodies (IEEE 802.11-2020 12.7.2). `body` is the first byte behind the EAPOL header. */

const DESCRIPTOR_RC4 = 1;
const DESCRIPTOR_RSN = 2;
const DESCRIPTOR_WPA = 254;

/** Key information, big-endian, 12.7.2 figure 12-33. */
export const KeyInfo = {
  descriptorVersion: 0x0007,
  pairwise: 0x0008,
  install: 0x0040,
  ack: 0x0080,
  mic: 0x0100,
  secure: 0x0200,
  error: 0x0400,
  request: 0x0800,
  encryptedData: 0x1000,
  smk: 0x2000,
} as const;

/** Descriptor, key information, key length, replay counter, nonce, IV, RSC, id: all in front of the MIC. */
const BEFORE_MIC = 77;
const RC4_FIXED = 44;
const MIC_LENGTHS = [16, 24, 32, 0] as const;
const DATA_LENGTH = 2;

const NONCE = 13;
const NONCE_LENGTH = 32;

export const isWpaKey = (b: Uint8Array, body: number): boolean =>
  b[body] === DESCRIPTOR_RSN || b[body] === DESCRIPTOR_WPA;

export const keyInfo = (b: Uint8Array, body: number): number => u16(b, body + 1);
/** 64-bit counter as a double: exact up to 2^53. */
export const replayCounter = (b: Uint8Array, body: number): number =>
  u16(b, body + 5) * 281474976710656 +
  u16(b, body + 7) * 4294967296 +
  u16(b, body + 9) * 65536 +
  u16(b, body + 11);

/**
 * Bytes of the MIC. Nothing in the frame names it; the AKM does (16; 24 with 384-bit suites; 0 with AEAD),
 * so the length is taken that makes the key data end where the packet body ends.
 */
export function micLength(b: Uint8Array, body: number, end: number): number {
  for (const mic of MIC_LENGTHS) {
    const at = body + BEFORE_MIC + mic;
    if (at + DATA_LENGTH <= end && at + DATA_LENGTH + u16(b, at) === end) return mic;
  }
  return 16;
}

/** Bytes that the descriptor asks for, key data not counted. */
export function eapolKeyFixedLength(b: Uint8Array, body: number, end: number): number {
  if (body + 1 > end) return 1;
  if (b[body] === DESCRIPTOR_RC4) return RC4_FIXED;
  return isWpaKey(b, body) ? BEFORE_MIC + micLength(b, body, end) + DATA_LENGTH : 1;
}

/**
 * Which message of a handshake this is: 1 to 4 of the four-way handshake, 5 and 6 of the group key handshake;
 * 0 for requests and other descriptors. The fixed part must fit.
 */
export function messageNumber(b: Uint8Array, body: number, end: number): number {
  if (!isWpaKey(b, body)) return 0;
  const info = keyInfo(b, body);
  if ((info & KeyInfo.request) !== 0) return 0;
  const fromAuthenticator = (info & KeyInfo.ack) !== 0;
  if ((info & KeyInfo.pairwise) === 0) return fromAuthenticator ? 5 : 6;
  const mic = micLength(b, body, end);
  if (fromAuthenticator) {
    // AEAD suites never set the MIC bit: their third message is the one whose key data is encrypted.
    return (info & (KeyInfo.mic | KeyInfo.encryptedData)) !== 0 ? 3 : 1;
  }
  // Message 2 always carries the RSN element. Stations set Secure in it when they rekey, and WPA never sets
  // it in message 4, so the bit does not tell. AEAD wraps even empty data: there the nonce tells (it is 0 in 4).
  if (mic !== 0) return u16(b, body + BEFORE_MIC + mic) > 0 ? 2 : 4;
  for (let o = body + NONCE; o < body + NONCE + NONCE_LENGTH; o++) if (b[o] !== 0) return 2;
  return 4;
}

export interface EapolKeyRecord {
  /** eapol.keydes.type */
  descriptorType: number;
  /** wlan_rsna_eapol.keydes.key_info */
  keyInfo?: number;
  /** eapol.keydes.key_len, eapol.keydes.replay_counter (decimal text) */
  keyLength?: number;
  replayCounter?: string;
  nonce?: string;
  keyIv?: string;
  rsc?: string;
  mic?: string;
  /** wlan_rsna_eapol.keydes.data_len */
  dataLength?: number;
  /** wlan_rsna_eapol.keydes.msgnr; 5 and 6 are the group key handshake. */
  messageNumber?: number;
  /** Elements and key data encapsulations in data that is not encrypted. */
  elements?: ElementRecord[];
}

export function eapolKeyRecord(b: Uint8Array, body: number, end: number): EapolKeyRecord | undefined {
  const needed = eapolKeyFixedLength(b, body, end);
  if (body + needed > end) return undefined;
  const record: EapolKeyRecord = { descriptorType: b[body] };
  if (b[body] === DESCRIPTOR_RC4) {
    record.keyLength = u16(b, body + 1);
    record.replayCounter = u64(b, body + 3).toString();
    return record;
  }
  if (!isWpaKey(b, body)) return record;
  const info = keyInfo(b, body);
  const mic = micLength(b, body, end);
  const micAt = body + BEFORE_MIC;
  const data = micAt + mic + DATA_LENGTH;
  record.keyInfo = info;
  record.keyLength = u16(b, body + 3);
  record.replayCounter = u64(b, body + 5).toString();
  record.nonce = hex(b, body + NONCE, body + NONCE + NONCE_LENGTH);
  record.keyIv = hex(b, body + 45, body + 61);
  record.rsc = hex(b, body + 61, body + 69);
  record.mic = hex(b, micAt, micAt + mic);
  record.dataLength = u16(b, micAt + mic);
  record.messageNumber = messageNumber(b, body, end);
  if ((info & KeyInfo.encryptedData) === 0 && record.dataLength > 0) {
    record.elements = elementRecords(b, data, Math.min(end, data + record.dataLength));
  }
  return record;
}
