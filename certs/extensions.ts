import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { OID } from './asn1/oids.ts';
import { readElements } from './asn1/read.ts';
import {
  bitString,
  booleanTrue,
  explicit,
  implicit,
  integer,
  octetString,
  oid,
  printableString,
  sequence,
  setOf,
  utf8String,
} from './asn1/write.ts';

/** The contents of the extensions (RFC 5280 4.2) that our certificates carry, as DER. */

/** Names that a certificate is for, or that an authority is limited to. IPs as text, subtrees as a.b.c.d/n. */
export interface AltNames {
  dns?: readonly string[];
  ips?: readonly string[];
}

const keyUsageBits = { digitalSignature: 0x80, keyEncipherment: 0x20, certAndCrlSign: 0x06 } as const;

/** RFC 5280 4.2.1.3. Unused bits are counted from the lowest bit that is set (X.690 11.2.2). */
export function keyUsage(...usages: (keyof typeof keyUsageBits)[]): Buffer {
  const bits = usages.reduce((sum, usage) => sum | keyUsageBits[usage], 0);
  let unused = 0;
  while (((bits >> unused) & 1) === 0) unused++;
  return bitString(Buffer.from([bits]), unused);
}

export const extendedKeyUsage = (usage: 'clientAuth' | 'serverAuth'): Buffer => sequence(oid(OID[usage]));
export const notACa = (): Buffer => sequence();
export const authorityKeyIdentifier = (keyId: Uint8Array): Buffer => sequence(implicit(0, keyId));
export const subjectKeyIdentifier = (keyId: Uint8Array): Buffer => octetString(keyId);

export const subjectAltName = ({ dns = [], ips = [] }: AltNames): Buffer =>
  sequence(
    ...dns.map((name) => implicit(2, Buffer.from(name, 'latin1'))),
    ...ips.map((ip) => implicit(7, Buffer.from(ipaddr.parse(ip).toByteArray()))),
  );

/** RFC 5280 4.2.1.10: an address followed by its mask. */
function ipSubtree(cidr: string): Buffer {
  const [address, bits] = ipaddr.parseCIDR(cidr);
  const mask =
    address.kind() === 'ipv4'
      ? ipaddr.IPv4.subnetMaskFromPrefixLength(bits)
      : ipaddr.IPv6.subnetMaskFromPrefixLength(bits);
  return Buffer.from([...address.toByteArray(), ...mask.toByteArray()]);
}

/** One side of NameConstraints; `directory` is a Name as DER that every subject must lie under. */
export interface Subtrees extends AltNames {
  directory?: Uint8Array;
}

function subtrees({ directory, dns = [], ips = [] }: Subtrees): Buffer[] {
  return [
    ...(directory === undefined ? [] : [sequence(explicit(4, directory))]),
    ...dns.map((name) => sequence(implicit(2, Buffer.from(name, 'latin1')))),
    ...ips.map((cidr) => sequence(implicit(7, ipSubtree(cidr)))),
  ];
}

export function nameConstraints(permitted: Subtrees, excluded: Subtrees): Buffer {
  const sides = [subtrees(permitted), subtrees(excluded)];
  return sequence(...sides.flatMap((side, index) => (side.length === 0 ? [] : [explicit(index, ...side)])));
}

/** RFC 7093 2, method 1: the leftmost 160 bits of SHA-256 over the key's BIT STRING. */
export function keyIdentifier(publicKey: Buffer): Buffer {
  const key = readElements(readElements(publicKey)?.[0].value ?? Buffer.alloc(0))?.[1];
  if (key === undefined) throw new TypeError('not a SubjectPublicKeyInfo');
  return createHash('sha256').update(key.value.subarray(1)).digest().subarray(0, 20);
}

export function extension(id: string, critical: boolean, value: Uint8Array): Buffer {
  return sequence(oid(id), ...(critical ? [booleanTrue()] : []), octetString(value));
}

const ORGANIZATION = 'airherd';
/** The branch of the directory that devices, and servers, live under. */
export type Branch = 'devices' | 'servers';

const attribute = (id: string, value: Buffer): Buffer => setOf(sequence(oid(id), value));

export const branchName = (branch: Branch): Buffer =>
  sequence(
    attribute(OID.organization, utf8String(ORGANIZATION)),
    attribute(OID.organizationalUnit, utf8String(branch)),
  );

/** X.520 6.2.9: `serialNumber` is a PrintableString. */
export function subjectName(branch: Branch, commonName: string, serial?: string): Buffer {
  return sequence(
    attribute(OID.organization, utf8String(ORGANIZATION)),
    attribute(OID.organizationalUnit, utf8String(branch)),
    attribute(OID.commonName, utf8String(commonName)),
    ...(serial === undefined ? [] : [attribute(OID.serialNumber, printableString(serial))]),
  );
}

/** X.509 serial numbers: 127 random bits and never zero (RFC 5280 4.1.2.2). */
export function certificateSerial(random: Buffer): Buffer {
  const number = Buffer.from(random.subarray(0, 16));
  number[0] = (number[0] & 0x7f) | 0x40;
  return integer(number);
}

/** SubjectPublicKeyInfo (RFC 5280 4.1.2.7) of a private key. */
export const publicKeyDer = (key: KeyObject): Buffer =>
  createPublicKey(key).export({ type: 'spki', format: 'der' });
