import type { PrivacyClass } from '../../protocol/privacy.ts';
import type { UpStream } from '../../protocol/topics.ts';
import type { Kept } from '../store/message-record.ts';
import type { StateKind } from '../store/state.ts';
import type { PrivacySettings } from './settings.ts';

/** What data is, for the time that it is kept. `now`: only the newest, which the next one replaces. */
export type KeptAs = Kept | 'now';

const DAY_MS = 86_400_000;
/** Without location history signal samples serve what happens now, and no more. */
const REAL_TIME_MS = 3_600_000;

export function keptMs(keptAs: KeptAs, settings: PrivacySettings): number {
  const { retentionDays, locationHistory } = settings;
  switch (keptAs) {
    case 'device':
      return retentionDays.device * DAY_MS;
    case 'packets':
      return retentionDays.packets * DAY_MS;
    case 'location':
      return locationHistory ? retentionDays.location * DAY_MS : REAL_TIME_MS;
    case 'now':
      return 0;
  }
}

/** By stream and class of a message. */
export function keptAs(stream: UpStream, privacyClass: PrivacyClass): Kept {
  if (stream === 'pcap') return 'packets';
  const isPlace = stream === 'rssi' || stream === 'ble' || privacyClass === 'wifi.unconnected';
  return isPlace ? 'location' : 'device';
}

/** Kinds of records, by how long they are kept. */
export const STATE_KEPT: Record<Kept, readonly StateKind[]> = {
  device: ['hello', 'stats', 'client', 'wired', 'neighbour', 'port', 'radio', 'guest', 'app-opt-in'],
  packets: ['capture'],
  location: ['unconnected', 'ble', 'app-place'],
};
