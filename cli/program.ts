import { Command } from 'commander';
import { commandPath } from './command-path.ts';
import { COMMANDS, GROUPS } from './commands.ts';
import { examplesHelp } from './examples.ts';
import { version } from './version.ts';

/** Commands that speak of all others. */
const OVERVIEWS = ['completion', 'manual'];

/**
 * The commands that can be called by `words`, as commander's tree. A first word that names a command loads
 * that command alone, unless it speaks of all; any other, or none, loads all of them.
 */
export async function commandTree(words: readonly string[]): Promise<Command> {
  const program = new Command('airherd')
    .description(
      'Access points and switches as software: they prove themselves, observe, and keep payload at home.',
    )
    .version(version)
    // Options belong to the command that they stand behind: `agent` has some, `agent install` has others.
    .enablePositionalOptions()
    .addHelpCommand(
      new Command('help')
        .argument('[command]')
        .description('help about a command')
        .helpGroup(groupOf('help')),
    )
    .showHelpAfterError('(airherd --help shows what there is)')
    .exitOverride();
  const called = words[0] ?? '';
  const one = Object.hasOwn(COMMANDS, called) && !OVERVIEWS.includes(called);
  const wanted = one ? [COMMANDS[called]] : Object.values(COMMANDS);
  for (const register of await Promise.all(wanted.map((load) => load(words)))) register(program);
  for (const command of program.commands) command.helpGroup(groupOf(command.name()));
  teachByExample(program);
  return program;
}

const groupOf = (name: string): string =>
  Object.entries(GROUPS).find(([, names]) => names.includes(name))?.[0] ?? 'More:';

function teachByExample(command: Command): void {
  const help = examplesHelp(commandPath(command).join(' '));
  if (help) command.addHelpText('after', help);
  for (const below of command.commands) teachByExample(below);
}
