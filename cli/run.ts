import { CommanderError } from 'commander';
import { EXIT } from '../protocol/errors.ts';
import { explain } from './fail.ts';
import { commandTree } from './program.ts';

/** Carries out the command that `words` call; what went wrong is told, and becomes the process's exit code. */
export async function run(words: readonly string[]): Promise<void> {
  const program = await commandTree(words);
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    } else {
      process.exitCode = explain(error);
    }
  }
}
