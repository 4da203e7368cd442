/**
 * What a host does while it has an address: visits at random, leases renewed, and a beat by which it shows itself.
 * When it does what follows from its number and the segment of time alone, and each undertaking draws from its own
 * moment: so the hours that nobody looks at need not be gone through.
 */
import { Draws, hash } from '../../random.ts';
import { MS, S, SEGMENT_US, segmentOf } from '../chance.ts';
import type { Emission, Script } from '../emission.ts';
import type { Host } from '../host.ts';
import { renewAddress } from './address.ts';
import { browse } from './browse.ts';

export interface Traffic {
  host: Host;
  /** What its timetable is drawn from. */
  seed: number;
  browseMeanS: number;
  beatS: number;
  beat(timeUs: number): Iterable<Emission>;
  /** Asked at each beat: whether something ends it here. */
  ends(timeUs: number): boolean;
  /** When it got its address. */
  boundUs: number;
  /** Before this, nothing needs to be shown. */
  quietUntilUs: number;
}

interface Undertaking {
  timeUs: number;
  start: (timeUs: number) => Script;
}

/** Visits of one segment of time. */
function visits({ seed, browseMeanS }: Traffic, segment: number): number[] {
  const draws = new Draws(hash(seed, segment, 1));
  const times: number[] = [];
  const end = (segment + 1) * SEGMENT_US;
  for (let at = segment * SEGMENT_US; ; ) {
    at += Math.round((1 + draws.exponential(browseMeanS)) * S);
    if (at >= end) return times;
    times.push(at);
  }
}

function* plan(of: Traffic, fromUs: number): Generator<Undertaking> {
  const { host, boundUs } = of;
  const halfUs = ((host.lease?.leaseS ?? 3600) / 2) * S;
  let renewUs = boundUs + halfUs * Math.max(1, Math.ceil((fromUs - boundUs) / halfUs));
  for (let segment = segmentOf(fromUs); ; segment++) {
    const due: Undertaking[] = visits(of, segment)
      .filter((timeUs) => timeUs > fromUs)
      .map((timeUs) => ({ timeUs, start: (at) => browse(host, at) }));
    for (; renewUs < (segment + 1) * SEGMENT_US; renewUs += halfUs) {
      due.push({ timeUs: renewUs, start: (at) => renewAddress(host, at) });
    }
    yield* due.sort((a, b) => a.timeUs - b.timeUs);
  }
}

/** Until a time, or until something ends it. What is under way then is broken off. */
export function* traffic(
  of: Traffic,
  startUs: number,
  untilUs: number,
): Script<{ timeUs: number; ended: boolean }> {
  const { host, quietUntilUs } = of;
  const beatUs = of.beatS * S;
  const phase = hash(of.seed, 2) % beatUs;
  let nextBeatUs = (Math.floor((startUs - phase) / beatUs) + 1) * beatUs + phase;
  let busyUs = startUs;
  /** Beats up to a time; false where one of them ends it. */
  const beats = function* (toUs: number, isBusy: boolean): Script<boolean> {
    for (; nextBeatUs <= toUs; nextBeatUs += beatUs) {
      if (of.ends(nextBeatUs)) return false;
      if (!isBusy && nextBeatUs > busyUs && nextBeatUs >= quietUntilUs) {
        yield* of.beat(nextBeatUs);
        busyUs = nextBeatUs + MS;
      }
    }
    return true;
  };
  for (const undertaking of plan(of, startUs)) {
    if (!(yield* beats(Math.min(undertaking.timeUs, untilUs - 1), false)))
      return { timeUs: nextBeatUs, ended: true };
    if (undertaking.timeUs >= untilUs) break;
    if (undertaking.timeUs < quietUntilUs) continue;
    const beginUs = Math.max(undertaking.timeUs, busyUs + 5 * MS);
    host.undertake(undertaking.timeUs);
    const script = undertaking.start(beginUs);
    for (let step = script.next(); ; step = script.next()) {
      const atUs: number = step.done ? step.value : step.value.timeUs;
      if (atUs >= untilUs) return { timeUs: busyUs, ended: false };
      if (!(yield* beats(atUs, true))) return { timeUs: Math.max(nextBeatUs, busyUs), ended: true };
      busyUs = Math.max(busyUs, atUs);
      if (step.done) break;
      yield step.value;
    }
  }
  return { timeUs: busyUs, ended: false };
}
