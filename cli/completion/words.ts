import type { Command } from 'commander';
import { commandPath } from '../command-path.ts';

/** What can be typed behind the words of one command. */
export interface Completions {
  /** the command's words without the program's name; empty: the program itself */
  readonly path: readonly string[];
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionWords[];
  /** it takes a file's name among its arguments */
  readonly takesFile: boolean;
}

interface OptionWords {
  /** `--json`, or `-V` where there is no long form */
  readonly flag: string;
  readonly description: string;
  readonly value: 'none' | 'text' | 'file' | 'folder';
  readonly choices: readonly string[];
}

const FILE = /^(.*file|.*path|input|output)$/i;

/** Every command of the tree, parents before their children. */
export function completionsOf(command: Command): Completions[] {
  const help = command.createHelp();
  const visible = help.visibleCommands(command);
  const own: Completions = {
    path: commandPath(command),
    commands: visible.map((below) => ({ name: below.name(), description: firstLine(below.description()) })),
    options: help.visibleOptions(command).map((option) => ({
      flag: option.long ?? option.short ?? option.flags,
      description: firstLine(option.description),
      value: valueKind(option.flags),
      choices: option.argChoices ?? [],
    })),
    takesFile: command.registeredArguments.some((argument) => FILE.test(argument.name())),
  };
  return [own, ...command.commands.flatMap((below) => completionsOf(below))];
}

function valueKind(flags: string): OptionWords['value'] {
  const placeholder = /[<[]([^>\]]+)[>\]]/.exec(flags)?.[1];
  if (placeholder === undefined) return 'none';
  if (/dir|folder/i.test(placeholder)) return 'folder';
  return FILE.test(placeholder) ? 'file' : 'text';
}

const firstLine = (text: string): string => text.split('\n', 1)[0];
