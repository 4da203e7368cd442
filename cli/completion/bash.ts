import type { Completions } from './words.ts';

/**
 * A bash completion script (bash 4 or newer). It looks nothing up at run time: a key press must not wait for
 * a Node process.
 */
export function bashCompletion(all: readonly Completions[]): string {
  const commandPaths = all.filter(({ path }) => path.length > 0).map(({ path }) => path.join(' '));
  return `# bash completion of airherd; made by: airherd completion bash
_airherd() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case " \${COMP_WORDS[i]}" in
      ' -'*) ;;
      *) case "$path\${path:+ }\${COMP_WORDS[i]}" in
        ${commandPaths.map(quoted).join('|')}) path="$path\${path:+ }\${COMP_WORDS[i]}" ;;
      esac ;;
    esac
  done
  COMPREPLY=()
  case "$path:$previous" in
${all.flatMap(valueCases).join('\n')}
  esac
  case "$path" in
${all.map(wordCase).join('\n')}
  esac
}
complete -F _airherd airherd
`;
}

const COMPGEN: Readonly<Record<string, string>> = { folder: '-d', file: '-f' };

/** `--option value`: what the value may be. */
function valueCases({ path, options }: Completions): string[] {
  return options
    .filter(({ value }) => value !== 'none')
    .map(({ flag, value, choices }) => {
      const what = choices.length > 0 ? `-W ${quoted(choices.join(' '))}` : COMPGEN[value];
      const reply = what ? `mapfile -t COMPREPLY < <(compgen ${what} -- "$word"); ` : '';
      return `    ${quoted(`${path.join(' ')}:${flag}`)}) ${reply}return ;;`;
    });
}

function wordCase({ path, commands, options, takesFile }: Completions): string {
  const words = [...commands.map(({ name }) => name), ...options.map(({ flag }) => flag)].join(' ');
  const files = takesFile ? '-f ' : '';
  return `    ${quoted(path.join(' '))}) mapfile -t COMPREPLY < <(compgen ${files}-W ${quoted(words)} -- "$word") ;;`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\\\''")}'`;
