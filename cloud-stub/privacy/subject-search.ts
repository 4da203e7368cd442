import type { Clock } from '../../platform/ports/clock.ts';
import { sleep } from '../../platform/ports/clock.ts';
import type { StoredMessage } from '../store/message-record.ts';
import type { OrgStore } from '../store/org-store.ts';
import type { StateRow } from '../store/upkeep.ts';
import { type Identifier, identifier, isRandomised } from './identifier.ts';
import { mentions } from './mentions.ts';
import type { DataSubject } from './subject.ts';

const AT_ONCE = 250;

export interface Visit {
  message?(message: StoredMessage): void;
  record?(row: StateRow): void;
}

/**
 * Shows everything in the store, piece by piece, each piece in one transaction. There is no index by person to
 * look at: one would have to be right for every field of every message, and to be paid for by each of them.
 * Messages with greater ids than `afterId` only; returns the last one's.
 */
export async function walk(store: OrgStore, clock: Clock, visit: Visit, afterId = 0): Promise<number> {
  const { upkeep } = store;
  let id = afterId;
  if (visit.message) {
    for (;;) {
      const messages = store.transaction(() => {
        const found = upkeep.messagesAfter(id, AT_ONCE);
        for (const message of found) visit.message?.(message);
        return found;
      });
      if (messages.length === 0) break;
      id = messages[messages.length - 1].id;
      await sleep(clock, 0);
    }
  }
  if (!visit.record) return id;
  for (let last: StateRow | null = null; ; ) {
    const rows: StateRow[] = store.transaction(() => {
      const found = upkeep.stateRows(last, AT_ONCE);
      for (const row of found) visit.record?.(row);
      return found;
    });
    if (rows.length === 0) break;
    last = rows[rows.length - 1];
    await sleep(clock, 0);
  }
  return id;
}

/** The records in a message, each of which may be of another person. */
export function recordsIn({ message }: Pick<StoredMessage, 'message'>): readonly object[] {
  if (message.kind === 'gap') return [];
  if ('clients' in message) return message.clients;
  if ('hosts' in message) return message.hosts;
  if ('devices' in message) return message.devices;
  if ('neighbours' in message) return message.neighbours;
  return [message];
}

/**
 * A name leads to the devices that bear it, and those to what names no one. A randomised address leads nowhere,
 * and nothing leads to it: it is only found where it stands, or by the name that stands beside it.
 */
export async function findSubject(store: OrgStore, clock: Clock, asked: Identifier): Promise<DataSubject> {
  const names: readonly Identifier['kind'][] = ['user-name', 'host-name', 'email'];
  const all: Identifier[] = [asked];
  // People sign in by their address in many networks: the two are one name.
  const twin = asked.kind === 'email' ? 'user-name' : asked.kind === 'user-name' ? 'email' : null;
  const same = twin && identifier(twin, asked.value);
  if (same) all.push(same);
  if (!names.includes(asked.kind)) return { asked, all };
  const macs = new Set<string>();
  const hosts = new Set<string>();
  const isNamed = (found: readonly Identifier[]) =>
    found.some((one) => all.some(({ kind, value }) => one.kind === kind && one.value === value));
  const macsOf = (found: readonly Identifier[]) =>
    found.flatMap(({ kind, value }) => (kind === 'mac' && !isRandomised(value) ? [value] : []));
  const hostsOf = (found: readonly Identifier[]) =>
    found.flatMap(({ kind, value }) => (kind === 'host-name' ? [value] : []));
  const everyRecord = (see: (found: readonly Identifier[]) => void) =>
    walk(store, clock, {
      message: (message) => recordsIn(message).forEach((record) => void see(mentions(record))),
      record: ({ value }) => see(mentions(value)),
    });
  await everyRecord((found) => {
    if (!isNamed(found)) return;
    const own = macsOf(found);
    for (const mac of own) macs.add(mac);
    if (own.length > 0) for (const host of hostsOf(found)) hosts.add(host);
  });
  // A name that devices of others bear as well, `iphone`, is nobody's.
  if (hosts.size > 0) {
    await everyRecord((found) => {
      if (isNamed(found) || macsOf(found).some((mac) => macs.has(mac))) return;
      for (const host of hostsOf(found)) hosts.delete(host);
    });
  }
  return {
    asked,
    all: [
      ...all,
      ...[...macs].map((value) => ({ kind: 'mac', value }) as const),
      ...[...hosts]
        .filter((value) => !all.some((one) => one.kind === 'host-name' && one.value === value))
        .map((value) => ({ kind: 'host-name', value }) as const),
    ],
  };
}
