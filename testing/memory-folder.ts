/** A folder of one lab: in memory as far as the machine has a memory folder. Whoever asks for it removes it. */
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';

export const memoryFolder = (what: string): Promise<string> =>
  mkdtemp(join(existsSync(MEMORY) ? MEMORY : tmpdir(), `airherd-${what}-`));
