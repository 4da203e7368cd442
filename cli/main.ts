#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { EXIT } from '../protocol/errors.ts';
import { COMMANDS } from './commands.ts';
import { explain } from './fail.ts';
import { version } from './version.ts';

const program = new Command('airherd')
  .description(
    'Access points and switches as software: they prove themselves, observe, and keep payload at home.',
  )
  .version(version)
  .showHelpAfterError('(airherd --help shows what there is)')
  .exitOverride();

const called = process.argv[2] ?? '';
const wanted = Object.hasOwn(COMMANDS, called) ? [COMMANDS[called]] : Object.values(COMMANDS);
for (const register of await Promise.all(wanted.map((load) => load()))) register(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  } else {
    process.exitCode = explain(error);
  }
}
