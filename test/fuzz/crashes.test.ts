/**
 * Inputs that once made a decoder throw, hang or read beyond the frame. A file is one frame, named for what
 * went wrong, with its link type in front: `1-dns-name-too-long.bin`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Surroundings } from './inspect.ts';

const FOLDER = 'fixtures/crashes';

describe('what fuzzing found before', () => {
  const around = new Surroundings(262_144);
  const names = existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => name.endsWith('.bin')) : [];

  it.each(names)('%s decodes', (name) => {
    const bytes = readFileSync(join(FOLDER, name));
    expect(around.inspect(bytes, Number.parseInt(name, 10))).toBeTypeOf('string');
  });
});
