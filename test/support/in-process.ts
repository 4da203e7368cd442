/** Commands without a process of their own, for what they say and write: a start costs more than most of them do. */
import { vi } from 'vitest';
import { run } from '../../cli/run.ts';

export interface Said {
  status: number;
  stdout: string;
  stderr: string;
}

/** Carries out `airherd` with these words and returns what it printed and would have exited with. One at a time. */
export async function inProcess(...words: string[]): Promise<Said> {
  const said: Said = { status: 0, stdout: '', stderr: '' };
  const before = process.exitCode;
  const spies = (['stdout', 'stderr'] as const).flatMap((stream) => {
    const add = (text: string) => {
      said[stream] += text;
    };
    return [
      vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
        add(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
        return true;
      }),
      vi.spyOn(console, stream === 'stdout' ? 'log' : 'error').mockImplementation((line) => add(`${line}\n`)),
    ];
  });
  try {
    process.exitCode = 0;
    await run(words);
    return { ...said, status: Number(process.exitCode) };
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
}
