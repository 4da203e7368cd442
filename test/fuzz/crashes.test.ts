/**
 * Inputs that made a decoder throw, hang or read beyond the frame, or were built to. Each file is one frame,
 * its link type in front of a name that says what it does: `1-dns-pointer-loop.bin`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Surroundings } from './inspect.ts';

const FOLDER = 'fixtures/crashes';

describe('what fuzzing found before', () => {
  const around = new Surroundings(262_144);
  const names = readdirSync(FOLDER);

  it.each(names)('%s decodes', (name) => {
    const bytes = readFileSync(join(FOLDER, name));
    expect(around.inspect(bytes, Number.parseInt(name, 10))).toBeTypeOf('string');
  });
});
