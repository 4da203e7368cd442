import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';

type Run = (words: readonly string[]) => Promise<void>;

/** Commands that a build joins with all that they need into one script, `joined-<name>.cjs` beside this file. */
export const JOINED: Readonly<Record<string, readonly string[]>> = {
  observe: ['observe'],
  'pcap-slice': ['pcap', 'slice'],
};

/**
 * What `run.ts` exports, out of the joined script of the command that `words` call. Null for other commands, and
 * where nothing was joined, as beside the sources.
 */
export function joinedRun(words: readonly string[]): Run | null {
  const name = Object.keys(JOINED).find((of) => JOINED[of].every((word, at) => words[at] === word));
  if (name === undefined) return null;
  const path = join(import.meta.dirname, `joined-${name}.cjs`);
  const source = contentOf(path);
  return source === null ? null : joinedScript(path, source.toString('latin1')).run();
}

/**
 * A joined script is the expression of a function, so that V8 takes it with the code that it had compiled for it
 * when it was built: `<path>.code`. Another V8 than the one that compiled refuses that, and compiles by itself.
 */
export function joinedScript(path: string, source: string): { script: Script; run(): Run } {
  const script = new Script(source, {
    filename: path,
    cachedData: contentOf(`${path}.code`) ?? undefined,
  });
  const run = (): Run => {
    const exports: { run?: Run } = {};
    const load = (id: string) => import(id);
    script.runInThisContext()(exports, createRequire(path), load, path);
    return exports.run as Run;
  };
  return { script, run };
}

function contentOf(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}
