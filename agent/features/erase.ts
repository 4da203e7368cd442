import { AirherdError } from '../../protocol/errors.ts';
import { bytesName, SUBJECT_KINDS } from '../../protocol/subject-bytes.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { CommandHandlers } from './command.ts';
import type { Forgetting, NamesOne } from './forgetting.ts';

const refuse = (detail: string) => new AirherdError('command-refused', { name: 'erase-subject', detail });

/**
 * `erase-subject`: forgets this person or device, in memory and in what is still to be sent. Arguments: `kind` and
 * `value` as `bytesName` takes them. With `kind` `anyone` and no value: all that was learned of anybody, and captures
 * that wait; for a device that was away when somebody was erased, so that no name need be kept until it comes. The
 * result says how many `messages` were dropped and how many records, samples and packets were `forgotten`.
 */
export function eraseSubject(outbox: Outbox, memories: readonly Forgetting[]): CommandHandlers {
  const forget = (names: NamesOne) => memories.reduce((sum, memory) => sum + memory.forget(names), 0);
  return {
    async 'erase-subject'({ kind: asked, value }) {
      if (asked === 'anyone') {
        const forgotten = forget(() => true);
        const messages = await outbox.dropStream('pcap');
        await outbox.rewrite();
        return { forgotten, messages };
      }
      const kind = SUBJECT_KINDS.find((name) => name === asked);
      const names = kind && typeof value === 'string' ? bytesName(kind, value) : null;
      if (!names) throw refuse('kind or value is missing');
      // Memory first: it could be sent while the outbox is gone through.
      const forgotten = forget(names);
      const messages = await outbox.dropMatching(names);
      // Also what was delivered already stays in a file as long as something beside it has not been.
      await outbox.rewrite();
      return { forgotten, messages };
    },
  };
}
