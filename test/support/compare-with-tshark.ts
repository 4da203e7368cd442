import { dissect } from '../../packets/dissect.ts';
import { Dissection } from '../../packets/dissection.ts';
import type { Layer } from '../../packets/layer.ts';
import { Surroundings } from '../fuzz/inspect.ts';
import { withFrameFile } from './frame-file.ts';
import { tsharkFields } from './tshark.ts';

export type Value = string | number | boolean | undefined;
export type Getters<R> = Readonly<Record<string, (record: R) => Value | readonly Value[]>>;

/** Our value in one of the spellings of tshark: decimal, hexadecimal, 0 and 1 for truth. */
const isSame = (ours: Value, shown: string): boolean =>
  typeof ours === 'string' ? ours === shown : Number(ours) === Number(shown);

/** Long and many frames are recorded ones, which test/fuzz breaks in its own ways. */
const LONGEST = 400;
const MOST = 16;
const around = new Surroundings(LONGEST);
/** Changes of one byte that hit lengths, counts and flags. */
const MASKS = [0x01, 0x04, 0x10, 0x40, 0x80, 0xff];

/** Prefixes and one-byte changes of the frame that throw or read beyond it. */
function escapes(frame: Uint8Array, linkType: number): string[] {
  const found: string[] = [];
  const tryOne = (bytes: Uint8Array, what: string): void => {
    try {
      around.inspect(bytes, linkType);
    } catch (error) {
      found.push(`${what}: ${error}`);
    }
  };
  for (let length = 0; length < frame.length; length++)
    tryOne(frame.subarray(0, length), `first ${length} bytes`);
  const mutant = Uint8Array.from(frame);
  for (let at = 0; at < frame.length; at++) {
    for (const mask of MASKS) {
      mutant[at] = frame[at] ^ mask;
      tryOne(mutant, `byte ${at} changed by ${mask}`);
    }
    mutant[at] = frame[at];
  }
  return found.slice(0, 3);
}

/**
 * Reads hand-made frames of one kind with tshark and with `layer`, and lists where they differ, and what no
 * frame had: a comparison of nothing proves nothing. Broken variants of the frames must not make any decoder
 * throw or read beyond them. The frames are one link type's; `layer` is taken at its
 * first place in each.
 */
export async function differences<R>(
  linkType: number,
  frames: readonly Uint8Array[],
  layer: Layer<R>,
  getters: Getters<R>,
): Promise<string[]> {
  const names = Object.keys(getters);
  const shown = await withFrameFile(linkType, frames, (path) =>
    tsharkFields(path, ['_ws.malformed', ...names]),
  );
  const d = new Dissection();
  const found: string[] = [];
  const seen = new Set<string>();
  for (const [number, frame] of frames.entries()) {
    if (frame.length <= LONGEST && number < MOST) found.push(...escapes(frame, linkType));
    dissect(d, frame, linkType);
    const i = d.find(layer.proto);
    if (d.fault !== null || i < 0) {
      found.push(`frame ${number}: ${JSON.stringify(d.fault)}`);
      continue;
    }
    if (shown[number][0].length > 0) found.push(`frame ${number}: tshark calls it malformed`);
    const record = layer.record(d, i);
    for (const [index, name] of names.entries()) {
      const theirs = shown[number][index + 1];
      const value = getters[name](record);
      const ours = (Array.isArray(value) ? value : [value]).filter((one) => one !== undefined);
      if (theirs.length > 0) seen.add(name);
      if (ours.length === theirs.length && ours.every((one, k) => isSame(one, theirs[k]))) continue;
      found.push(`frame ${number}: ${name} is ${JSON.stringify(theirs)}, not ${JSON.stringify(ours)}`);
    }
  }
  for (const name of names) if (!seen.has(name)) found.push(`${name}: in no frame`);
  return found;
}
