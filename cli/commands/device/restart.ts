import type { Command } from 'commander';
import { askDevice } from './ask.ts';

/** `airherd device restart SERIAL`: the agent begins anew; nothing that waits for the cloud is lost. */
export function deviceRestart(group: Command): void {
  group
    .command('restart <serial>')
    .description('have a connected device begin anew, with its settings as they are then')
    .option('--json', 'print JSON')
    .action(async (serial: string, options: { json?: boolean }) => {
      const answer = await askDevice(serial, 'restart');
      console.log(options.json ? JSON.stringify(answer) : `${serial} begins anew`);
    });
}
