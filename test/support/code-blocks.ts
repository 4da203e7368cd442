import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..', '..');

/** A fenced block of a page: the words behind its three backquotes, and its text. */
export interface CodeBlock {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly kind: string;
  readonly text: string;
}

/** Pages that a reader is meant to follow, relative to the repository. */
export function pages(): string[] {
  const inDocs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
    .map((name) => `docs/${name}`);
  return ['README.md', 'CONTRIBUTING.md', ...inDocs].sort();
}

export function codeBlocks(page: string): CodeBlock[] {
  const lines = readFileSync(join(root, page), 'utf8').split('\n');
  const blocks: CodeBlock[] = [];
  for (let at = 0; at < lines.length; at++) {
    const opening = /^```(\S*) ?(.*)$/.exec(lines[at]);
    if (!opening) continue;
    const end = lines.indexOf('```', at + 1);
    blocks.push({
      page,
      line: at + 1,
      language: opening[1],
      kind: opening[2],
      text: `${lines.slice(at + 1, end).join('\n')}\n`,
    });
    at = end;
  }
  return blocks;
}
