import type { LinkBreak, LinkConditions } from '../../platform/ports/link.ts';

/**
 * What happens to a device.
 *
 * | kind    |                                                                                      |
 * |---------|--------------------------------------------------------------------------------------|
 * | start   | power on; with a boot of its own where it was off                                    |
 * | stop    | it shuts down in good order                                                          |
 * | power   | its power is gone: nothing is said, and its memory is lost                           |
 * | cut     | its uplink is gone                                                                   |
 * | restore | its uplink is there again                                                            |
 * | renew   | it asks for another certificate, and logs in with that                               |
 * | roam    | its clients go to the next device of its site, those of the one before come          |
 * | command | it is told something through the target's API, if it is in                           |
 * | link    | its link gets other conditions, or its connections end in a way                      |
 */
export type What =
  | { kind: 'start' | 'stop' | 'power' | 'cut' | 'restore' | 'renew' | 'roam' | 'command' }
  | { kind: 'link'; conditions?: Partial<LinkConditions>; break?: LinkBreak };

/** One thing that happens to one device. Times are milliseconds from the start of the run. */
export type Action = What & {
  atMs: number;
  /** Index among all devices of the run. */
  device: number;
};

export interface Extent {
  devices: number;
  forMs: number;
  seed: number;
  /** Devices of a site; the last may have fewer. */
  siteDevices: number;
}

/**
 * A load shape: its settings decide, before anything starts, what happens to which device when. Nothing that a
 * target does changes the schedule (open loop). Every worker computes the whole of it and acts on its own share.
 */
export interface Shape<Settings> {
  /** What cannot be had together, for people; empty when all is well. */
  problems(settings: Settings, extent: Extent): string[];
  /** In order of time, and ends by itself; what is due after the end of the run is not done. */
  actions(settings: Settings, extent: Extent): Iterable<Action>;
  /** Most devices that are connected at once. */
  peak(settings: Settings, extent: Extent): number;
  /** Whether devices reach the target through a link that can be spoiled. */
  links?: boolean;
}

/** Two schedules as one, in order of time. */
export function* merged(a: Iterable<Action>, b: Iterable<Action>): Generator<Action> {
  const [first, second] = [a[Symbol.iterator](), b[Symbol.iterator]()];
  let [x, y] = [first.next(), second.next()];
  while (!x.done || !y.done) {
    if (y.done || (!x.done && x.value.atMs <= y.value.atMs)) {
      yield x.value;
      x = first.next();
    } else {
      yield y.value;
      y = second.next();
    }
  }
}

export const inOrder = (actions: Action[]): Action[] => actions.sort((a, b) => a.atMs - b.atMs);
