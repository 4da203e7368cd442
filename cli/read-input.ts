import { readFile } from 'node:fs/promises';
import { AirherdError } from '../protocol/errors.ts';

/** The text of a file that somebody named. Throws input-missing. */
export async function readInput(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new AirherdError('input-missing', { path, detail }, { cause: error });
  }
}
