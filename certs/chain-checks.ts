/** The checks of a certificate path, one a function, each blind to the others. */
import ipaddr from 'ipaddr.js';
import { OID } from './asn1/oids.ts';
import { readOid, readWhole } from './asn1/read.ts';
import { TAG } from './asn1/write.ts';
import { keyOf } from './ca-cache.ts';
import { type Dated, type ParsedCertificate, serialOf } from './certificate.ts';
import { nameOf } from './chain-path.ts';
import type { Findings } from './findings.ts';
import { describeKey, isStrongKey } from './key-strength.ts';
import { readAltNames, readNameConstraints, refusedName, type SubjectNames } from './name-constraints.ts';

/** RFC 5280 4.2: an extension that is critical and not understood refuses the certificate. */
const UNDERSTOOD: ReadonlySet<string> = new Set([
  OID.keyUsage,
  OID.extendedKeyUsage,
  OID.basicConstraints,
  OID.nameConstraints,
  OID.subjectAltName,
]);

export function checkCritical(certificate: ParsedCertificate, findings: Findings): void {
  for (const [oid, { critical }] of certificate.extensions) {
    if (critical && !UNDERSTOOD.has(oid)) {
      findings.add(
        'malformed',
        `${nameOf(certificate)} has the critical extension ${oid}, which is unknown here`,
      );
    }
  }
}

export function checkKey(certificate: ParsedCertificate, findings: Findings): void {
  const key = keyOf(certificate);
  if (key === null) findings.add('malformed', `the key of ${nameOf(certificate)} cannot be read`);
  else if (!isStrongKey(key)) {
    findings.add('key-too-weak', `the key of ${nameOf(certificate)} (${describeKey(key)}) is too weak`);
  }
}

export function checkPeriod(certificate: Dated, nowMs: number, findings: Findings): void {
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 19).concat('Z');
  if (nowMs < certificate.notBeforeMs) {
    findings.add('not-yet-valid', `${nameOf(certificate)} is valid from ${day(certificate.notBeforeMs)}`);
  }
  if (nowMs > certificate.notAfterMs) {
    findings.add('expired', `${nameOf(certificate)} expired at ${day(certificate.notAfterMs)}`);
  }
}

interface BasicConstraints {
  ca: boolean;
  pathLength: number;
}

/** RFC 5280 4.2.1.9; null when malformed, absent means "not a CA". */
function basicConstraints({ extensions }: ParsedCertificate): BasicConstraints | null {
  const extension = extensions.get(OID.basicConstraints);
  if (extension === undefined) return { ca: false, pathLength: 0 };
  const parts = readWhole(extension.value, TAG.sequence);
  if (parts === null || parts.length > 2) return null;
  const ca = parts[0]?.tag === TAG.boolean && parts[0].value[0] !== 0;
  const length = parts.find(({ tag }) => tag === TAG.integer);
  if (length !== undefined && (length.value.length !== 1 || length.value[0] > 127)) return null;
  return { ca, pathLength: length?.value[0] ?? Number.POSITIVE_INFINITY };
}

/** RFC 5280 4.2.1.3: where the extension is absent, everything is allowed. */
function hasKeyUsage({ extensions }: ParsedCertificate, bit: number): boolean {
  const extension = extensions.get(OID.keyUsage);
  return extension === undefined || ((extension.value[3] ?? 0) & bit) !== 0;
}
const DIGITAL_SIGNATURE = 0x80;
const CERT_SIGN = 0x04;

/** Every certificate above the leaf is a CA that may sign at its depth (RFC 5280 6.1.4); the leaf is none. */
export function checkAuthorities(path: readonly ParsedCertificate[], findings: Findings): void {
  path.forEach((certificate, depth) => {
    const constraints = basicConstraints(certificate);
    if (constraints === null) {
      findings.add('malformed', `the basic constraints of ${nameOf(certificate)} cannot be read`);
    } else if (depth === 0) {
      if (constraints.ca) findings.add('ca-flag', `${nameOf(certificate)} is a CA, not a device or server`);
    } else if (!constraints.ca || !hasKeyUsage(certificate, CERT_SIGN)) {
      findings.add('ca-flag', `${nameOf(certificate)} may not sign certificates`);
    } else if (depth - 1 > constraints.pathLength) {
      findings.add('ca-flag', `${nameOf(certificate)} may not have ${depth - 1} CAs below it`);
    }
  });
}

