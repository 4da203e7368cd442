/** The frames that the exhaustive tests change. */
import { dissect } from '../../packets/dissect.ts';
import { Dissection } from '../../packets/dissection.ts';
import { capturesBelow, framesOf, type TestFrame } from '../support/captures.ts';
import { Surroundings } from './inspect.ts';

const distinct = new Map<string, TestFrame>();
for (const path of capturesBelow('fixtures')) {
  for (const frame of framesOf(path)) {
    distinct.set(`${frame.linkType} ${Buffer.from(frame.bytes).toString('latin1')}`, frame);
  }
}
/** Every frame of every fixture, equal ones once. */
export const frames: readonly TestFrame[] = [...distinct.values()];

const shortest = new Map<string, TestFrame>();
const d = new Dissection();
for (const frame of frames) {
  dissect(d, frame.bytes, frame.linkType);
  const stack = `${frame.linkType} ${d.proto.subarray(0, d.count).join(' ')} ${d.faultKind}`;
  if (frame.bytes.length < (shortest.get(stack)?.bytes.length ?? Number.POSITIVE_INFINITY)) {
    shortest.set(stack, frame);
  }
}
/** One frame for each stack of layers, the shortest: changes to its like would tell nothing new. */
export const kinds: readonly TestFrame[] = [...shortest.values()];

const around = new Surroundings(70_000);

/** What decoding throws, with the bytes that made it throw; empty when all is well. */
export function failure(bytes: Uint8Array, linkType: number): string[] {
  try {
    around.inspect(bytes, linkType);
    return [];
  } catch (error) {
    return [`link type ${linkType}, ${Buffer.from(bytes).toString('hex')}: ${error}`];
  }
}

/** Headers end before here; what lies behind is mostly text. */
export const DEEPEST = 400;
const SMALL = 80;
/** All changes of a byte in small frames; in others those at the edges of lengths, types and flags. */
const ALL_CHANGES = Array.from({ length: 255 }, (_, i) => i + 1);
const EDGES = [1, 3, 0x80, 0xff];

/** `bytes` with one byte changed, every one in turn; the array is reused. `mask` says which bits. */
export function* oneByteChanges(bytes: Uint8Array): Generator<{ mutant: Uint8Array; mask: number }> {
  const mutant = Uint8Array.from(bytes);
  for (let at = 0; at < Math.min(bytes.length, DEEPEST); at++) {
    for (const mask of bytes.length <= SMALL ? ALL_CHANGES : EDGES) {
      mutant[at] = bytes[at] ^ mask;
      yield { mutant, mask };
    }
    mutant[at] = bytes[at];
  }
}
