import type { Command } from 'commander';
import { PROMISES } from '../../../cloud-stub/privacy/promises.ts';

/** `airherd privacy promises`: needs no cloud. */
export function privacyPromises(group: Command): void {
  group
    .command('promises')
    .description('what the cloud promises about data, and the test that holds each promise')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) => {
      if (options.json) {
        console.log(JSON.stringify(PROMISES, null, 2));
        return;
      }
      for (const { id, area, text, test } of PROMISES) {
        console.log(`${id}  (${area})\n  ${text}\n  held by ${test.file}: ${test.name}`);
      }
    });
}
