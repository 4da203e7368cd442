/** One thing that happens to one device. Times are milliseconds from the start of the run. */
export interface Action {
  atMs: number;
  /** `start`: power on. `cut`: its uplink is gone. `restore`: its uplink is there again. */
  kind: 'start' | 'cut' | 'restore';
  /** Index among all devices of the run. */
  device: number;
}

export interface Extent {
  devices: number;
  forMs: number;
  seed: number;
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
