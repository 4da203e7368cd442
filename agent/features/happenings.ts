import type { HappeningFinding, StationFinding } from '../../platform/ports/finding.ts';
import type { Event } from '../../protocol/messages/event.ts';
import type { FrameFeature } from '../pipeline.ts';
import type { Producer } from '../producer.ts';
import type { Forgetting } from './forgetting.ts';
import { type HeardHappening, HeardHappenings } from './heard-happenings.ts';
import { macBytes } from './mac.ts';

/** One happening is often told by frames, by hostapd and by the driver: what comes so soon again is the same. */
const SAME_MS = 3000;
/** Who is where is remembered of so many; a client that comes back later than this has not roamed. */
const MAX_CLIENTS = 4096;
const ROAM_MS = 60_000;
/** Events that wait for a flush, at most; a storm is counted. */
const MAX_WAITING = 1024;

interface Place {
  bssid: string | null;
  leftMs: number | null;
}

type Waiting = Pick<Event, 'class' | 'name' | 'severity' | 'client' | 'details'>;

const SEVERITY: Readonly<Record<string, Event['severity']>> = {
  'client-authentication-failed': 'warning',
  'client-association-refused': 'warning',
  'dhcp-refused': 'warning',
  'source-interrupted': 'error',
};

/** Without what is not known. */
function detailsOf(fields: Record<string, string | number | undefined>): NonNullable<Event['details']> {
  const details: NonNullable<Event['details']> = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) details[key] = value;
  return details;
}

function forgetOldest(map: Map<string, unknown>): void {
  if (map.size <= MAX_CLIENTS) return;
  const [oldest] = map.keys();
  map.delete(oldest);
}

/**
 * Association, roam, 802.1X, departure and DHCP of clients, as events with their times; interruptions of sources.
 *
 * | told                                   | event                                                    |
 * |----------------------------------------|----------------------------------------------------------|
 * | association at an access point         | client-associated; client-roamed when it was at another  |
 * | refused association, EAP failure, ...  | client-association-refused, client-authentication-failed |
 * | deauthentication, station removed      | client-left                                              |
 * | DHCP ack or nak for a request          | dhcp-completed, dhcp-refused                             |
 */
export function happenings(producer: Producer): FrameFeature & Forgetting {
  const places = new Map<string, Place>();
  const told = new Map<string, number>();
  const heard = new HeardHappenings();
  let waiting: Waiting[] = [];
  let suppressed = 0;

  function say(event: Waiting): void {
    if (waiting.length < MAX_WAITING) waiting.push(event);
    else suppressed++;
  }

  function isRepeated(key: string, timeMs: number): boolean {
    const before = told.get(key);
    told.delete(key);
    told.set(key, timeMs);
    forgetOldest(told);
    return before !== undefined && Math.abs(timeMs - before) < SAME_MS;
  }

  function placeOf(mac: string): Place {
    const place = places.get(mac) ?? { bssid: null, leftMs: null };
    places.delete(mac);
    places.set(mac, place);
    forgetOldest(places);
    return place;
  }

  /** Where it was before, when it has come to `bssid` from another access point. */
  function arrive(place: Place, bssid: string, timeMs: number): string | null {
    const from = place.bssid;
    const isAbsent = place.leftMs !== null && timeMs - place.leftMs > ROAM_MS;
    place.bssid = bssid;
    place.leftMs = null;
    return from !== bssid && !isAbsent ? from : null;
  }

  function take({ name, mac, bssid, durationMs, reason, timeMs, wifi, details }: HeardHappening): void {
    const place = wifi ? placeOf(mac) : places.get(mac);
    let from: string | null = null;
    if (place && name === 'client-associated' && bssid !== undefined) from = arrive(place, bssid, timeMs);
    if (place && name === 'client-left') {
      // Who left one access point for another has not left.
      if (bssid !== undefined && place.bssid !== null && place.bssid !== bssid) return;
      place.leftMs = timeMs;
    }
    // An association belongs to its access point; all else is once for the client.
    const isSame = isRepeated(
      name === 'client-associated' ? `${name} ${mac} ${bssid}` : `${name} ${mac}`,
      timeMs,
    );
    if (isSame && from === null) return;
    const said = from === null ? name : 'client-roamed';
    say({
      class: place ? 'wifi.connected' : 'wired',
      name: said,
      severity: SEVERITY[said] ?? 'info',
      client: macBytes(mac),
      details: detailsOf({
        ...details,
        bssid,
        from: from ?? undefined,
        durationMs: durationMs === undefined ? undefined : Math.max(0, Math.round(durationMs)),
        reason: reason?.slice(0, 255),
      }),
    });
  }

  const ofDaemon = (finding: HappeningFinding | StationFinding): void => {
    if (finding.kind === 'happening') {
      take({ ...finding, wifi: true });
      return;
    }
    const { mac, bssid, timeMs } = finding;
    if (finding.state !== 'associated' || bssid === undefined) return;
    // A station that is there already when we come has not just come.
    const place = placeOf(mac);
    if (place.bssid === null) place.bssid = bssid;
    else if (place.bssid !== bssid) take({ name: 'client-associated', mac, bssid, timeMs, wifi: true });
  };

  return {
    frame(d, frame) {
      const found = heard.frame(d, Number(frame.timeNs) / 1e6);
      if (found !== null) take(found);
    },
    finding(finding) {
      if (finding.kind === 'happening' || finding.kind === 'station') ofDaemon(finding);
    },
    interruption(source, error, missed) {
      const name = error === null ? 'source-resumed' : 'source-interrupted';
      const details = detailsOf({
        source: source.name.slice(0, 255),
        code: error?.code,
        missed: error === null ? missed : undefined,
      });
      say({ class: 'device', name, severity: SEVERITY[name] ?? 'info', details });
    },
    forget(names) {
      const isNamed = ({ client }: Waiting) => client !== undefined && names(client);
      const count = waiting.filter(isNamed).length;
      waiting = waiting.filter((event) => !isNamed(event));
      for (const mac of places.keys()) if (names(macBytes(mac))) places.delete(mac);
      for (const key of told.keys()) if (names(macBytes(key.split(' ')[1]))) told.delete(key);
      return count;
    },
    async flush() {
      const events = waiting;
      waiting = [];
      if (suppressed > 0) {
        const details = { count: suppressed };
        events.push({ class: 'device', name: 'events-suppressed', severity: 'warning', details });
        suppressed = 0;
      }
      for (const event of events) await producer.produce('event', event);
    },
  };
}
