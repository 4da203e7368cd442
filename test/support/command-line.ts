import type { Command } from 'commander';

/** The command that a list of words calls, and the words behind it. */
export function called(tree: Command, words: readonly string[]): { command: Command; rest: string[] } {
  let command = tree;
  let at = 0;
  for (; at < words.length; at++) {
    const below = command.commands.find((candidate) => candidate.name() === words[at]);
    if (!below) break;
    command = below;
  }
  return { command, rest: words.slice(at) };
}

/** The words of each call of airherd in a line for a shell, without what is redirected or substituted. */
export function airherdCalls(line: string): string[][] {
  return [...line.matchAll(/(?:^|[\s|(&;])airherd ([^|)&;#]*)/g)].map(([, text]) => {
    const words = text.replace(/\s\d?>.*/, '').match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
    return words.map((word) => word.replace(/^["']|["']$/g, ''));
  });
}

/** What is wrong with a call, or null when the command would take it. */
export function faultOf(tree: Command, words: readonly string[]): string | null {
  const { command, rest } = called(tree, words);
  if (rest.includes('--help') || rest.includes('--version')) return null;
  if (
    command.commands.length > 0 &&
    !command.registeredArguments.length &&
    rest[0] &&
    !rest[0].startsWith('-')
  )
    return `${command.name()} has no command ${rest[0]}`;
  const { operands, unknown } = command.parseOptions(rest);
  if (unknown.length > 0) return `unknown: ${unknown.join(' ')}`;
  const needed = command.registeredArguments.filter(({ required }) => required).length;
  if (operands.length < needed) return `${needed} arguments are needed`;
  const variadic = command.registeredArguments.some((argument) => argument.variadic);
  if (!variadic && operands.length > command.registeredArguments.length)
    return `too many: ${operands.join(' ')}`;
  const missing = command.options.filter(
    (option) => option.mandatory && !rest.includes(option.long ?? '') && option.defaultValue === undefined,
  );
  return missing.length > 0 ? `without ${missing.map(({ flags }) => flags).join(', ')}` : null;
}
