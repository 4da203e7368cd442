#!/usr/bin/env node
import { CommanderError } from 'commander';
import { EXIT } from '../protocol/errors.ts';
import { explain } from './fail.ts';
import { commandTree } from './program.ts';

const program = await commandTree(process.argv.slice(2));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  } else {
    process.exitCode = explain(error);
  }
}
