#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { EXIT } from '../protocol/errors.ts';
import { commandsFor } from './direct.ts';
import { explain } from './fail.ts';
import { version } from './version.ts';

const program = new Command('airherd')
  .description(
    'Access points and switches as software: they prove themselves, observe, and keep payload at home.',
  )
  .version(version)
  .showHelpAfterError('(airherd --help shows what there is)')
  .exitOverride();

for (const register of await commandsFor(process.argv[2])) register(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  } else {
    process.exitCode = explain(error);
  }
}
