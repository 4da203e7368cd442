import { deriveKey } from '../protocol/proof.ts';
import type { DeviceKind, Identity } from './identity-text.ts';

/** What the cloud keeps of a manufactured device: never the factory key, only the two keys of the proof. */
export interface RegistryEntry {
  serial: string;
  kind: DeviceKind;
  model: string;
  mac: string;
  claimCode: string;
  keys: { deviceProof: Buffer; cloudProof: Buffer };
  /** SHA-256 of the certificate's DER. */
  certificateSha256: Buffer;
  notAfterMs: number;
}

/** Where manufacture enters devices. Entering one again must replace it, so that an interrupted batch can go on. */
export interface RegistrySink {
  add(entries: RegistryEntry[]): Promise<void>;
}

export function registryEntryOf(identity: Identity): RegistryEntry {
  const { serial, kind, model, mac, claimCode, certificateSha256, notAfterMs, factoryKey } = identity;
  return {
    serial,
    kind,
    model,
    mac,
    claimCode,
    keys: {
      deviceProof: deriveKey(factoryKey, 'device-proof', serial),
      cloudProof: deriveKey(factoryKey, 'cloud-proof', serial),
    },
    certificateSha256,
    notAfterMs,
  };
}
