import type { Command } from 'commander';
import { commandPath } from '../command-path.ts';
import { EXAMPLES, type Example } from '../examples.ts';

/** One command as a manual describes it. */
export interface ManualEntry {
  /** with the program's own name: `airherd fleet run` */
  readonly name: string;
  readonly usage: string;
  readonly description: string;
  readonly arguments: readonly Term[];
  readonly options: readonly Term[];
  readonly examples: readonly Example[];
}

interface Term {
  readonly term: string;
  readonly description: string;
}

/** Every command that does something itself, in the order of the tree, the program first. */
export function manualEntries(command: Command): ManualEntry[] {
  const help = command.createHelp();
  const path = commandPath(command);
  const own: ManualEntry = {
    name: ['airherd', ...path].join(' '),
    usage: help.commandUsage(command),
    description: command.description(),
    arguments: help.visibleArguments(command).map((argument) => ({
      term: argument.name(),
      description: help.argumentDescription(argument),
    })),
    options: help.visibleOptions(command).map((option) => ({
      term: help.optionTerm(option),
      description: help.optionDescription(option),
    })),
    examples: EXAMPLES[path.join(' ')] ?? [],
  };
  return [own, ...command.commands.flatMap((below) => manualEntries(below))];
}
