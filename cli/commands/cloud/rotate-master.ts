import type { Command } from 'commander';
import { addMaster, onlyMaster } from '../../../cloud-stub/store/keyring.ts';
import { masterKey, replaceMasterKey } from '../../../cloud-stub/store/master-key.ts';
import { KEY_LENGTH } from '../../../cloud-stub/store/seal.ts';
import { nodeRandom } from '../../../platform/node/random.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { airherdHome } from '../../home.ts';
import { audited } from '../../local-audit.ts';
import { withRegistry } from '../../local-registry.ts';
import { masterKeyFrom } from '../../master-key.ts';

interface Options {
  to?: string;
  settle?: boolean;
}

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
    .action(async (options: Options) => {
      const next = nextOf(options);
      const lines = await withRegistry((registry) =>
        audited(
          registry,
          { action: 'cloud rotate-master', orgId: null, detail: { settle: options.settle === true } },
          () => rotate(next, options),
        ),
      );
      for (const line of lines) console.log(line);
    });
}

/** The key to come; null where the one in use is to stay. Throws usage-invalid before anything is done. */
function nextOf({ to, settle }: Options): Buffer | null {
  if (settle) return null;
  if (to === undefined && masterKeyFrom()) {
    throw new AirherdError('usage-invalid', {
      detail: 'the master key comes from elsewhere: name the new one with --to',
    });
  }
  const next = to === undefined ? nodeRandom.bytes(KEY_LENGTH) : masterKeyFrom(to);
  if (!next) throw new AirherdError('usage-invalid', { detail: '--to names no key' });
  return next;
}

/** What to tell. */
function rotate(next: Buffer | null, { to }: Options): string[] {
  const { cloud: dir } = airherdHome();
  const current = masterKeyFrom() ?? masterKey(dir, nodeRandom);
  if (!next) {
    onlyMaster(dir, current, nodeRandom);
    return ['only the master key in use opens the keyring now'];
  }
  addMaster(dir, current, next, nodeRandom);
  if (to !== undefined) {
    return [
      'both master keys open the keyring; set AIRHERD_MASTER_KEY_FROM to the new one, then run:',
      '  airherd cloud rotate-master --settle',
    ];
  }
  replaceMasterKey(dir, next, nodeRandom);
  onlyMaster(dir, next, nodeRandom);
  return ['the master key is another one now'];
}
