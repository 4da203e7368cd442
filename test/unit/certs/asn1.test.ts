import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { readElement, readElements, readOid, readTime, readWhole } from '../../../certs/asn1/read.ts';
import { bitString, integer, oid, sequence, time, utf8String } from '../../../certs/asn1/write.ts';
import { openssl, Scratch } from './openssl.ts';

const scratch = new Scratch();
afterAll(() => scratch.remove());

/** What OpenSSL reads: one line an element, type and value. */
function asn1parse(der: Buffer): string {
  return openssl(['asn1parse', '-inform', 'DER', '-in', scratch.file(der)]).text;
}

describe('DER, as OpenSSL reads it', () => {
  test.each([
    ['00', ':00'],
    ['7f', ':7F'],
    ['80', ':80'],
    ['00ff', ':FF'],
    ['000000', ':00'],
    ['0100', ':0100'],
    ['ff'.repeat(20), `:${'FF'.repeat(20)}`],
  ])('INTEGER %s', (hex, shown) => {
    const text = asn1parse(integer(Buffer.from(hex, 'hex')));
    expect(text).toMatch(new RegExp(`INTEGER +${shown}\n`));
  });

  test.each(['2.5.4.3', '1.2.840.113549.1.1.11', '1.3.6.1.5.5.7.3.2', '1.2.840.10045.4.3.2'])(
    'OID %s',
    (dotted) => {
      const encoded = oid(dotted);
      // OpenSSL's own encoding of the same
      const made = scratch.file('');
      openssl(['asn1parse', '-genstr', `OID:${dotted}`, '-noout', '-out', made]);
      expect(openssl(['asn1parse', '-inform', 'DER', '-in', made]).text).toBe(asn1parse(encoded));
      expect(readOid(readElement(encoded)!.value)).toBe(dotted);
    },
  );

  test.each([
    [Date.UTC(1950, 0, 1), 'UTCTIME           :500101000000Z'],
    [Date.UTC(2026, 10, 24, 19, 5, 6, 789), 'UTCTIME           :261124190506Z'],
    [Date.UTC(2049, 11, 31, 23, 59, 59), 'UTCTIME           :491231235959Z'],
    [Date.UTC(2050, 0, 1), 'GENERALIZEDTIME   :20500101000000Z'],
  ])('time %d', (ms, shown) => {
    expect(asn1parse(time(ms))).toContain(shown);
    expect(readTime(readElement(time(ms))!)).toBe(Math.floor(ms / 1000) * 1000);
  });

  test('lengths of one, two, three and four bytes', () => {
    for (const length of [0, 127, 128, 255, 256, 65_535, 65_536]) {
      const der = sequence(utf8String('x'.repeat(length)), bitString(Buffer.from([1]), 0));
      expect(asn1parse(der)).toMatch(/UTF8STRING[\s\S]*BIT STRING/);
      expect(readWhole(der, 0x30)?.map(({ value }) => value.length)).toEqual([length, 2]);
    }
  });
});

describe('reading', () => {
  test.each([
    ['indefinite length', '3080'],
    ['a needlessly long length', '30810100'],
    ['a long length with a leading zero', '3082008000'],
    ['a length beyond the end', '300201'],
    ['a tag of several bytes', '1f8100'],
    ['nothing', ''],
    ['half a head', '30'],
    ['a length that is cut off', '308201'],
  ])('refuses %s', (_, hex) => {
    expect(readElement(Buffer.from(hex, 'hex'))).toBeNull();
  });

  test.each([
    '991301000000Z',
    '990101240000Z',
    '990101006000Z',
    '9901010000Z',
    '990229000000Z',
    '99010100000xZ',
  ])('refuses the time %s', (text) => {
    const value = Buffer.from(text, 'latin1');
    expect(readTime({ tag: 0x17, value, raw: value })).toBeNull();
  });

  test('refuses an OID that is cut off or beyond reason', () => {
    expect(readOid(Buffer.from('2a86', 'hex'))).toBeNull();
    expect(readOid(Buffer.alloc(20, 0xff))).toBeNull();
    expect(readOid(Buffer.alloc(0))).toBeNull();
  });

  test('never throws and never reads beyond the end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const buffer = Buffer.from(bytes);
        const elements = readElements(buffer);
        const total = elements?.reduce((sum, { raw }) => sum + raw.length, 0);
        expect(total === undefined || total === buffer.length).toBe(true);
      }),
    );
  });
});
