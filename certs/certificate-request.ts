/** Certificate requests (PKCS#10, RFC 2986): a device asks for a certificate for a key that it proves to hold. */
import { createPrivateKey, type KeyObject, sign, verify } from 'node:crypto';
import { OID } from './asn1/oids.ts';
import { readElement, readElements, readOid, readWhole } from './asn1/read.ts';
import { bitString, element, explicit, integer, oid, sequence, TAG } from './asn1/write.ts';
import { publicKeyDer, subjectName } from './extensions.ts';
import { describeKey, isStrongKey, readPublicKey } from './key-strength.ts';

/** A request for `serial`, as DER, signed with the key that it is for. */
export function certificateRequest(privateKeyPem: string, serial: string): Buffer {
  const key = createPrivateKey(privateKeyPem);
  const info = sequence(
    integer(Buffer.from([0])),
    subjectName('devices', serial, serial),
    publicKeyDer(key),
    explicit(0),
  );
  const algorithm =
    key.asymmetricKeyType === 'rsa'
      ? sequence(oid(OID.sha256WithRsa), element(TAG.null))
      : sequence(oid(OID.ecdsaWithSha256));
  return sequence(info, algorithm, bitString(sign('sha256', info, key)));
}

export type ParsedRequest = { ok: true; publicKey: Buffer; key: KeyObject } | { ok: false; detail: string };

const refuse = (detail: string): ParsedRequest => ({ ok: false, detail });
const MAX_REQUEST_BYTES = 8 * 1024;

/**
 * Checks form, key and the proof that the sender holds it. The names in the request are not read: who asks is
 * known from the session, and no name but the device's own is ever certified.
 */
export function parseRequest(der: Buffer): ParsedRequest {
  if (der.length > MAX_REQUEST_BYTES) return refuse('the request is too long');
  const outer = readWhole(der, TAG.sequence);
  const tags = outer?.map(({ tag }) => tag) ?? [];
  if (outer === null || String(tags) !== String([TAG.sequence, TAG.sequence, TAG.bitString])) {
    return refuse('not a certificate request');
  }
  const [info, algorithm, signature] = outer;
  const fields = readElements(info.value);
  const algorithmOid = readElement(algorithm.value);
  if (fields === null || fields.length < 3 || algorithmOid?.tag !== TAG.oid || signature.value[0] !== 0) {
    return refuse('not a certificate request');
  }
  const key = readPublicKey(fields[2].raw);
  if (key === null) return refuse('its public key cannot be read');
  if (!isStrongKey(key)) return refuse(`its key (${describeKey(key)}) is too weak`);
  const expected = key.asymmetricKeyType === 'rsa' ? OID.sha256WithRsa : OID.ecdsaWithSha256;
  if (readOid(algorithmOid.value) !== expected) return refuse('it is not signed with SHA-256');
  if (!verify('sha256', info.raw, key, signature.value.subarray(1))) {
    return refuse('its signature is wrong: the sender does not hold the key');
  }
  return { ok: true, publicKey: fields[2].raw, key };
}
