import { z } from 'zod';
import type { Clock } from '../../platform/ports/clock.ts';
import type { StoredMessage } from '../store/message-record.ts';
import type { OrgStore } from '../store/org-store.ts';
import type { Identifier } from './identifier.ts';
import { recordsOf } from './subject.ts';
import { findSubject, walk } from './subject-search.ts';

/** Fields of records that can be wrong about a person. */
export const correction = z
  .strictObject({
    hostName: z.string().min(1).max(255),
    userName: z.string().min(1).max(255),
    email: z.email().max(255),
    family: z.string().min(1).max(255),
    os: z.string().min(1).max(255),
  })
  .partial()
  .refine((set) => Object.keys(set).length > 0, 'nothing to correct');
export type Correction = z.infer<typeof correction>;

export interface Corrected {
  messages: number;
  records: number;
}

/** Writes fields of the subject's records anew, where a record has the field, in messages and in what is known now. */
export async function correctSubject(
  store: OrgStore,
  clock: Clock,
  asked: Identifier,
  set: Correction,
): Promise<Corrected> {
  const isOf = recordsOf(await findSubject(store, clock, asked));
  const counts: Corrected = { messages: 0, records: 0 };
  const corrected = <T extends object>(record: T): T => {
    const next = { ...record };
    for (const [name, value] of Object.entries(set)) if (name in next) Object.assign(next, { [name]: value });
    return next;
  };
  const all = <T extends object>(records: readonly T[]): T[] | null =>
    records.some(isOf) ? records.map((record) => (isOf(record) ? corrected(record) : record)) : null;
  const rewritten = ({ message }: StoredMessage): StoredMessage['message'] | null => {
    if (message.kind === 'gap') return null;
    if ('clients' in message) {
      const clients = all(message.clients);
      return clients && { ...message, clients };
    }
    if ('hosts' in message) {
      const hosts = all(message.hosts);
      return hosts && { ...message, hosts };
    }
    return null;
  };
  await walk(store, clock, {
    message(stored) {
      const next = rewritten(stored);
      if (!next) return;
      store.upkeep.rewriteMessage(stored, next);
      counts.messages++;
    },
    record(row) {
      if (!isOf(row.value)) return;
      store.upkeep.rewriteState(row, corrected(row.value));
      counts.records++;
    },
  });
  return counts;
}
