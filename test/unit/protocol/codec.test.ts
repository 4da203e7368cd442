import { decode as cborgDecode, encode as cborgEncode } from 'cborg';
import { describe, expect, test } from 'vitest';
import { decodeDown, encode } from '../../../protocol/codec.ts';

const welcome = {
  v: 1,
  timeMs: 1_790_000_000_000,
  claimed: true,
  maxPacket: 262_144,
  window: 32,
  privacyClasses: ['device'],
};

describe('integers beyond 32 bits', () => {
  test('are written as CBOR integers, as the schema has them', () => {
    expect(encode({ t: 1_790_000_000_000 }).toString('hex')).toBe(
      `a16174${Buffer.from(cborgEncode(1_790_000_000_000)).toString('hex')}`,
    );
    expect(cborgDecode(encode({ a: [{ t: 4_294_967_296 }], b: -4_294_967_297 }))).toEqual({
      a: [{ t: 4_294_967_296 }],
      b: -4_294_967_297,
    });
  });

  test('are read as numbers from another encoder', () => {
    expect(decodeDown('welcome', cborgEncode(welcome))).toEqual({ ok: true, message: welcome });
  });

  test('survive the way there and back', () => {
    expect(decodeDown('welcome', encode(welcome))).toEqual({ ok: true, message: welcome });
  });
});
