import { readFileSync } from 'node:fs';
import { Command, Help } from 'commander';

/** What `airherd --help` shows of a command. */
interface Summary {
  name: string;
  /** With its arguments: `observe [options] <file>` */
  term: string;
  description: string;
}

/** Beside this file; a build makes it, so that help about all commands need not load them. */
export const OVERVIEW_FILE = 'overview.json';

const help = new Help();

export const summariesOf = ({ commands }: Command): Summary[] =>
  commands.map((command) => ({
    name: command.name(),
    term: help.subcommandTerm(command),
    description: help.subcommandDescription(command),
  }));

/** Commands that can only be listed; null where nothing was built, as beside the sources. */
export function listedCommands(): ((program: Command) => void) | null {
  const summaries = read();
  if (summaries === null) return null;
  const terms = new Map(summaries.map(({ name, term }) => [name, term]));
  return (program) => {
    program.configureHelp({
      subcommandTerm: (command) => terms.get(command.name()) ?? help.subcommandTerm(command),
    });
    for (const { name, description } of summaries)
      program.addCommand(new Command(name).description(description));
  };
}

function read(): Summary[] | null {
  try {
    return JSON.parse(readFileSync(new URL(OVERVIEW_FILE, import.meta.url), 'utf8'));
  } catch {
    return null;
  }
}