/**
 * RFC 5280 4.2.1.12. The leaf must name the usage; a CA that names any limits what is below it to those, as
 * browsers and OpenSSL have it. anyExtendedKeyUsage is no licence.
 */
export function checkUsage(
  certificate: ParsedCertificate,
  depth: number,
  usage: 'clientAuth' | 'serverAuth',
  findings: Findings,
): void {
  const extension = certificate.extensions.get(OID.extendedKeyUsage);
  const purposes =
    extension &&
    readWhole(extension.value, TAG.sequence)?.map(({ tag, value }) => tag === TAG.oid && readOid(value));
  const named = purposes?.includes(OID[usage]) ?? false;
  if (!named && (depth === 0 || extension !== undefined)) {
    findings.add('usage', `${nameOf(certificate)} is not for ${usage}`);
  }
  if (depth === 0 && !hasKeyUsage(certificate, DIGITAL_SIGNATURE)) {
    findings.add('usage', `the key of ${nameOf(certificate)} may not sign`);
  }
}

function namesOf(certificate: ParsedCertificate): SubjectNames | null {
  const extension = certificate.extensions.get(OID.subjectAltName);
  const names =
    extension === undefined ? { dns: [], ips: [], otherForms: [] } : readAltNames(extension.value);
  return names && { directory: certificate.subjectAttributes, ...names };
}

/** RFC 6125 6.4.3: a wildcard is a whole left-most label and stands for exactly one. */
function matchesDns(pattern: string, name: string): boolean {
  const wanted = name.toLowerCase().replace(/\.$/, '');
  const offered = pattern.toLowerCase();
  if (!offered.startsWith('*.')) return offered === wanted;
  const dot = wanted.indexOf('.');
  return dot > 0 && offered.split('.').length > 2 && wanted.slice(dot) === offered.slice(1);
}

const sameAddress = (a: string, b: string): boolean =>
  ipaddr.parse(a).toNormalizedString() === ipaddr.parse(b).toNormalizedString();

/** A server by SubjectAltName only (RFC 6125 6.4.4 is not followed), a device by subject serialNumber and CN. */
export function checkNames(
  leaf: ParsedCertificate,
  expected: { serverName?: string; serial?: string },
  findings: Findings,
): void {
  const names = namesOf(leaf);
  if (names === null) findings.add('malformed', `the names of ${nameOf(leaf)} cannot be read`);
  const { serverName, serial } = expected;
  if (serverName !== undefined) {
    const isAddress = ipaddr.isValid(serverName);
    const found = isAddress
      ? names?.ips.some((ip) => sameAddress(ip, serverName))
      : names?.dns.some((pattern) => matchesDns(pattern, serverName));
    if (!found) findings.add('name', `${nameOf(leaf)} is not a certificate of ${serverName}`);
  }
  if (serial !== undefined) {
    const common = leaf.subjectAttributes.filter(({ oid }) => oid === OID.commonName);
    if (serialOf(leaf) !== serial || common.length !== 1 || common[0].value !== serial) {
      findings.add('name', `${nameOf(leaf)} is not the certificate of ${serial}`);
    }
  }
}

/** RFC 5280 6.1.3 (b), (c): the names of each certificate stay within the constraints of every CA above it. */
export function checkConstraints(path: readonly ParsedCertificate[], findings: Findings): void {
  path.forEach((certificate, depth) => {
    const extension = certificate.extensions.get(OID.nameConstraints);
    if (extension === undefined) return;
    const constraints = readNameConstraints(extension.value);
    if (constraints === null) {
      findings.add('malformed', `the name constraints of ${nameOf(certificate)} cannot be read`);
      return;
    }
    for (const below of path.slice(0, depth)) {
      const names = namesOf(below);
      const refused = names && refusedName(names, constraints);
      if (refused) findings.add('name', `${nameOf(certificate)} may not certify ${refused}`);
    }
  });
}
