const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\s*([A-Za-z0-9+/=\s]+?)-----END \1-----/g;

/** RFC 7468 text of one DER object. */
export function toPem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** The DER of every block with this label, in order. */
export function fromPem(label: string, text: string): Buffer[] {
  return [...text.matchAll(BLOCK)]
    .filter((block) => block[1] === label)
    .map((block) => Buffer.from(block[2], 'base64'));
}

const END = '-----END CERTIFICATE-----';

/** A device's certificate, and what follows it: the two joined are the text again. */
export function leafAndIssuers(certificatePem: string): [leaf: string, issuers: string] {
  const end = certificatePem.indexOf(END) + END.length;
  return [certificatePem.slice(0, end), certificatePem.slice(end)];
}
