import type { ManualEntry } from './reference.ts';

/** All commands as one page of Markdown. */
export function markdownManual(entries: readonly ManualEntry[]): string {
  const contents = entries
    .slice(1)
    .map(({ name }) => `[\`${name.slice(8)}\`](#${name.replaceAll(' ', '-')})`);
  return `# Commands

Every command and option of \`airherd\`, as \`--help\` says them. Made by \`npm run docs:cli\`.

${contents.join(' · ')}

${entries.map(section).join('\n')}`;
}

function section(entry: ManualEntry): string {
  const terms = [...entry.arguments, ...entry.options];
  const table = terms.map(({ term, description }) => `| \`${cell(term)}\` | ${cell(description)} |`);
  const examples = entry.examples.map(({ purpose, line }) => `${purpose ? `# ${purpose}\n` : ''}${line}`);
  return [
    `## ${entry.name}\n`,
    `${sentence(entry.description)}\n`,
    `    ${entry.usage}\n`,
    `| | |\n|---|---|\n${table.join('\n')}\n`,
    ...(examples.length > 0 ? [`\`\`\`console\n${examples.join('\n')}\n\`\`\`\n`] : []),
  ].join('\n');
}

const sentence = (text: string): string =>
  text && `${text[0].toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;

const cell = (text: string): string =>
  text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
