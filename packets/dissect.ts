import { type Dissection, MAX_LAYERS } from './dissection.ts';
import { protocolOfLinkType } from './linktype.ts';
import { Proto } from './protocols.ts';
import { layerOf } from './registry.ts';

/**
 * Takes `frame` apart into `d`. Never throws; what could not be decoded is in `d.fault`. `originalLength` is
 * that on the wire, where the capture kept less.
 */
export function dissect(
  d: Dissection,
  frame: Uint8Array,
  linkType: number,
  originalLength = frame.length,
): void {
  dissectWithin(d, frame, 0, frame.length, linkType, originalLength);
}

/**
 * The same for a frame that is bytes[start..end), without a view of its own: positions in `d` are those of
 * `bytes`, offsets of faults are counted from `start`. A loop, not a recursion: each layer names the next and
 * returns, so depth costs no stack.
 */
export function dissectWithin(
  d: Dissection,
  bytes: Uint8Array,
  start: number,
  end: number,
  linkType: number,
  originalLength: number,
): void {
  d.reset(bytes, linkType, originalLength, start, end);
  d.next(protocolOfLinkType(linkType), start, end);
  while (d.nextProto !== Proto.none && d.faultKind === null) {
    const proto = d.nextProto;
    const layer = layerOf[proto];
    if (layer === undefined) return;
    if (d.count === MAX_LAYERS) {
      d.fail('limit', proto, d.nextStart, MAX_LAYERS + 1, MAX_LAYERS, 'nested too deeply');
      return;
    }
    d.nextProto = Proto.none;
    layer.dissect(d, d.nextStart, d.nextEnd);
  }
}
