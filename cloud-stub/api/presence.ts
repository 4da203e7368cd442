import type { Hello } from '../../protocol/messages/hello.ts';
import type { Neighbour } from '../../protocol/messages/lldp.ts';
import type { CountsSince, StoredState } from '../store/state.ts';
import type { ApiCloud } from './context.ts';

/** So long the word of a device counts that cannot take it back: hostapd waits as long for a station that is silent. */
const WORD_MS = 300_000;
/** Between the boot and the times that are counted from it. */
const SLACK_MS = 1000;

/**
 * From when on what each device of a site has said of others still counts. One that is connected tells who goes; all that
 * it has said since it booted holds. What it said before that, and what a device said that is away now, grows old.
 */
export function presence(
  cloud: Pick<ApiCloud, 'clock' | 'registry' | 'sessions' | 'stores'>,
  site: { id: string; orgId: string },
): CountsSince {
  const { clock, registry, sessions, stores } = cloud;
  const otherwiseMs = clock.wallMs() - WORD_MS;
  const { state } = stores.of(site.orgId);
  const bySerial: Record<string, number> = {};
  for (const { serial } of registry.list({ siteId: site.id })) {
    const hello = sessions.of(serial) && state.get<Hello>('hello', [serial]);
    if (hello) bySerial[serial] = Math.min(hello.seenMs - hello.value.monoMs - SLACK_MS, otherwiseMs);
  }
  return { bySerial, otherwiseMs };
}

export function isPresent(
  { serial, seenMs, gone }: Pick<StoredState<unknown>, 'serial' | 'seenMs' | 'gone'>,
  { bySerial, otherwiseMs }: CountsSince,
): boolean {
  return !gone && seenMs >= (bySerial[serial] ?? otherwiseMs);
}

/** A neighbour of a device that is away is believed for its own time to live (IEEE 802.1AB 9.2.7.4). */
export function isNeighbour(
  { serial, seenMs, value }: StoredState<Neighbour>,
  { bySerial }: CountsSince,
  nowMs: number,
): boolean {
  const sinceMs = bySerial[serial] ?? Number.POSITIVE_INFINITY;
  return seenMs >= sinceMs || nowMs - seenMs < value.ttlS * 1000;
}
