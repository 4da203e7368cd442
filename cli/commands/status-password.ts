import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { nodeRandom } from '../../platform/node/random.ts';
import { hashPassword } from '../../platform/node/status-page.ts';
import { AirherdError } from '../../protocol/errors.ts';

const SALT_BYTES = 16;
const MIN_LENGTH = 8;

export function statusPassword(program: Command): void {
  program
    .command('status-password')
    .description("hash a password, read from standard input, for a switch's status page")
    .action(async () => {
      const password = (await text(process.stdin)).replace(/\r?\n$/, '');
      if (password.length < MIN_LENGTH) {
        throw new AirherdError('usage-invalid', {
          detail: `a password has at least ${MIN_LENGTH} characters`,
        });
      }
      console.log(hashPassword(password, nodeRandom.bytes(SALT_BYTES)));
    });
}
