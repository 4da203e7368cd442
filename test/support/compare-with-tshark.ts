import { dissect } from '../../packets/dissect.ts';
import { Dissection } from '../../packets/dissection.ts';
import type { Layer } from '../../packets/layer.ts';
import { withFrameFile } from './frame-file.ts';
import { tsharkFields } from './tshark.ts';

export type Value = string | number | boolean | undefined;
export type Getters<R> = Readonly<Record<string, (record: R) => Value | readonly Value[]>>;

/** Our value in one of the spellings of tshark: decimal, hexadecimal, 0 and 1 for truth. */
const isSame = (ours: Value, shown: string): boolean =>
  typeof ours === 'string' ? ours === shown : Number(ours) === Number(shown);

/**
 * Reads hand-made frames of one kind with tshark and with `layer`, and lists where they differ, and what no
 * frame had: a comparison of nothing proves nothing. The frames are one link type's; `layer` is taken at its
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
