import type { ClientRecord, ClientState } from '../../packets/observe/records.ts';
import type { Client } from '../../protocol/messages/clients.ts';
import type { Producer } from '../producer.ts';
import type { FieldSwitches } from '../settings.ts';
import { chunks, clip, present } from './chunks.ts';
import { hostFields } from './host-fields.ts';
import { macBytes } from './mac.ts';

export type WifiClass = 'wifi.connected' | 'wifi.unconnected';

/** Who only probes is not connected; who is joining, or was joined, is. */
export const classOfState = (state: ClientState): WifiClass =>
  state === 'probing' ? 'wifi.unconnected' : 'wifi.connected';

export function clientOf(record: ClientRecord, allowed: FieldSwitches): Client {
  const { rssi } = record;
  return present({
    mac: macBytes(record.mac),
    state: record.state,
    bssid: record.bssid === undefined ? undefined : macBytes(record.bssid),
    ssid: clip(record.ssid),
    band: record.band,
    channel: record.channel,
    rssi: rssi && { last: rssi.last, min: rssi.min, max: rssi.max, mean: rssi.mean, count: rssi.count },
    ...hostFields(record, allowed),
  });
}

/** Wi-Fi clients that changed, those that are connected apart from those that are not. */
export async function produceClients(
  producer: Producer,
  records: readonly ClientRecord[],
  allowed: FieldSwitches,
  perMessage: number,
): Promise<void> {
  for (const privacyClass of ['wifi.connected', 'wifi.unconnected'] as const) {
    const clients = records
      .filter((record) => classOfState(record.state) === privacyClass)
      .map((record) => clientOf(record, allowed));
    for (const part of chunks(clients, perMessage)) {
      await producer.produce('clients', { class: privacyClass, clients: part });
    }
  }
}
