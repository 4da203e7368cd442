import { describe, expect, test } from 'vitest';
import { decodeDown, decodeUp, MAX_MESSAGE_BYTES } from '../../../protocol/codec.ts';
import { scanCbor } from '../../../protocol/scan.ts';

const hex = (text: string) => Buffer.from(text, 'hex');

describe('scanCbor', () => {
  /** RFC 8949 appendix A, the items that use only what our messages use. */
  test.each([
    '00',
    '17',
    '1818',
    '1903e8',
    '1a000f4240',
    '1b000000e8d4a51000',
    '20',
    '3863',
    '3903e7',
    'f90000',
    'fb3ff199999999999a',
    'fa47c35000',
    'f97e00',
    'f4',
    'f5',
    'f6',
    'f7',
    '40',
    '4401020304',
    '60',
    '6161',
    '6449455446',
    '62c3bc',
    '80',
    '83010203',
    '8301820203820405',
    'a0',
    'a26161016162820203',
    '826161a161626163',
  ])('takes %s', (item) => {
    expect(scanCbor(hex(item))).toBeNull();
  });

  /** RFC 8949 appendix F (not well-formed), and what our messages never use: tags, indefinite lengths. */
  test.each([
    ['', /ends/],
    ['18', /ends/],
    ['1901', /ends/],
    ['1a010203', /ends/],
    ['41', /ends/],
    ['5b7fffffffffffffff010203', /ends/],
    ['6261', /ends/],
    ['81', /ends/],
    ['8200', /ends/],
    ['a100', /ends|not text/],
    ['a16161', /ends/],
    ['9bffffffffffffffff', /ends/],
    ['bb00ffffffffffffff', /ends/],
    ['1c', /reserved/],
    ['3d', /reserved/],
    ['5e', /reserved/],
    ['fc', /reserved|simple/],
    ['f800', /simple/],
    ['f818', /simple/],
    ['ff', /indefinite|reserved/],
    ['5f42010243030405ff', /indefinite/],
    ['9f018202039f0405ffff', /indefinite/],
    ['bf6161019fff', /indefinite/],
    ['c249010000000000000000', /tag/],
    ['d8276461626364', /tag/],
    ['a201020304', /not text/],
    ['1b7fffffffffffffff', /2\^53/],
    ['0000', /followed/],
    ['a0a0', /followed/],
    ['818181818181818100', /deeper/],
  ])('refuses %s', (item, reason) => {
    expect(scanCbor(hex(item))).toMatch(reason);
  });

  test('bounds the number of items', () => {
    const many = Buffer.concat([hex('9a00010000'), Buffer.alloc(65_536)]);
    expect(scanCbor(many)).toMatch(/items/);
    expect(scanCbor(Buffer.concat([hex('99fff0'), Buffer.alloc(0xfff0)]))).toBeNull();
  });
});

describe('decode', () => {
  test('says what is wrong with hostile bytes, and never throws', () => {
    expect(decodeUp('stats', Buffer.alloc(MAX_MESSAGE_BYTES + 1))).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/bytes, at most/),
    });
    expect(decodeUp('stats', hex('c249010000000000000000'))).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/tag/),
    });
    expect(decodeUp('stats', hex('f6'))).toMatchObject({ ok: false });
    expect(decodeDown('welcome', hex('a1695f5f70726f746f5f5fa0'))).toMatchObject({ ok: false });
    expect(decodeDown('ack', hex('a0'))).toMatchObject({ ok: false, reason: expect.stringMatching(/^v: /) });
  });
});
