import { createHash } from 'node:crypto';
import { OID } from './asn1/oids.ts';
import { type Element, readElement, readElements, readOid, readTime, readWhole } from './asn1/read.ts';
import { TAG } from './asn1/write.ts';

/** One attribute of a distinguished name. */
export interface NameAttribute {
  oid: string;
  value: string;
}

export interface CertificateExtension {
  critical: boolean;
  /** What the extension's OCTET STRING holds. */
  value: Buffer;
}

/** The parts of an X.509 certificate (RFC 5280 4.1) that airherd judges. */
export interface ParsedCertificate {
  der: Buffer;
  /** Signed part. */
  tbs: Buffer;
  /** OID of the signature algorithm, the same inside and outside of the signed part. */
  algorithm: string;
  signature: Buffer;
  /** Names as DER, for comparing byte by byte, and the subject's attributes. */
  issuer: Buffer;
  subject: Buffer;
  subjectAttributes: NameAttribute[];
  notBeforeMs: number;
  notAfterMs: number;
  /** SubjectPublicKeyInfo as DER. */
  publicKey: Buffer;
  extensions: Map<string, CertificateExtension>;
}

/** What the period of a certificate is judged by: without the bytes that it was read from. */
export type Dated = Pick<ParsedCertificate, 'notBeforeMs' | 'notAfterMs' | 'subjectAttributes'>;

/** Far above any certificate in use; a bound for what a peer may make us read. */
const MAX_CERTIFICATE_BYTES = 16 * 1024;

/** Null for anything that is not exactly one v3 certificate in DER. Checks form only, trusts nothing. */
export function parseCertificate(der: Buffer): ParsedCertificate | null {
  if (der.length > MAX_CERTIFICATE_BYTES) return null;
  const outer = readWhole(der, TAG.sequence);
  if (outer?.length !== 3 || outer[0].tag !== TAG.sequence || outer[2].tag !== TAG.bitString) return null;
  const fields = readElements(outer[0].value);
  // version [0] v3, serialNumber, signature, issuer, validity, subject, key, extensions [3]; unique ids
  // ([1], [2]) must not be used by conforming CAs (RFC 5280 4.1.2.8)
  if (fields?.length !== 8) return null;
  const [version, serialNumber, inner, issuer, validity, subject, publicKey, extensions] = fields;
  if (version.tag !== 0xa0 || !version.value.equals(Buffer.from([2, 1, 2]))) return null;
  if (serialNumber.tag !== TAG.integer || extensions.tag !== 0xa3) return null;
  // RFC 5280 4.1.1.2: the two must be the same
  if (!inner.raw.equals(outer[1].raw)) return null;
  const algorithm = readElement(inner.value);
  const period = readElements(validity.value);
  if (algorithm?.tag !== TAG.oid || period?.length !== 2) return null;
  const algorithmOid = readOid(algorithm.value);
  const notBeforeMs = readTime(period[0]);
  const notAfterMs = readTime(period[1]);
  const subjectAttributes = readName(subject.raw);
  const parsedExtensions = readExtensions(extensions);
  if (algorithmOid === null || notBeforeMs === null || notAfterMs === null) return null;
  if (subjectAttributes === null || readName(issuer.raw) === null || parsedExtensions === null) return null;
  if (outer[2].value[0] !== 0) return null;
  return {
    der,
    tbs: outer[0].raw,
    algorithm: algorithmOid,
    signature: outer[2].value.subarray(1),
    issuer: issuer.raw,
    subject: subject.raw,
    subjectAttributes,
    notBeforeMs,
    notAfterMs,
    publicKey: publicKey.raw,
    extensions: parsedExtensions,
  };
}

/** Attributes of a Name, outermost first; null when malformed. */
export function readName(name: Buffer): NameAttribute[] | null {
  const attributes: NameAttribute[] = [];
  const rdns = readWhole(name, TAG.sequence);
  if (rdns === null) return null;
  for (const rdn of rdns) {
    const members = rdn.tag === TAG.set ? readElements(rdn.value) : null;
    if (members === null) return null;
    for (const member of members) {
      const pair = member.tag === TAG.sequence ? readElements(member.value) : null;
      if (pair?.length !== 2 || pair[0].tag !== TAG.oid) return null;
      const oid = readOid(pair[0].value);
      if (oid === null) return null;
      attributes.push({ oid, value: pair[1].value.toString('utf8') });
    }
  }
  return attributes;
}

function readExtensions(holder: Element): Map<string, CertificateExtension> | null {
  const list = readWhole(holder.value, TAG.sequence);
  if (list === null) return null;
  const found = new Map<string, CertificateExtension>();
  for (const item of list) {
    const parts = item.tag === TAG.sequence ? readElements(item.value) : null;
    if (parts === null || parts.length < 2 || parts.length > 3 || parts[0].tag !== TAG.oid) return null;
    const oid = readOid(parts[0].value);
    const value = parts[parts.length - 1];
    const flag = parts.length === 3 ? parts[1] : null;
    if (oid === null || value.tag !== TAG.octetString) return null;
    if (flag !== null && (flag.tag !== TAG.boolean || flag.value.length !== 1)) return null;
    // RFC 5280 4.2: a certificate must not include more than one instance of an extension
    if (found.has(oid)) return null;
    found.set(oid, { critical: flag !== null && flag.value[0] !== 0, value: value.value });
  }
  return found;
}

/** The serial that a device certificate names: subject `serialNumber`, given once; null otherwise. */
export function serialOf(certificate: ParsedCertificate): string | null {
  const found = certificate.subjectAttributes.filter(({ oid }) => oid === OID.serialNumber);
  return found.length === 1 ? found[0].value : null;
}

/** SHA-256 of the DER: what the proof and the registry know a certificate by. */
export const fingerprint = (der: Uint8Array): Buffer => createHash('sha256').update(der).digest();
