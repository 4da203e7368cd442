import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  authMessage,
  connectPassword,
  deriveKey,
  deviceHmac,
  parseProof,
  transcript,
  verifyCloud,
  verifyDevice,
} from '../../../protocol/proof.ts';

/** Computed with Python's hashlib and hmac: fixtures/manifest.json. */
const vector = JSON.parse(
  readFileSync(new URL('../../../fixtures/proof-vector.json', import.meta.url), 'utf8'),
);
const hex = (text: string) => Buffer.from(text, 'hex');

const factoryKey = hex(vector.in.factoryKey);
const serial: string = vector.in.serialText;
const context = {
  channelBinding: hex(vector.in.channelBinding),
  serial,
  certificateSha256: createHash('sha256').update(vector.in.certificateDerText).digest(),
  nonceDevice: hex(vector.in.nonceDevice),
};
const nonceCloud = hex(vector.in.nonceCloud);
const kDev = deriveKey(factoryKey, 'device-proof', serial);
const kCloud = deriveKey(factoryKey, 'cloud-proof', serial);

describe('factory-key proof', () => {
  test('gives the known answers', () => {
    expect(kDev.toString('hex')).toBe(vector.out.kDev);
    expect(kCloud.toString('hex')).toBe(vector.out.kCloud);
    expect(transcript(context).toString('hex')).toBe(vector.out.T);
    const mac = deviceHmac(kDev, context);
    expect(mac.toString('hex')).toBe(vector.out.deviceHmac);
    expect(connectPassword(kDev, context).toString('hex')).toBe(vector.out.connectPassword);
    expect(authMessage(kCloud, context, nonceCloud, mac).toString('hex')).toBe(vector.out.authMessage);
  });

  test('each side accepts the other, and nothing that differs in one bit', () => {
    const password = hex(vector.out.connectPassword);
    const auth = hex(vector.out.authMessage);
    const mac = parseProof(password)!.hmac;
    expect(verifyDevice(kDev, context, mac)).toBe(true);
    expect(verifyCloud(kCloud, context, mac, auth)).toBe(true);
    for (let bit = 0; bit < auth.length * 8; bit++) {
      const bent = Buffer.from(auth);
      bent[bit >> 3] ^= 1 << (bit & 7);
      expect(verifyCloud(kCloud, context, mac, bent)).toBe(false);
    }
    const elsewhere = { ...context, channelBinding: Buffer.alloc(32) };
    expect(verifyDevice(kDev, elsewhere, mac)).toBe(false);
    expect(verifyCloud(kCloud, elsewhere, mac, auth)).toBe(false);
  });

  test('keys of one purpose or serial are no use for another', () => {
    expect(verifyDevice(kCloud, context, hex(vector.out.deviceHmac))).toBe(false);
    expect(deriveKey(factoryKey, 'outbox', serial)).not.toEqual(kDev);
    expect(deriveKey(factoryKey, 'device-proof', 'AH0000000002')).not.toEqual(kDev);
  });

  test('anything that has not exactly the form is no proof', () => {
    const password = hex(vector.out.connectPassword);
    for (let length = 0; length < password.length; length++) {
      expect(parseProof(password.subarray(0, length))).toBeNull();
    }
    expect(parseProof(Buffer.concat([password, Buffer.alloc(1)]))).toBeNull();
    expect(parseProof(Buffer.concat([Buffer.from('AHFK\x02', 'latin1'), password.subarray(5)]))).toBeNull();
  });
});
