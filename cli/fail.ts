import { AirherdError, EXIT } from '../protocol/errors.ts';

/** Prints one line, `airherd: <code>: <what is wrong and what to do>`, and returns the exit code. */
export function explain(
  error: unknown,
  print: (line: string) => void = (line) => console.error(line),
): number {
  if (error instanceof AirherdError) {
    print(`airherd: ${error.code}: ${error.message}`);
    return error.exitCode;
  }
  const detail = error instanceof Error ? error.message : String(error);
  const unexpected = new AirherdError('internal', { detail });
  print(`airherd: ${unexpected.code}: ${unexpected.message}`);
  if (process.env.AIRHERD_DEBUG && error instanceof Error) print(error.stack ?? '');
  return EXIT.failure;
}
