/** YAML with a schema, and every problem at its line. */
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { Problem } from './problem.ts';

const MAX_BYTES = 64 * 1024 * 1024;
const MAX_ALIASES = 100;

export interface LocatedProblem extends Problem {
  /** From 1; 0 when it concerns the whole file. */
  line: number;
}

export type LocatedPath = readonly PropertyKey[];

export interface LocatedYaml {
  data: unknown;
  /** Line of the deepest part of a path that is in the file. */
  lineOf(path: LocatedPath): number;
}

export type Reading<T> = { ok: true; value: T } | { ok: false; problems: LocatedProblem[] };

const whole = (message: string): { ok: false; problems: LocatedProblem[] } => ({
  ok: false,
  problems: [{ path: '', line: 0, message }],
});

export const tooLarge = (bytes: number): string | null =>
  bytes > MAX_BYTES
    ? `${Math.ceil(bytes / 2 ** 20)} MB is more than the ${MAX_BYTES / 2 ** 20} that are read; split it into several sites`
    : null;

export const pathText = (path: LocatedPath): string =>
  path.map((part, i) => (typeof part === 'number' ? `[${part}]` : (i ? '.' : '') + String(part))).join('');

export const byLine = (problems: readonly LocatedProblem[]): LocatedProblem[] =>
  [...problems].sort((a, b) => a.line - b.line);

export function parseLocated(text: string): Reading<LocatedYaml> {
  const size = tooLarge(text.length);
  if (size !== null) return whole(size);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      path: '',
      line: lines.linePos(error.pos[0]).line,
      message: error.message.split('\n')[0],
    }));
    return { ok: false, problems };
  }
  const lineOf = (path: LocatedPath): number => {
    for (let depth = path.length; depth > 0; depth--) {
      const node = document.getIn(path.slice(0, depth), true);
      if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
        return lines.linePos(node.range[0]).line;
      }
    }
    return 0;
  };
  try {
    return { ok: true, value: { data: document.toJS({ maxAliasCount: MAX_ALIASES }), lineOf } };
  } catch (error) {
    return whole(error instanceof Error ? error.message : String(error));
  }
}

/** What a schema has against `data`, which stands at `at` in the file. */
export function schemaProblems(error: z.ZodError, yaml: LocatedYaml, at: LocatedPath = []): LocatedProblem[] {
  return error.issues.map((issue) => {
    const path = [...at, ...issue.path];
    return {
      path: pathText(path),
      line: yaml.lineOf(issue.code === 'unrecognized_keys' ? [...path, issue.keys[0]] : path),
      message: issue.message,
    };
  });
}
