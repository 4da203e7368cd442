import type { Command } from 'commander';
import { beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS, GROUPS } from '../../../cli/commands.ts';
import { EXAMPLES } from '../../../cli/examples.ts';
import { commandTree } from '../../../cli/program.ts';

let tree: Command;
beforeAll(async () => {
  tree = await commandTree([]);
});

/** The command that a list of words calls, and the words behind it. */
function called(words: readonly string[]): { command: Command; rest: string[] } {
  let command = tree;
  let at = 0;
  for (; at < words.length; at++) {
    const below = command.commands.find((candidate) => candidate.name() === words[at]);
    if (!below) break;
    command = below;
  }
  return { command, rest: words.slice(at) };
}

/** The part of a pipeline that is ours, in words, without what is redirected. */
function ourWords(line: string): string[] {
  const part = line.split('|').find((candidate) => candidate.trim().startsWith('airherd ')) ?? '';
  const words = part.replace(/ > .*/, '').match(/"[^"]*"|\S+/g) ?? [];
  return words.slice(1).map((word) => word.replace(/^"|"$/g, ''));
}

describe('examples of --help', () => {
  const all = Object.entries(EXAMPLES).flatMap(([path, examples]) =>
    examples.map(({ line }) => [path, line] as const),
  );

  test.each(all)('%s: %s is a call that can be taken', (path, line) => {
    const { command, rest } = called(ourWords(line));
    if (path !== '') expect(called(path.split(' ')).command).toBe(command);
    const { operands, unknown } = command.parseOptions(rest);
    expect(unknown).toEqual([]);
    const needed = command.registeredArguments.filter(({ required }) => required).length;
    expect(operands.length).toBeGreaterThanOrEqual(needed);
    const variadic = command.registeredArguments.some((argument) => argument.variadic);
    if (!variadic) expect(operands.length).toBeLessThanOrEqual(command.registeredArguments.length);
    const missing = command.options.filter(
      (option) => option.mandatory && !rest.includes(option.long ?? '') && option.defaultValue === undefined,
    );
    expect(missing.map(({ flags }) => flags)).toEqual([]);
  });

  test('every command with examples exists', () => {
    for (const path of Object.keys(EXAMPLES)) {
      if (path !== '') expect(called(path.split(' ')).rest, path).toEqual([]);
    }
  });

  test('every command stands under a heading', () => {
    const listed = Object.values(GROUPS).flat();
    expect(Object.keys(COMMANDS).filter((name) => !listed.includes(name))).toEqual([]);
    expect(tree.helpInformation()).not.toMatch(/^More:|^Commands:/m);
  });
});
