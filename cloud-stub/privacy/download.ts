/** An organisation's data as files: read piece by piece, so that a download of any size takes no memory. */
import type { UpStream } from '../../protocol/topics.ts';
import type { StoredMessage } from '../store/message-record.ts';
import type { OrgStore } from '../store/org-store.ts';
import { without } from './admit.ts';
import { mentions } from './mentions.ts';

const AT_ONCE = 200;

export interface Selection {
  stream?: UpStream;
  serial?: string;
  siteId?: string;
  fromMs?: number;
  toMs?: number;
}

/** The message without those whose data may be kept and not used; null when nothing is left. */
export function usable(
  { subjects }: OrgStore,
  message: StoredMessage['message'],
): StoredMessage['message'] | null {
  if (message.kind === 'gap' || !subjects.any) return message;
  return without(message, (record) =>
    mentions(record).some(({ kind, value }) => subjects.isRestricted(subjects.indexOf(kind, value))),
  );
}

/** Messages in the order in which they came; without those whose data may be kept and not used. */
export function* selected(store: OrgStore, selection: Selection): Generator<StoredMessage> {
  const { stream, serial, siteId, fromMs = 0, toMs = Number.POSITIVE_INFINITY } = selection;
  for (let id = 0; ; ) {
    const some = store.upkeep.messagesAfter(id, AT_ONCE);
    if (some.length === 0) return;
    id = some[some.length - 1].id;
    for (const stored of some) {
      if (stream !== undefined && stored.stream !== stream) continue;
      if (serial !== undefined && stored.serial !== serial) continue;
      if (siteId !== undefined && stored.siteId !== siteId) continue;
      if (stored.receivedMs < fromMs || stored.receivedMs >= toMs) continue;
      const shown = usable(store, stored.message);
      if (shown) yield { ...stored, message: shown };
    }
  }
}

/** One message a line. */
export function* ndjson(
  messages: Iterable<StoredMessage>,
  plain: (value: unknown) => unknown,
): Generator<string> {
  for (const { serial, siteId, stream, seq, receivedMs, message } of messages) {
    yield `${JSON.stringify({ ...(plain(message) as object), serial, siteId, stream, seq, receivedMs })}\n`;
  }
}

export const CSV_COLUMNS = [
  'receivedMs',
  'serial',
  'stream',
  'mac',
  'randomized',
  'ip4',
  'ip6',
  'hostName',
  'userName',
  'family',
  'os',
  'manufacturer',
  'ssid',
  'port',
  'vlan',
] as const;

/** One client or wired host a line (RFC 4180). */
export function* csv(
  messages: Iterable<StoredMessage>,
  plain: (value: unknown) => unknown,
): Generator<string> {
  yield `${CSV_COLUMNS.join(',')}\r\n`;
  for (const { message, serial, stream, receivedMs } of messages) {
    const records = 'clients' in message ? message.clients : 'hosts' in message ? message.hosts : [];
    for (const record of records) {
      const values: Record<string, unknown> = { ...(plain(record) as object), receivedMs, serial, stream };
      yield `${CSV_COLUMNS.map((name) => csvField(values[name])).join(',')}\r\n`;
    }
  }
}

function csvField(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = Array.isArray(value) ? value.join(' ') : String(value);
  // Hosts choose their names: a spreadsheet must not take one for a formula.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Sections put end to end are one file. */
export function* pcapng(messages: Iterable<StoredMessage>): Generator<Uint8Array> {
  for (const { message } of messages) if ('section' in message && message.packets > 0) yield message.section;
}
