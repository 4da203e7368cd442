import { expect, test } from 'vitest';
import { LinkType } from '../../../packets/linktype.ts';
import { Slicer } from '../../../packets/slice/slicer.ts';
import { Cut } from '../../../packets/slice/walk.ts';

/** Alignment and size of fields by bit, from the list of defined fields at radiotap.org. */
const FIELDS: readonly (readonly [bit: number, align: number, size: number])[] = [
  [0, 8, 8],
  [1, 1, 1],
  [2, 1, 1],
  [3, 2, 4],
  [5, 1, 1],
  [6, 1, 1],
  [7, 2, 2],
  [10, 1, 1],
  [11, 1, 1],
  [14, 2, 2],
  [19, 1, 3],
  [20, 4, 8],
  [21, 2, 12],
  [22, 8, 12],
];
const FLAGS = 1;
const BAD_FCS = 0x40;
const UNKNOWN_BYTES = 5;

/** A header with the fields of `bits`, all their bytes 0x11 but Flags, and bytes behind them that nothing explains. */
function header(bits: readonly number[], flags: number): { bytes: Uint8Array; fieldsEnd: number } {
  const bytes = new Uint8Array(128);
  let at = 8;
  for (const [bit, align, size] of FIELDS) {
    if (!bits.includes(bit)) continue;
    at = Math.ceil(at / align) * align;
    bytes.fill(bit === FLAGS ? flags : 0x11, at, at + size);
    at += size;
  }
  bytes.fill(0xee, at, at + UNKNOWN_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(2, at + UNKNOWN_BYTES, true);
  view.setUint32(4, bits.reduce((word, bit) => word | (1 << bit), 0) >>> 0, true);
  return { bytes: bytes.slice(0, at + UNKNOWN_BYTES), fieldsEnd: at };
}

const MAC_HEADER = Uint8Array.from({ length: 24 }, (_, i) => (i === 0 ? 0x80 : i));

// Far more presence words than are remembered, each met again after others have taken its place.
test('every combination of fields is laid out by itself, in whatever order they come', () => {
  const slicer = new Slicer();
  const target = new Uint8Array(256);
  for (let turn = 0; turn < 2; turn++) {
    for (let mask = 0; mask < 1 << FIELDS.length; mask += turn === 0 ? 7 : 11) {
      const bits = FIELDS.filter((_, i) => ((mask >> i) & 1) === 1).map(([bit]) => bit);
      const { bytes, fieldsEnd } = header(bits, BAD_FCS);
      const frame = new Uint8Array([...bytes, ...MAC_HEADER]);
      slicer.slice(frame, 0, frame.length, frame.length, LinkType.radiotap, target, 0);
      const expected = bytes.slice().fill(0, fieldsEnd);
      expect(target.slice(0, bytes.length), bits.join()).toEqual(expected);
      expect(slicer.cut === Cut.badFcs, bits.join()).toBe(bits.includes(FLAGS));
    }
  }
});
