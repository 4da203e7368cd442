import { AirherdError } from '../../protocol/errors.ts';
import { bytesName, SUBJECT_KINDS } from '../../protocol/subject-bytes.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { CommandHandlers } from './command.ts';

/**
 * `erase-subject`: drops what is still to be sent and names this person or device. Arguments: `kind` and `value`
 * as `bytesName` takes them. The result says how many `messages` that were.
 */
export function eraseSubject(outbox: Outbox): CommandHandlers {
  return {
    async 'erase-subject'(args) {
      const kind = SUBJECT_KINDS.find((name) => name === args.kind);
      const names = kind && typeof args.value === 'string' ? bytesName(kind, args.value) : null;
      if (!names) {
        throw new AirherdError('command-refused', {
          name: 'erase-subject',
          detail: 'kind or value is missing',
        });
      }
      return { messages: await outbox.dropMatching(names) };
    },
  };
}
