/**
 * A fingerprint of the TLS client software in the public JA4 format (FoxIO, "JA4: TLS Client Fingerprinting",
 * BSD-licensed part). Never computed by a decoder: an observation that wants it asks for it by name.
 */
import { createHash } from 'node:crypto';
import type { ClientHello } from './client-hello.ts';

const SERVER_NAME = 0x0000;
const ALPN = 0x0010;

/** Values that clients send to keep servers tolerant: RFC 8701. */
const isGrease = (value: number): boolean => (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);

const VERSIONS: Readonly<Record<number, string>> = {
  772: '13',
  771: '12',
  770: '11',
  769: '10',
  768: 's3',
};

const hex4 = (value: number): string => value.toString(16).padStart(4, '0');
const count = (values: readonly unknown[]): string => String(Math.min(99, values.length)).padStart(2, '0');
const sorted = (values: readonly number[]): string => values.map(hex4).sort().join(',');

function hash12(text: string): string {
  return text === '' ? '000000000000' : createHash('sha256').update(text).digest('hex').slice(0, 12);
}

function alpnEnds(alpn: readonly string[]): string {
  const name = alpn[0] ?? '';
  if (name === '') return '00';
  const ends = name[0] + name[name.length - 1];
  if (/^[0-9A-Za-z]{2}$/.test(ends)) return ends;
  const bytes = Buffer.from(name, 'latin1').toString('hex');
  return bytes[0] + bytes[bytes.length - 1];
}

export function ja4(hello: ClientHello, transport: 'tcp' | 'quic'): string {
  const suites = hello.cipherSuites.filter((suite) => !isGrease(suite));
  const extensions = hello.extensions.filter((type) => !isGrease(type));
  const versions = hello.supportedVersions.filter((version) => !isGrease(version));
  const version = versions.length > 0 ? Math.max(...versions) : hello.legacyVersion;
  const start =
    (transport === 'quic' ? 'q' : 't') +
    (VERSIONS[version] ?? '00') +
    (hello.hasServerName ? 'd' : 'i') +
    count(suites) +
    count(extensions) +
    alpnEnds(hello.alpn);
  const hashed = sorted(extensions.filter((type) => type !== SERVER_NAME && type !== ALPN));
  const signatures = hello.signatureAlgorithms.filter((scheme) => !isGrease(scheme)).map(hex4);
  const tail = signatures.length === 0 ? hashed : `${hashed}_${signatures.join(',')}`;
  return `${start}_${hash12(sorted(suites))}_${hash12(tail)}`;
}
