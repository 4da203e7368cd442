/** By what a person, or a device of one, can be found. */
export const SUBJECT_KINDS = ['mac', 'user-name', 'host-name', 'ip', 'email'] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** CBOR (RFC 8949 3.1): a text string of fewer than 24 bytes has this as its first byte, plus the length. */
const SHORT_TEXT = 0x60;
const LONG_TEXT = 24;

/**
 * Tells whether bytes, of an encoded message or of a packet, name the subject. `value` is 12 hexadecimal digits
 * for a MAC address, text else, compared without regard to the case of ASCII letters. Text must stand by itself:
 * `ann` is not in `annex`. Null when the value cannot be one.
 */
export function bytesName(kind: SubjectKind, value: string): ((bytes: Uint8Array) => boolean) | null {
  if (kind === 'mac') {
    if (!/^[0-9a-f]{12}$/i.test(value)) return null;
    const raw = Buffer.from(value, 'hex');
    return (bytes) => asBuffer(bytes).includes(raw);
  }
  if (value.trim() === '') return null;
  const text = Buffer.from(value).toString('latin1').toLowerCase();
  return (bytes) => {
    const all = asBuffer(bytes).toString('latin1').toLowerCase();
    for (let at = all.indexOf(text); at >= 0; at = all.indexOf(text, at + 1)) {
      const before = at === 0 ? 0 : bytes[at - 1];
      const isWhole = before === (text.length < LONG_TEXT ? SHORT_TEXT + text.length : text.length);
      if (isWhole || (!isWordByte(before) && !isWordByte(bytes[at + text.length] ?? 0))) return true;
    }
    return false;
  };
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** An ASCII letter or digit, or part of a character beyond ASCII. */
const isWordByte = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) ||
  (byte >= 0x41 && byte <= 0x5a) ||
  (byte >= 0x61 && byte <= 0x7a) ||
  byte > 0x7f;
