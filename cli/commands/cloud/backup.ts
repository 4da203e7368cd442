import type { Command } from 'commander';
import { backup, restore } from '../../../cloud-stub/privacy/restore.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import { nodeRandom } from '../../../platform/node/random.ts';
import { airherdHome } from '../../home.ts';
import { audited } from '../../local-audit.ts';
import { withRegistry } from '../../local-registry.ts';
import { masterKeyFrom } from '../../master-key.ts';

const place = () => ({
  dir: airherdHome().cloud,
  clock: nodeClock,
  random: nodeRandom,
  masterKey: masterKeyFrom(),
});

/** In the cloud's own log. */
const noted = (action: string) =>
  withRegistry((registry) => audited(registry, { action, orgId: null, detail: {} }, () => {}));

/** `airherd cloud backup FILE`, `airherd cloud restore FILE`. */
export function backupAndRestore(group: Command): void {
  group
    .command('backup <file>')
    .description('all state but the master key, in one encrypted file; the cloud may be running')
    .option('--json', 'print JSON')
    .action(async (file: string, options: { json?: boolean }) => {
      await noted('cloud backup');
      const made = backup(file, place());
      console.log(options.json ? JSON.stringify(made) : `${file}: ${made.files} stores, ${made.bytes} bytes`);
    });
  group
    .command('restore <file>')
    .description('replaces the state by a backup; who was erased since stays erased')
    .option('--json', 'print JSON')
    .action(async (file: string, options: { json?: boolean }) => {
      const done = restore(file, place());
      await noted('cloud restore');
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
