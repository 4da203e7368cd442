import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { AirherdError } from '../../../protocol/errors.ts';
import { askDevice } from './ask.ts';

/** `airherd device support-bundle SERIAL`: what somebody who helps wants to know. */
export function deviceSupportBundle(group: Command): void {
  group
    .command('support-bundle <serial>')
    .description('state, settings without secrets, and newest events of a connected device, as JSON')
    .option('--out <file>', 'write it there; default: standard output')
    .action(async (serial: string, { out }: { out?: string }) => {
      const text = `${JSON.stringify(await askDevice<object>(serial, 'support-bundle'), null, 2)}\n`;
      if (out === undefined) {
        process.stdout.write(text);
        return;
      }
      try {
        await writeFile(out, text, { mode: 0o600 });
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        throw new AirherdError('output-failed', { path: out, detail }, { cause: error });
      }
      console.log(`written to ${out}`);
    });
}
