import { sectionWithout } from '../../packets/trigger/section-without.ts';
import type { Clock } from '../../platform/ports/clock.ts';
import { encode } from '../../protocol/codec.ts';
import { unpackRssi } from '../../protocol/messages/rssi.ts';
import type { Commands } from '../broker/commands.ts';
import type { Registry } from '../registry/registry.ts';
import type { StoredMessage } from '../store/message-record.ts';
import type { OrgStore } from '../store/org-store.ts';
import type { Stores } from '../store/stores.ts';
import { without } from './admit.ts';
import type { Identifier } from './identifier.ts';
import type { ClearedBackups } from './restore.ts';
import { bytesOf, type DataSubject, recordsOf } from './subject.ts';
import { findSubject, recordsIn, type Visit, walk } from './subject-search.ts';

/** What was removed where. It names nobody: the subject stands in it as a keyed index only. */
export interface ErasureCertificate {
  organisationId: string;
  /** Keyed index of what was asked for, hexadecimal. */
  subject: string;
  kind: Identifier['kind'];
  askedMs: number;
  doneMs: number;
  store: {
    /** Messages of nobody else, removed whole; messages of others too, written anew without the subject. */
    messagesRemoved: number;
    messagesRewritten: number;
    recordsRemoved: number;
    signalSamples: number;
    capturePackets: number;
    /** Keys of the audit log destroyed, so that what it said of the subject is noise. */
    auditKeys: number;
  };
  agents: { serial: string; outcome: string }[];
  backups: string;
}

export interface EraseOptions {
  registry: Registry;
  stores: Stores;
  commands: Pick<Commands, 'send'>;
  clock: Clock;
  /** Clears the backups that this cloud wrote on this machine; absent where there can be none. */
  clearBackups?(): ClearedBackups;
}

const BACKUPS = 'copies elsewhere are cleared of the subject when they are restored here';
const AWAY = 'not connected: what it still holds is withheld when it comes, and it is told to forget then';

/** Removes the subject from the store, its log and the outboxes of agents, and sees that it does not come back. */
export async function eraseSubject(
  options: EraseOptions,
  orgId: string,
  asked: Identifier,
): Promise<ErasureCertificate> {
  const { stores, clock } = options;
  const store = stores.of(orgId);
  const askedMs = clock.wallMs();
  const subject = await findSubject(store, clock, asked);
  const certificate: ErasureCertificate = {
    organisationId: orgId,
    subject: store.subjects.indexOf(asked.kind, asked.value).toString('hex'),
    kind: asked.kind,
    askedMs,
    doneMs: askedMs,
    store: {
      messagesRemoved: 0,
      messagesRewritten: 0,
      recordsRemoved: 0,
      signalSamples: 0,
      capturePackets: 0,
      auditKeys: 0,
    },
    agents: [],
    backups: BACKUPS,
  };
  const remember = () =>
    store.transaction(() => {
      for (const { kind, value } of subject.all) {
        const index = store.subjects.indexOf(kind, value);
        store.subjects.erase(index, askedMs, encode(certificate));
      }
    });
  // First of all: what comes while we search is withheld.
  remember();
  const lastId = await removeFromStore(store, clock, subject, certificate, 0);
  for (const one of subject.all) if (store.audit.forget(one)) certificate.store.auditKeys++;
  certificate.agents = await tellAgents(options, orgId, subject, askedMs);
  // What was on its way while they were told: their answers came after it.
  await removeFromStore(store, clock, subject, certificate, lastId);
  certificate.doneMs = clock.wallMs();
  remember();
  while (!store.upkeep.reclaim(PAGES)) await pause(clock);
  const cleared = options.clearBackups?.();
  if (cleared) {
    const { rewritten, failed } = cleared;
    const not = failed.length === 0 ? '' : `; ${failed.length} could not be: ${failed[0].detail}`;
    certificate.backups = `${rewritten} on this machine written anew without the subject${not}; ${BACKUPS}`;
    remember();
  }
  return certificate;
}

const PAGES = 1_000_000;
const pause = (clock: Clock) => new Promise<void>((resolve) => void clock.timer(10, resolve));

async function removeFromStore(
  store: OrgStore,
  clock: Clock,
  subject: DataSubject,
  { store: counts }: ErasureCertificate,
  afterId: number,
): Promise<number> {
  const { upkeep, subjects } = store;
  const isOf = recordsOf(subject);
  const isIn = bytesOf(subject);
  const visit: Visit = {
    message(stored) {
      const rest = restOf(stored, isOf, isIn, counts);
      if (rest === stored.message) return;
      subjects.eraseMessage(stored);
      if (rest === null) {
        upkeep.removeMessage(stored);
        counts.messagesRemoved++;
      } else {
        upkeep.rewriteMessage(stored, rest);
        counts.messagesRewritten++;
      }
    },
    record(row) {
      if (!isOf(row.value) && !isIn(encode(row.value))) return;
      upkeep.removeState(row);
      counts.recordsRemoved++;
    },
  };
  return walk(store, clock, visit, afterId);
}

/** The message without the subject: itself when it never was in it, null when nothing is left. */
function restOf(
  stored: StoredMessage,
  isOf: (record: object) => boolean,
  isIn: (bytes: Uint8Array) => boolean,
  counts: ErasureCertificate['store'],
): StoredMessage['message'] | null {
  const { message } = stored;
  if (message.kind === 'gap') return message;
  if ('section' in message) {
    if (isOf(message)) {
      counts.capturePackets += message.packets;
      return null;
    }
    const rest = sectionWithout(message.section, isIn);
    if (rest?.removed === 0) return message;
    counts.capturePackets += rest?.removed ?? message.packets;
    return rest === null || rest.packets === 0
      ? null
      : { ...message, section: rest.section, packets: rest.packets };
  }
  const rest = without(message, isOf);
  if ('who' in message) {
    const left = rest && 'who' in rest ? rest.rssi.length : 0;
    counts.signalSamples += unpackRssi(message).length - left;
    return rest;
  }
  if (rest === null) return null;
  // A name in free text, as in the details of an event.
  const alone = recordsIn({ message: rest }).length === 1;
  return alone && isIn(encode(rest)) ? null : rest;
}

async function tellAgents(
  { registry, commands, stores }: EraseOptions,
  orgId: string,
  { all }: DataSubject,
  erasedMs: number,
): Promise<ErasureCertificate['agents']> {
  const store = stores.of(orgId);
  const tellLater = (serial: string) => store.transaction(() => store.subjects.tellLater(serial, erasedMs));
  return Promise.all(
    registry.list({ orgId }).map(async ({ serial }) => {
      try {
        let dropped = 0;
        let forgotten = 0;
        for (const { kind, value } of all) {
          const { ok, code, result } = await commands.send(serial, 'erase-subject', { kind, value });
          if (!ok) {
            tellLater(serial);
            return { serial, outcome: `it answered ${code ?? 'no'}: what it still holds is withheld` };
          }
          dropped += Number(result?.messages ?? 0);
          forgotten += Number(result?.forgotten ?? 0);
        }
        return {
          serial,
          outcome: `${dropped} messages dropped from its outbox, ${forgotten} entries of its memory forgotten`,
        };
      } catch {
        tellLater(serial);
        return { serial, outcome: AWAY };
      }
    }),
  );
}
