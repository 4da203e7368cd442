import type { WiredRecord } from '../../packets/observe/records.ts';
import type { WiredHost } from '../../protocol/messages/wired.ts';
import type { Producer } from '../producer.ts';
import type { FieldSwitches } from '../settings.ts';
import { chunks, present } from './chunks.ts';
import { hostFields } from './host-fields.ts';
import { macBytes } from './mac.ts';

export function wiredHostOf(record: WiredRecord, allowed: FieldSwitches): WiredHost {
  return present({
    mac: macBytes(record.mac),
    port: record.port.slice(0, 255),
    gone: record.gone,
    ...hostFields(record, allowed),
  });
}

/** Hosts on wired ports that changed. */
export async function produceWired(
  producer: Producer,
  records: readonly WiredRecord[],
  allowed: FieldSwitches,
  perMessage: number,
): Promise<void> {
  const hosts = records.map((record) => wiredHostOf(record, allowed));
  for (const part of chunks(hosts, perMessage))
    await producer.produce('wired', { class: 'wired', hosts: part });
}
