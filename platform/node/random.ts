import { randomBytes } from 'node:crypto';
import type { Random } from '../ports/random.ts';

/** The system's CSPRNG. */
export const nodeRandom: Random = {
  bytes: (length) => randomBytes(length),
  float: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
};
