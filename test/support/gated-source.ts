import type { Source } from '../../platform/ports/source.ts';

/** A source whose frames come once `release` was called. */
export function gated(inner: Source): { source: Source; release(): void } {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const source: Source = {
    name: inner.name,
    timeRate: inner.timeRate,
    counts: () => inner.counts(),
    async *frames(signal) {
      await released;
      yield* inner.frames(signal);
    },
  };
  return { source, release };
}
