import type { Identity } from '../certs/identity.ts';

/**
 * The same identity with as little memory as it needs: texts cut out of a file hold the whole file, small buffers
 * are slices of 8 KB, and each has a list of authorities that all others have too.
 */
export function leanIdentities(): (identity: Identity) => Identity {
  const lists = new Map<string, readonly string[]>();
  return (identity) => {
    const key = identity.trustPem.join('');
    const trustPem = lists.get(key) ?? identity.trustPem.map(ownText);
    lists.set(key, trustPem);
    return {
      ...identity,
      serial: ownText(identity.serial),
      mac: ownText(identity.mac),
      claimCode: ownText(identity.claimCode),
      certificatePem: ownText(identity.certificatePem),
      privateKeyPem: ownText(identity.privateKeyPem),
      certificateSha256: ownBytes(identity.certificateSha256),
      factoryKey: ownBytes(identity.factoryKey),
      trustPem: [...trustPem],
    };
  };
}

/** PEM, serials, addresses: ASCII throughout. */
const ownText = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');

function ownBytes(bytes: Uint8Array): Buffer {
  const own = Buffer.alloc(bytes.length);
  own.set(bytes);
  return own;
}
