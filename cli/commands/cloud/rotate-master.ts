import type { Command } from 'commander';
import { addMaster, onlyMaster } from '../../../cloud-stub/store/keyring.ts';
import { masterKey, replaceMasterKey } from '../../../cloud-stub/store/master-key.ts';
import { KEY_LENGTH } from '../../../cloud-stub/store/seal.ts';
import { nodeRandom } from '../../../platform/node/random.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { airherdHome } from '../../home.ts';
import { masterKeyFrom } from '../../master-key.ts';

/**
 * `airherd cloud rotate-master`: a cloud that runs goes on. Where it is interrupted, either key opens the keyring;
 * the same command again ends with one.
 */
export function rotateMaster(group: Command): void {
  group
    .command('rotate-master')
    .description('another master key; the old one opens nothing any more')
    .option(
      '--to <source>',
      'file:PATH, env:NAME or command:COMMAND; default: a new key in the cloud’s folder',
    )
    .option('--settle', 'after --to: forget every master key but the one in use now')
    .action(({ to, settle }: { to?: string; settle?: boolean }) => {
      const { cloud: dir } = airherdHome();
      const given = masterKeyFrom();
      const current = given ?? masterKey(dir, nodeRandom);
      if (settle) {
        onlyMaster(dir, current, nodeRandom);
        console.log('only the master key in use opens the keyring now');
        return;
      }
      const next = to === undefined ? nodeRandom.bytes(KEY_LENGTH) : masterKeyFrom(to);
      if (!next) throw new AirherdError('usage-invalid', { detail: '--to names no key' });
      if (to === undefined && given) {
        throw new AirherdError('usage-invalid', {
          detail: 'the master key comes from elsewhere: name the new one with --to',
        });
      }
      addMaster(dir, current, next, nodeRandom);
      if (to === undefined) {
        replaceMasterKey(dir, next, nodeRandom);
        onlyMaster(dir, next, nodeRandom);
        console.log('the master key is another one now');
      } else {
        console.log(
          'both master keys open the keyring; set AIRHERD_MASTER_KEY_FROM to the new one, then run:',
        );
        console.log('  airherd cloud rotate-master --settle');
      }
    });
}
