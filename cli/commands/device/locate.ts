import type { Command } from 'commander';
import { upTo } from '../../whole-number.ts';
import { askDevice } from './ask.ts';

/** `airherd device locate SERIAL`: for whoever stands in front of several. */
export function deviceLocate(group: Command): void {
  group
    .command('locate <serial>')
    .description('have a connected device make itself known')
    .option('--seconds <n>', 'for how long', upTo(3600), 30)
    .option('--json', 'print JSON')
    .action(async (serial: string, { seconds, json }: { seconds: number; json?: boolean }) => {
      const answer = await askDevice(serial, 'locate', { body: { seconds } });
      console.log(json ? JSON.stringify(answer) : `${serial} makes itself known for ${seconds} s`);
    });
}
