/** Shorthand of decoder tests: bytes in, named layers and records out. */
import { dissect } from '../../packets/dissect.ts';
import { Dissection } from '../../packets/dissection.ts';
import type { Layer } from '../../packets/layer.ts';
import { protoName } from '../../packets/protocols.ts';
import { framesOf } from './captures.ts';

export const bytesOf = (hexadecimal: string): Uint8Array =>
  Uint8Array.from(Buffer.from(hexadecimal.replace(/\s/g, ''), 'hex'));

export function dissected(frame: Uint8Array, linkType: number): Dissection {
  const d = new Dissection();
  dissect(d, frame, linkType);
  return d;
}

/** Names of the layers, outermost first. */
export const layerNames = (d: Dissection): string[] => Array.from(d.proto.subarray(0, d.count), protoName);

/** Record of the `nth` layer of that protocol; throws when there is none. */
export function recordOf<R>(d: Dissection, layer: Layer<R>, nth = 0): R {
  let i = -1;
  for (let n = 0; n <= nth; n++) {
    i = d.find(layer.proto, i + 1);
    if (i < 0) throw new Error(`no ${protoName(layer.proto)} among ${layerNames(d).join(', ')}`);
  }
  return layer.record(d, i);
}

/** Frame `number` of the capture, dissected. */
export function dissectedFrame(path: string, number: number): Dissection {
  const frame = framesOf(path)[number - 1];
  return dissected(frame.bytes, frame.linkType);
}
