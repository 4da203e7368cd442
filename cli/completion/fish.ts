import type { Completions } from './words.ts';

/** Completions of the fish shell, one `complete` line for each word. */
export function fishCompletion(all: readonly Completions[]): string {
  return `# fish completion of airherd; made by: airherd completion fish
function __airherd_at
  set -l words (commandline -opc)
  set -l said
  for word in $words[2..]
    string match -q -- '-*' $word; or set -a said $word
  end
  set -l depth (count $argv)
  test "$said[1..$depth]" = "$argv"
end
complete -c airherd -f
${all.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ path, commands, options, takesFile }: Completions): string[] {
  const depth = path.length;
  const here = `-n ${quoted(depth === 0 ? 'true' : `__airherd_at ${path.join(' ')}`)}`;
  const next = `-n ${quoted(depth === 0 ? '__fish_use_subcommand' : `__airherd_at ${path.join(' ')}`)}`;
  const lines = commands.map(
    ({ name, description }) => `complete -c airherd ${next} -a ${quoted(name)} -d ${quoted(description)}`,
  );
  for (const { flag, description, value, choices } of options) {
    const name = flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`;
    lines.push(`complete -c airherd ${here} ${name} -d ${quoted(description)}${valueWords(value, choices)}`);
  }
  if (takesFile) lines.push(`complete -c airherd ${here} -F`);
  return lines;
}

function valueWords(value: string, choices: readonly string[]): string {
  if (choices.length > 0) return ` -x -a ${quoted(choices.join(' '))}`;
  if (value === 'none') return '';
  return value === 'text' ? ' -x' : ' -r -F';
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
