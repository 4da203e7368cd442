import { createHmac, timingSafeEqual } from 'node:crypto';

/** Time-based one-time passwords (RFC 6238): HMAC-SHA-1, steps of 30 s, 6 digits, as authenticators have it. */
const STEP_MS = 30_000;
const DIGITS = 6;
/** RFC 6238 5.2: one step of delay; and one ahead, for a clock that is fast. */
const STEPS_AROUND = [0, -1, 1];

/** HOTP (RFC 4226 5.3) of one counter. */
export function hotp(secret: Uint8Array, counter: number, digits: number = DIGITS): string {
  const moving = Buffer.alloc(8);
  moving.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac('sha1', secret).update(moving).digest();
  const offset = mac[mac.length - 1] & 0x0f;
  const code = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(code % 10 ** digits).padStart(digits, '0');
}

export const totpStep = (wallMs: number): number => Math.floor(wallMs / STEP_MS);

/**
 * The step that `code` is of, null when it is of none that holds now. A code is good once (RFC 6238 5.2): steps
 * up to `usedStep` are not taken any more.
 */
export function verifyTotp(secret: Uint8Array, code: string, nowMs: number, usedStep: number): number | null {
  const given = Buffer.from(code.replaceAll(/\s/g, ''));
  let found: number | null = null;
  for (const around of STEPS_AROUND) {
    const step = totpStep(nowMs) + around;
    if (step < 0) continue;
    const expected = Buffer.from(hotp(secret, step));
    if (given.length === expected.length && timingSafeEqual(given, expected) && step > usedStep) found = step;
  }
  return found;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 6, without padding: how authenticators take a secret. */
export function base32(bytes: Uint8Array): string {
  let out = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += ALPHABET[(held >>> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? out + ALPHABET[(held << (5 - bits)) & 31] : out;
}
