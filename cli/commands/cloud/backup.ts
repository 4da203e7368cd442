import type { Command } from 'commander';
import { backup, restore } from '../../../cloud-stub/privacy/restore.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import { nodeRandom } from '../../../platform/node/random.ts';
import { airherdHome } from '../../home.ts';
import { masterKeyFrom } from '../../master-key.ts';

const place = () => ({
  dir: airherdHome().cloud,
  clock: nodeClock,
  random: nodeRandom,
  masterKey: masterKeyFrom(),
});

/** `airherd cloud backup FILE`, `airherd cloud restore FILE`. */
export function backupAndRestore(group: Command): void {
  group
    .command('backup <file>')
    .description('all state but the master key, in one encrypted file; the cloud may be running')
    .option('--json', 'print JSON')
    .action((file: string, options: { json?: boolean }) => {
      const made = backup(file, place());
      console.log(options.json ? JSON.stringify(made) : `${file}: ${made.files} stores, ${made.bytes} bytes`);
    });
  group
    .command('restore <file>')
    .description('replaces the state by a backup; who was erased since stays erased')
    .option('--json', 'print JSON')
    .action((file: string, options: { json?: boolean }) => {
      const done = restore(file, place());
      if (options.json) console.log(JSON.stringify(done));
      else {
        console.log(
          `restored ${done.organisations} organisations as of ${new Date(done.madeMs).toISOString()}`,
        );
        console.log(
          `erased since and so again: ${done.erasures} identifiers, ${done.destroyed} organisations`,
        );
      }
    });
}
