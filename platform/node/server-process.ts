import { AirherdError } from '../../protocol/errors.ts';
import { type Child, startChild } from './sources/child.ts';

/** A program that serves until it is ended. */
export interface ServerProgram {
  /** Looked for in the PATH and where daemons live, or a path. */
  program: string;
  words: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** What it says when it listens. */
  ready: RegExp;
  /** By which it ends at once. */
  signal: NodeJS.Signals;
  /** Debian's package of it. */
  package: string;
}

export interface ServerProcess {
  /** Ends it, and resolves when it is gone. */
  end(): Promise<void>;
}

/**
 * Starts it, and resolves when it listens. It ends with this process at the latest.
 * @throws AirherdError program-missing, program-failed
 */
export async function startServerProcess(server: ServerProgram): Promise<ServerProcess> {
  const { program, ready, signal } = server;
  let told = '';
  let isReady = (): void => undefined;
  const listens = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  const hear = (text: string): void => {
    told = (told + text).slice(-MOST_TOLD);
    if (ready.test(told)) isReady();
  };
  const child: Child = startChild(program, server.words, { env: server.env, onSaid: hear, tiedBy: signal });
  child.stdout.setEncoding('utf8').on('data', hear);
  const ended = child.end.then(({ code, signal: by, startFault }) => {
    if (startFault === 'ENOENT')
      throw new AirherdError('program-missing', { program, package: server.package });
    const how = startFault ?? (by === null ? `it ended with ${code}` : `${by} ended it`);
    throw new AirherdError('program-failed', { program, detail: [how, lastLine(told)].join(': ') });
  });
  ended.catch(() => undefined);
  await Promise.race([listens, ended]);
  return {
    end: async () => {
      child.kill(signal);
      await child.end;
    },
  };
}

const MOST_TOLD = 64 * 1024;
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';
