import type { Command } from 'commander';

/** A command's words without the program's own name: `['fleet', 'run']`. */
export function commandPath(command: Command): string[] {
  return command.parent ? [...commandPath(command.parent), command.name()] : [];
}
