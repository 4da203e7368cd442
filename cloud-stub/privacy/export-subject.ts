import { sectionWithout } from '../../packets/trigger/section-without.ts';
import type { Clock } from '../../platform/ports/clock.ts';
import { unpackRssi } from '../../protocol/messages/rssi.ts';
import type { Registry } from '../registry/registry.ts';
import type { Kept } from '../store/message-record.ts';
import type { OrgStore } from '../store/org-store.ts';
import type { Identifier } from './identifier.ts';
import { keptAs, keptMs, STATE_KEPT } from './retention-periods.ts';
import { bytesOf, recordsOf } from './subject.ts';
import { findSubject, recordsIn, walk } from './subject-search.ts';

/** One thing that is held of the subject, and where it came from. */
export interface HeldItem {
  /** `message` as a device sent it, `record` of what is known now. */
  held: 'message' | 'record';
  what: string;
  class: string | null;
  /** Which device said so, where it stands, and when it came. */
  source: { serial: string; site: string | null; atMs: number };
  keptUntilMs: number;
  data: unknown;
}

export interface SubjectExport {
  organisation: { id: string; name: string };
  generatedMs: number;
  asked: Identifier;
  /** By what it was found: what was asked for, and devices that bear that name. */
  foundBy: readonly Identifier[];
  items: HeldItem[];
  /** Who got to see data of this organisation's people: its own people and tools, the support staff it let in. */
  recipients: { id: string; accesses: number; lastMs: number }[];
}

const MOST_AUDIT_ENTRIES = 100_000;

/** Everything that is held of the subject. */
export async function exportSubject(
  { registry, store, clock }: { registry: Registry; store: OrgStore; clock: Clock },
  orgId: string,
  asked: Identifier,
): Promise<SubjectExport> {
  const { organisations } = registry;
  const settings = registry.privacy.of(orgId);
  const subject = await findSubject(store, clock, asked);
  const isOf = recordsOf(subject);
  const isIn = bytesOf(subject);
  const items: HeldItem[] = [];
  const siteName = (id: string | null) => (id === null ? null : (organisations.site(id)?.name ?? id));
  const keptUntil = (kept: Kept, atMs: number) => atMs + keptMs(kept, settings);
  await walk(store, clock, {
    message(stored) {
      const { message, stream, serial, siteId, receivedMs: atMs } = stored;
      if (message.kind === 'gap') return;
      let data: unknown[];
      if ('who' in message) {
        data = unpackRssi(message)
          .filter(isOf)
          .map(({ rssiDbm, agoMs }) => ({ rssiDbm, timeMs: message.timeMs - agoMs }));
      } else if ('section' in message) {
        const others = sectionWithout(message.section, isIn);
        const { section: _, ...summary } = message;
        data =
          isOf(message) || (others?.removed ?? 0) > 0 ? [{ ...summary, ownPackets: others?.removed }] : [];
      } else data = recordsIn(stored).filter(isOf);
      const kept = keptAs(stream, message.class);
      for (const one of data) {
        items.push({
          held: 'message',
          what: stream,
          class: message.class,
          source: { serial, site: siteName(siteId), atMs },
          keptUntilMs: keptUntil(kept, atMs),
          data: one,
        });
      }
    },
    record({ kind, serial, siteId, seenMs, value }) {
      if (!isOf(value)) return;
      const kept = (Object.keys(STATE_KEPT) as Kept[]).find((name) => STATE_KEPT[name].includes(kind));
      items.push({
        held: 'record',
        what: kind,
        class: null,
        source: { serial, site: siteName(siteId), atMs: seenMs },
        keptUntilMs: keptUntil(kept ?? 'device', seenMs),
        data: value,
      });
    },
  });
  return {
    organisation: { id: orgId, name: organisations.known(orgId).name },
    generatedMs: clock.wallMs(),
    asked,
    foundBy: subject.all,
    items,
    recipients: recipients(store),
  };
}

/** Reads are in the audit log only where they show personal data. */
function recipients(store: OrgStore): SubjectExport['recipients'] {
  const found = new Map<string, SubjectExport['recipients'][number]>();
  for (const { actorId: id, action, atMs } of store.audit.list({ limit: MOST_AUDIT_ENTRIES, offset: 0 })) {
    if (!action.startsWith('GET ')) continue;
    const before = found.get(id);
    found.set(id, {
      id,
      accesses: (before?.accesses ?? 0) + 1,
      lastMs: Math.max(before?.lastMs ?? 0, atMs),
    });
  }
  return [...found.values()];
}

/** For a reader: the same, as text. */
export function readable(copy: SubjectExport, plain: (value: unknown) => unknown): string {
  const when = (ms: number) => new Date(ms).toISOString();
  const lines = [
    `Data held about ${copy.asked.kind} ${copy.asked.value}`,
    `by ${copy.organisation.name}, as of ${when(copy.generatedMs)}`,
    '',
    `Found by: ${copy.foundBy.map(({ kind, value }) => `${kind} ${value}`).join(', ')}`,
    `Items: ${copy.items.length}`,
    '',
  ];
  for (const { held, what, source, keptUntilMs, data } of copy.items) {
    lines.push(`${held} ${what}, from device ${source.serial}${source.site ? ` at ${source.site}` : ''}`);
    lines.push(`  received ${when(source.atMs)}, kept until ${when(keptUntilMs)}`);
    for (const [name, value] of Object.entries(plain(data) as object)) {
      lines.push(`  ${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`);
    }
    lines.push('');
  }
  lines.push('Recipients:');
  for (const { id, accesses, lastMs } of copy.recipients) {
    lines.push(`  ${id}: ${accesses} accesses to personal data, the last ${when(lastMs)}`);
  }
  if (copy.recipients.length === 0) lines.push('  none');
  return `${lines.join('\n')}\n`;
}
