import { decodeOwn, encode } from '../../protocol/codec.ts';
import type { DeviceKind, Identity } from '../identity-text.ts';
import { fromPem, toPem } from '../pem.ts';

/** What all identities of a pack have in common: certificates above the leaf, and roots. DER. */
export interface PackShared {
  issuers: Uint8Array[];
  roots: Uint8Array[];
}

/** One identity without what is shared. */
interface PackRecord {
  serial: string;
  kind: DeviceKind;
  model: string;
  mac: string;
  claimCode: string;
  leaf: Uint8Array;
  key: Uint8Array;
  factoryKey: Uint8Array;
  keyGeneration: number;
  olderOutboxKeys: { generation: number; key: Uint8Array }[];
  certificateSha256: Uint8Array;
  notBeforeMs: number;
  notAfterMs: number;
}

export function sharedOf({ certificatePem, trustPem }: Identity): PackShared {
  return {
    issuers: fromPem('CERTIFICATE', certificatePem).slice(1),
    roots: trustPem.flatMap((pem) => fromPem('CERTIFICATE', pem)),
  };
}

export function encodeRecord(identity: Identity): Buffer {
  const { certificatePem, privateKeyPem, trustPem: _roots, ...rest } = identity;
  const [leaf] = fromPem('CERTIFICATE', certificatePem);
  const [key] = fromPem('PRIVATE KEY', privateKeyPem);
  const record: PackRecord = { ...rest, leaf, key };
  return encode(record);
}

/** From a part that was authenticated: nobody else can have written it. */
export function decodeRecord(bytes: Uint8Array, shared: SharedPem): Identity {
  const { leaf, key, factoryKey, certificateSha256, olderOutboxKeys, ...rest } = decodeOwn(
    bytes,
  ) as PackRecord;
  return {
    ...rest,
    certificatePem: toPem('CERTIFICATE', leaf) + shared.issuersPem,
    privateKeyPem: toPem('PRIVATE KEY', key),
    // Copies: a view would keep all of the part in memory.
    factoryKey: Buffer.from(factoryKey),
    certificateSha256: Buffer.from(certificateSha256),
    olderOutboxKeys: olderOutboxKeys.map((older) => ({ ...older, key: Buffer.from(older.key) })),
    trustPem: shared.trustPem,
  };
}

/** As text, made once: thousands of identities hold the same strings. */
export interface SharedPem {
  issuersPem: string;
  trustPem: string[];
}

export const sharedPem = ({ issuers, roots }: PackShared): SharedPem => ({
  issuersPem: issuers.map((der) => toPem('CERTIFICATE', der)).join(''),
  trustPem: roots.map((der) => toPem('CERTIFICATE', der)),
});
