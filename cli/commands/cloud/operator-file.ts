import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, writePrivate } from '../../../certs/private-file.ts';

/** How this machine's operator reaches the running cloud: written at start with mode 0600, removed at stop. */
export interface OperatorFile {
  apiPort: number;
  devicePort: number;
  pid: number;
  token: string;
  /** Trusts the API's certificate. */
  trustPem: string;
}

const fileIn = (dir: string): string => join(dir, 'operator.json');

export const writeOperatorFile = (dir: string, content: OperatorFile): Promise<void> =>
  writePrivate(fileIn(dir), `${JSON.stringify(content, null, 2)}\n`);

export const removeOperatorFile = (dir: string): Promise<void> => rm(fileIn(dir), { force: true });

export async function readOperatorFile(dir: string): Promise<OperatorFile | null> {
  try {
    return JSON.parse(await readFile(fileIn(dir), 'utf8'));
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
