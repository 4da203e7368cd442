import { gzipSync } from 'node:zlib';
import { AirherdError } from '../../protocol/errors.ts';
import type { CommandHandlers } from './command.ts';

/** What whoever runs an agent lets the cloud do with it; what is absent is refused. */
export interface Operator {
  /** Called when the answer is in the outbox: stop the agent and start it anew. */
  restart?(): void;
  /** Makes the device show itself to somebody who looks for it, for so long. */
  locate?(seconds: number): void;
  /** What else belongs into a support bundle: versions, settings without secrets. */
  about?(): Record<string, unknown>;
}

/** Most that fits into a reply, bytes. */
const BUNDLE_BYTES = 15 * 1024;
const DEFAULT_LOCATE_S = 30;
const LONGEST_LOCATE_S = 3600;

/**
 * `restart`, `locate` and `support-bundle`.
 * @param recent the newest events of the session, oldest first, without anything about clients
 */
export function operate(
  operator: Operator | undefined,
  state: () => Record<string, unknown>,
  recent: () => readonly object[],
): CommandHandlers {
  if (!operator) return {};
  const { restart, locate, about } = operator;
  return {
    ...(restart && { restart: async () => ({}) }),
    ...(locate && {
      locate: async ({ seconds = DEFAULT_LOCATE_S }) => {
        const valid = typeof seconds === 'number' && seconds >= 1 && seconds <= LONGEST_LOCATE_S;
        if (!valid) {
          const detail = `seconds must be 1 to ${LONGEST_LOCATE_S}`;
          throw new AirherdError('command-refused', { name: 'locate', detail });
        }
        locate(seconds);
        return { seconds };
      },
    }),
    ...(about && {
      'support-bundle': async () => ({ bundle: bundleOf({ ...about(), ...state() }, recent()) }),
    }),
  };
}

/** JSON, gzip; of the events as many of the newest as there is room for. */
function bundleOf(state: object, recent: readonly object[]): Buffer {
  for (let kept = recent.length; ; kept = Math.floor(kept / 2)) {
    const events = kept === 0 ? [] : recent.slice(-kept);
    const bundle = gzipSync(JSON.stringify({ ...state, omittedEvents: recent.length - kept, events }));
    if (bundle.length <= BUNDLE_BYTES || kept === 0) return bundle;
  }
}
