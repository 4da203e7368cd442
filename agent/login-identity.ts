import type { Identity } from '../certs/identity.ts';
import type { TlsCredentials } from '../platform/ports/transport.ts';
import { deriveKey } from '../protocol/proof.ts';

/** What a login needs to know of the device. Keys are those derived from the factory key. */
export interface LoginIdentity {
  serial: string;
  credentials: TlsCredentials;
  /** SHA-256 of the device certificate's DER. */
  certificateSha256: Buffer;
  trustPem: readonly string[];
  deviceKey: Buffer;
  cloudKey: Buffer;
}

export function loginIdentity(identity: Identity): LoginIdentity {
  const { serial, privateKeyPem, certificateSha256, trustPem, factoryKey } = identity;
  return {
    serial,
    credentials: {
      // Where it is put together at each call, nothing holds it in between.
      get certificatePem() {
        return identity.certificatePem;
      },
      privateKeyPem,
    },
    certificateSha256,
    trustPem,
    deviceKey: deriveKey(factoryKey, 'device-proof', serial),
    cloudKey: deriveKey(factoryKey, 'cloud-proof', serial),
  };
}
