import { toPem } from './pem.ts';

export type DeviceKind = 'ap' | 'switch';

/** Opens what an outbox sealed before a factory-key rotation: 32 bytes. */
export interface OutboxKey {
  generation: number;
  key: Buffer;
}

/** What makes one device that device. Kept in a folder named by its serial, in a file of mode 0600. */
export interface Identity {
  serial: string;
  kind: DeviceKind;
  model: string;
  /** aa:bb:cc:dd:ee:f0, locally administered; the device owns the sixteen addresses from here on. */
  mac: string;
  /** What its owner types in to claim it. */
  claimCode: string;
  /** Leaf, then the issuing CA. */
  certificatePem: string;
  /** PKCS#8. */
  privateKeyPem: string;
  /** 32 bytes; the cloud holds only keys derived from it. */
  factoryKey: Buffer;
  /** 1 at manufacture; one more with each rotation of the factory key. */
  keyGeneration: number;
  /** Of earlier factory keys, newest first, until what they sealed has been delivered. */
  olderOutboxKeys: OutboxKey[];
  /** SHA-256 of the leaf's DER. */
  certificateSha256: Buffer;
  /** Roots to judge the cloud by. */
  trustPem: string[];
  notBeforeMs: number;
  notAfterMs: number;
}

export const IDENTITY_FILE = 'identity.pem';
export const FACTORY_KEY_LABEL = 'AIRHERD FACTORY KEY';
export const OUTBOX_KEY_LABEL = 'AIRHERD OUTBOX KEY';
export const HEAD = 'airherd identity 1';

/**
 * The text of an identity: named values, then PEM blocks (RFC 7468 5.2 allows text before them). One file, so
 * that a renewal replaces key and certificate together, and one that OpenSSL, curl and Mosquitto take as key, as
 * certificate chain and as CA file. Roots come last: whatever cut the file off, the loss is seen.
 */
export function identityText(identity: Identity): string {
  const { serial, kind, model, mac, claimCode, keyGeneration } = identity;
  const names = Object.entries({
    serial,
    kind,
    model,
    mac,
    'claim-code': claimCode,
    'key-generation': keyGeneration,
  });
  return [
    `${HEAD}\n`,
    ...names.map(([name, value]) => `${name}: ${value}\n`),
    toPem(FACTORY_KEY_LABEL, identity.factoryKey),
    ...identity.olderOutboxKeys.map((older) => toPem(OUTBOX_KEY_LABEL, outboxKeyBytes(older))),
    identity.privateKeyPem,
    identity.certificatePem,
    ...identity.trustPem,
  ].join('');
}

/** Generation u32, big-endian, then the key. */
function outboxKeyBytes({ generation, key }: OutboxKey): Buffer {
  const bytes = Buffer.alloc(4 + key.length);
  bytes.writeUInt32BE(generation);
  key.copy(bytes, 4);
  return bytes;
}
