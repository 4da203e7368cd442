import { describe, expect, test } from 'vitest';
import { COMMANDS, GROUPS } from '../../../cli/commands.ts';
import { EXAMPLES } from '../../../cli/examples.ts';
import { commandTree } from '../../../cli/program.ts';
import { airherdCalls, called, faultOf } from '../../support/command-line.ts';

const tree = await commandTree([]);

describe('examples of --help', () => {
  const all = Object.entries(EXAMPLES).flatMap(([path, examples]) =>
    examples.map(({ line }) => [path, line] as const),
  );

  test.each(all)('%s: %s is a call that can be taken', (path, line) => {
    const calls = airherdCalls(line);
    expect(calls.length).toBeGreaterThan(0);
    for (const words of calls) {
      expect(faultOf(tree, words)).toBeNull();
      if (path !== '') expect(called(tree, words).command).toBe(called(tree, path.split(' ')).command);
    }
  });

  test('every command with examples exists', () => {
    for (const path of Object.keys(EXAMPLES)) {
      if (path !== '') expect(called(tree, path.split(' ')).rest, path).toEqual([]);
    }
  });

  test('every command stands under a heading', () => {
    const listed = Object.values(GROUPS).flat();
    expect(Object.keys(COMMANDS).filter((name) => !listed.includes(name))).toEqual([]);
    expect(tree.helpInformation()).not.toMatch(/^More:|^Commands:/m);
  });
});
