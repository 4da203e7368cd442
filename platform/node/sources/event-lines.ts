import { createInterface } from 'node:readline';
import type { Child } from './child.ts';
import type { EventLines } from './daemon-source.ts';

const MOST_LINES = 10_000;

/** The lines that `child` prints. `faultOf` says why it ended. */
export function eventLines(child: Child, faultOf: (end: Awaited<Child['end']>) => Error): EventLines {
  let lines: string[] = [];
  let fault: Error | null = null;
  let wake: () => void = () => undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (lines.length < MOST_LINES) lines.push(line);
    wake();
  });
  void child.end.then((end) => {
    fault = faultOf(end);
    wake();
  });
  return {
    some: () =>
      new Promise((resolve) => {
        wake = resolve;
        if (lines.length > 0 || fault !== null) resolve();
      }),
    take() {
      const taken = lines;
      lines = [];
      return taken;
    },
    get fault() {
      return fault;
    },
  };
}
