import type { Timer } from '../ports/clock.ts';

export interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
  isCancelled: boolean;
}

const precedes = (a: Due, b: Due): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** Timers of a virtual clock: by when they are due, and those of one instant in the order in which they were set. */
export class TimerQueue {
  private readonly heap: Due[] = [];
  private order = 0;

  add(atMs: number, run: () => void): Timer {
    const due: Due = { atMs, order: this.order++, run, isCancelled: false };
    const { heap } = this;
    heap.push(due);
    for (let at = heap.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!precedes(heap[at], heap[parent])) break;
      [heap[at], heap[parent]] = [heap[parent], heap[at]];
      at = parent;
    }
    return {
      cancel: () => {
        due.isCancelled = true;
      },
    };
  }

  /** Runs `run` at `nowMs() + periodMs` and so on, until cancelled. */
  addEvery(nowMs: () => number, periodMs: number, run: () => void): Timer {
    let next: Timer;
    const again = () => {
      next = this.add(nowMs() + Math.max(0, periodMs), again);
      run();
    };
    next = this.add(nowMs() + Math.max(0, periodMs), again);
    return { cancel: () => next.cancel() };
  }

  /** The one that is due first; null when there is none. */
  first(): Due | null {
    while (this.heap[0]?.isCancelled) this.removeFirst();
    return this.heap[0] ?? null;
  }

  removeFirst(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < heap.length && precedes(heap[child], heap[least])) least = child;
      if (least === at) return;
      [heap[at], heap[least]] = [heap[least], heap[at]];
      at = least;
    }
  }

  /** Timers that will still run. */
  get length(): number {
    return this.heap.filter(({ isCancelled }) => !isCancelled).length;
  }
}
