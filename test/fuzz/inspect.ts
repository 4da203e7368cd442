/** Everything that decoding says about a frame, as text, so that two decodings can be compared. */
import { Dissection, MAX_LAYERS } from '../../packets/dissection.ts';
import { protocolOfLinkType } from '../../packets/linktype.ts';
import { Proto } from '../../packets/protocols.ts';
import { layerOf } from '../../packets/registry.ts';
import { accessed } from './accessors.ts';

const d = new Dissection();

/** The loop of `dissect`, for a frame that begins at `from` of a larger buffer. */
function dissectWithin(buffer: Uint8Array, from: number, to: number, linkType: number): void {
  d.reset(buffer, linkType);
  d.next(protocolOfLinkType(linkType), from, to);
  while (d.nextProto !== Proto.none && d.faultKind === null && d.count < MAX_LAYERS) {
    const layer = layerOf[d.nextProto];
    d.nextProto = Proto.none;
    layer?.dissect(d, d.nextStart, d.nextEnd);
  }
}

/** Layers, their bounds, the fault and all records of the frame; throws what the decoders throw. */
export function inspect(buffer: Uint8Array, from: number, to: number, linkType: number): string {
  dissectWithin(buffer, from, to, linkType);
  let text = JSON.stringify(d.fault);
  for (let i = 0; i < d.count; i++) {
    const { start, headerEnd, end } = d;
    if (!(from <= start[i] && start[i] <= headerEnd[i] && headerEnd[i] <= end[i] && end[i] <= to)) {
      throw new Error(
        `layer ${i} of protocol ${d.proto[i]}: ${start[i]}, ${headerEnd[i]}, ${end[i]} not in order`,
      );
    }
    const record = layerOf[d.proto[i]]?.record(d, i);
    const values = JSON.stringify([record, accessed(d, i)]);
    text += `\n${d.proto[i]} ${start[i]} ${headerEnd[i]} ${end[i]} ${values}`;
  }
  return text;
}

const MARGIN = 512;

/**
 * Decodes a frame twice in the middle of a larger buffer, whose other bytes are all ones the first time and a
 * running count the second. A decoder that reads one byte too many says something else the second time.
 */
export class Surroundings {
  private readonly ones: Uint8Array;
  private readonly counting: Uint8Array;

  constructor(longest: number) {
    this.ones = new Uint8Array(longest + 2 * MARGIN).fill(0xff);
    this.counting = Uint8Array.from({ length: longest + 2 * MARGIN }, (_, i) => i % 251);
  }

  inspect(bytes: Uint8Array, linkType: number): string {
    const to = MARGIN + bytes.length;
    this.ones.set(bytes, MARGIN);
    this.counting.set(bytes, MARGIN);
    const first = inspect(this.ones, MARGIN, to, linkType);
    const second = inspect(this.counting, MARGIN, to, linkType);
    this.ones.fill(0xff, MARGIN, to);
    for (let i = MARGIN; i < to; i++) this.counting[i] = i % 251;
    if (first !== second) throw new Error(`reads outside the frame:\n${first}\n${second}`);
    return first;
  }
}
