import type { Completions } from './words.ts';

/** A zsh completion function; it goes into a folder of `$fpath` as `_airherd`. */
export function zshCompletion(all: readonly Completions[]): string {
  return `#compdef airherd
# zsh completion of airherd; made by: airherd completion zsh
${all.map(functionOf).join('\n')}
_airherd "$@"
`;
}

const nameOf = (path: readonly string[]): string => ['_airherd', ...path].join('_').replaceAll('-', '_');

function functionOf({ path, commands, options, takesFile }: Completions): string {
  const specs = options.map(
    ({ flag, description, value, choices }) =>
      `'${flag}[${escaped(description)}]${value === 'none' ? '' : `:value:${valueAction(value, choices)}`}'`,
  );
  if (commands.length > 0) specs.push(`'1: :->command'`, `'*:: :->arguments'`);
  else if (takesFile) specs.push(`'*:file:_files'`);
  const body = commands.length > 0 ? dispatch(path, commands) : '';
  return `${nameOf(path)}() {
  local curcontext="$curcontext" state
  local -a line
  _arguments -C ${specs.join(' ')}
${body}}
`;
}

function dispatch(path: readonly string[], commands: Completions['commands']): string {
  const described = commands.map(({ name, description }) => `'${name}:${escaped(description)}'`);
  const below = commands
    .filter(({ name }) => name !== 'help')
    .map(({ name }) => `      ${name}) ${nameOf([...path, name])} ;;`);
  return `  case $state in
    command) local -a commands=(${described.join(' ')}); _describe command commands ;;
    arguments) case $line[1] in
${below.join('\n')}
    esac ;;
  esac
`;
}

function valueAction(value: string, choices: readonly string[]): string {
  if (choices.length > 0) return `(${choices.join(' ')})`;
  return { folder: '_files -/', file: '_files' }[value] ?? ' ';
}

/** Inside single quotes, and inside the brackets and colons of a specification of `_arguments`. */
const escaped = (text: string): string => text.replace(/[\\[\]:]/g, '\\$&').replaceAll("'", "'\\''");
