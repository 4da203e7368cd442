import type { Track } from '../association/track.ts';
import { MS } from './chance.ts';

/** How closely comings and goings are looked at. */
const STEP_MS = 30_000;

export interface Period {
  fromUs: number;
  toUs: number;
}

/** When a being is on site, as far as it is between two times, microseconds since the Unix epoch. */
export function* periodsOf(track: Track, fromUs: number, toUs: number): Generator<Period> {
  const toMs = toUs / MS;
  let sinceMs: number | null = null;
  for (let tMs = fromUs / MS; tMs < toMs; ) {
    const isThere = track.presentAt(tMs);
    if (isThere && sinceMs === null) sinceMs = tMs;
    if (!isThere && sinceMs !== null) {
      yield { fromUs: sinceMs * MS, toUs: tMs * MS };
      sinceMs = null;
    }
    // Always at the same instants, wherever it was begun to look.
    tMs = Math.ceil(Math.max(tMs + 1, track.restsUntil(tMs)) / STEP_MS) * STEP_MS;
  }
  if (sinceMs !== null) yield { fromUs: sinceMs * MS, toUs };
}
