import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** How a program ended that we had started. */
export interface ChildEnd {
  /** Null where a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Set where it could not be started at all: ENOENT, EACCES, ... */
  startFault: string | null;
  /** The end of what it said on standard error. */
  said: string;
}

/** So much of standard error is kept; a program that complains for ever fills no memory. */
const SAID_CHARACTERS = 8192;
/** A program that does not end when asked to is made to. */
const PATIENCE_MS = 3000;

export interface Child {
  readonly pid: number | undefined;
  readonly stdout: Readable;
  readonly end: Promise<ChildEnd>;
  /** What it has said so far on standard error, the end of it. */
  said(): string;
  kill(signal: NodeJS.Signals): void;
  /** Asks it to end (by this signal), makes it, and resolves when it has. */
  stop(signal?: NodeJS.Signals): Promise<ChildEnd>;
}

export interface ChildOptions {
  /** Beside the environment of this process. */
  env?: Readonly<Record<string, string>>;
  /** Each piece of what it says on standard error. */
  onSaid?(text: string): void;
  /** By which it is ended when this process ends, however that comes about. */
  tiedBy?: NodeJS.Signals;
}

/** Its standard input ends with us, and whoever reads it sends the signal; $0 names that, the rest is the program. */
const TIED = 'exec 3<&0; (read -r _ <&3; kill -s "$0" $$) >/dev/null 2>&1 & exec 3<&- "$@" </dev/null';
/** By which a shell says that there is no such program. */
const NOT_FOUND = 127;

/** Starts a program; nothing throws, the end tells. Its messages are asked for in English. */
export function startChild(
  program: string,
  words: readonly string[],
  { env, onSaid, tiedBy }: ChildOptions = {},
): Child {
  const isTied = tiedBy !== undefined;
  const command = isTied
    ? ['sh', '-c', TIED, tiedBy.replace(/^SIG/, ''), program, ...words]
    : [program, ...words];
  const child: ChildProcess = spawn(command[0], command.slice(1), {
    stdio: [isTied ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', PATH: searchPath(), ...env },
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-SAID_CHARACTERS);
    onSaid?.(text);
  });
  const end = new Promise<ChildEnd>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      resolve({ code: null, signal: null, startFault: error.code ?? error.message, said });
    });
    // `close` and not `exit`: what it said last is in the pipes still.
    child.once('close', (code, signal) =>
      resolve({ code, signal, startFault: isTied && code === NOT_FOUND ? 'ENOENT' : null, said }),
    );
  });
  const kill = (signal: NodeJS.Signals) => {
    child.kill(signal);
  };
  return {
    pid: child.pid,
    stdout: child.stdout as Readable,
    end,
    said: () => said,
    kill,
    async stop(signal = 'SIGTERM') {
      kill(signal);
      // A reader that went away leaves bytes in the pipe, and the pipe open.
      child.stdout?.resume();
      const timer = setTimeout(() => kill('SIGKILL'), PATIENCE_MS);
      const ended = await end;
      clearTimeout(timer);
      return ended;
    },
  };
}

/** Daemons and their tools live in folders that the PATH of a user often has not. */
export const searchPath = (): string => `${process.env.PATH ?? '/usr/bin:/bin'}:/usr/sbin:/sbin`;
