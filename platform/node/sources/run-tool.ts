import { AirherdError } from '../../../protocol/errors.ts';
import { lastWords, pathOf } from './capture-helper.ts';
import { startChild } from './child.ts';

/** A tool that a daemon's access goes through: its package, and what gives the right to ask. */
export interface Tool {
  program: string;
  package: string;
  /** The command that mends a refusal. */
  permit: string;
}

/** Longer answers are a daemon's mistake. */
const MOST_BYTES = 16 * 1024 * 1024;
const PATIENCE_MS = 15_000;

/** What a tool prints. Throws source-tool, source-privilege or source-interrupted. */
export async function runTool(tool: Tool, words: readonly string[], source: string): Promise<string> {
  const child = startChild(tool.program, words);
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const pieces: Buffer[] = [];
  let length = 0;
  child.stdout.on('data', (piece: Buffer) => {
    length += piece.length;
    if (length > MOST_BYTES) child.kill('SIGKILL');
    else pieces.push(piece);
  });
  const end = await child.end;
  clearTimeout(timer);
  const text = Buffer.concat(pieces).toString('utf8');
  if (end.code === 0) return text;
  throw toolFault(tool, source, { ...end, said: `${end.said}\n${text.slice(-500)}` });
}

/** Why it did not answer, in one line that says what to do. */
export function toolFault(tool: Tool, source: string, end: Parameters<typeof lastWords>[0]): AirherdError {
  const { program, permit } = tool;
  if (end.startFault === 'ENOENT' || pathOf(program) === null) {
    return new AirherdError('source-tool', { tool: program, run: `sudo apt-get install ${tool.package}` });
  }
  if (end.startFault === 'EACCES' || /permission denied|not permitted/i.test(end.said)) {
    return new AirherdError('source-privilege', { tool: program, what: `ask for ${source}`, run: permit });
  }
  return new AirherdError('source-interrupted', { source, detail: lastWords(end) });
}
