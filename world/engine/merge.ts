/** Many streams in order of time to one: a binary heap of the streams' next items, so memory is one item each. */
interface Head<T> {
  item: T;
  stream: number;
}

/** An item that is due so much later than the one before it is left to wait. */
const LONG_US = 500_000;

/**
 * Items of equal time come in the order of their streams. Each stream must be in order of time itself. `toWait` is
 * told of an item that others will pass meanwhile.
 */
export function* merge<T extends { timeUs: number }>(
  streams: readonly Iterator<T, unknown>[],
  toWait: (item: T) => void = () => undefined,
): Generator<T> {
  const heap: Head<T>[] = [];
  const precedes = (a: Head<T>, b: Head<T>): boolean =>
    a.item.timeUs < b.item.timeUs || (a.item.timeUs === b.item.timeUs && a.stream < b.stream);
  const sink = (start: number): void => {
    let at = start;
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && precedes(heap[child], heap[least])) least = child;
      }
      if (least === at) return;
      [heap[at], heap[least]] = [heap[least], heap[at]];
      at = least;
    }
  };
  streams.forEach((stream, i) => {
    const first = stream.next();
    if (first.done) return;
    toWait(first.value);
    heap.push({ item: first.value, stream: i });
  });
  for (let i = heap.length >> 1; i >= 0; i--) sink(i);
  while (heap.length > 0) {
    const head = heap[0];
    yield head.item;
    const next = streams[head.stream].next();
    if (next.done) {
      heap[0] = heap[heap.length - 1];
      heap.pop();
    } else {
      if (next.value.timeUs - head.item.timeUs > LONG_US) toWait(next.value);
      head.item = next.value;
    }
    sink(0);
  }
}
