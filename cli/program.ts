import { Command } from 'commander';
import { commandPath } from './command-path.ts';
import { COMMANDS, GROUPS } from './commands.ts';
import { examplesHelp } from './examples.ts';
import { listedCommands } from './overview.ts';
import { version } from './version.ts';

/** Commands that speak of all others. */
const OVERVIEWS = ['completion', 'manual'];

type Register = (program: Command) => void;

/**
 * What has to be loaded for `words`. A command that is called, or asked about, is loaded alone, unless it speaks of all;
 * the version needs none, and the list of all commands is there already where it was built.
 */
async function registersFor(words: readonly string[]): Promise<readonly Register[]> {
  const [first = '--help', second = ''] = words;
  if (first === '--version' || first === '-V') return [];
  const asked = first === 'help' ? words.slice(1) : words;
  const [name = ''] = asked;
  if (Object.hasOwn(COMMANDS, name) && !OVERVIEWS.includes(name)) return [await COMMANDS[name](asked)];
  const isOverview = first === '--help' || first === '-h' || (first === 'help' && second === '');
  const listed = isOverview ? listedCommands() : null;
  return listed === null ? Promise.all(Object.values(COMMANDS).map((load) => load(words))) : [listed];
}

/** The commands that can be called by `words`, as commander's tree. */
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
  for (const register of await registersFor(words)) register(program);
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
