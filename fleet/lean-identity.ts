import type { Identity } from '../certs/identity.ts';
import { leafAndIssuers } from '../certs/pem.ts';

/**
 * The same identity with as little memory as it needs: texts cut out of a file hold the whole file, small buffers
 * are slices of 8 KB, and each has a list of authorities, and the certificates of its issuers, that all others have
 * too.
 */
export function leanIdentities(): (identity: Identity) => Identity {
  const lists = new Map<string, readonly string[]>();
  const chains = new Map<string, string>();
  return (identity) => {
    const key = identity.trustPem.join('');
    const trustPem = lists.get(key) ?? identity.trustPem.map(ownText);
    lists.set(key, trustPem);
    const [own, above] = leafAndIssuers(identity.certificatePem);
    const leaf = ownText(own);
    const issuers = chains.get(above) ?? ownText(above);
    chains.set(issuers, issuers);
    return {
      ...identity,
      serial: ownText(identity.serial),
      mac: ownText(identity.mac),
      claimCode: ownText(identity.claimCode),
      // Put together for whoever asks: joined, they are three times as long as the leaf.
      get certificatePem() {
        return leaf + issuers;
      },
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
