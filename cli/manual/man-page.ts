import type { ManualEntry } from './reference.ts';

/** All commands as one page of section 1, in the macros of man(7). */
export function manPage(entries: readonly ManualEntry[], version: string): string {
  const [program, ...commands] = entries;
  return `.TH AIRHERD 1 "" "airherd ${roff(version)}" "User Commands"
.SH NAME
airherd \\- access points and switches as software
.SH SYNOPSIS
.B airherd
.I command
.RI [ options ]
.SH DESCRIPTION
${paragraph(program.description)}
.SH COMMANDS
${commands.map(section).join('\n')}
.SH FILES
.TP
.B $AIRHERD_HOME
Authority, identities, registry and stores; without it
.IR ~/.local/share/airherd .
.SH "EXIT STATUS"
0 when all went well, 2 for a call that cannot be taken; other codes name the family of the failure, which is said
in one line on standard error.
.SH EXAMPLES
${entries
  .filter(({ examples }) => examples.length > 0)
  .map(examples)
  .join('\n')}
`;
}

function section({ usage, description, arguments: operands, options }: ManualEntry): string {
  const terms = [...operands, ...options.filter(({ term }) => term !== '-h, --help')].map(
    ({ term, description: what }) => `.RS\n.TP\n.B ${roff(term)}\n${paragraph(what)}\n.RE`,
  );
  return [`.SS "${roff(usage)}"`, paragraph(description), ...terms].join('\n');
}

const examples = (entry: ManualEntry): string =>
  entry.examples
    .map(
      ({ purpose, line }) =>
        `${purpose ? `.PP\n${paragraph(purpose)}:\n` : ''}.PP\n.nf\n.RS\n${roff(line)}\n.RE\n.fi`,
    )
    .join('\n');

/** Backslashes and hyphens that are meant, quotes of a macro's argument, and no line that is a macro. */
const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replace(/^[.']/gm, '\\&$&')
    .replace(/[\u0080-\u{10ffff}]/gu, (character) => `\\[u${codePoint(character)}]`);

const codePoint = (character: string): string =>
  (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');

const paragraph = (text: string): string => roff(text).replaceAll('\n', '\n.br\n');
