/** What a station decides, and when. */
import type { Band } from '../site/model.ts';

/** A radio of the site; `accessPoint` is the index there. */
export interface RadioOf {
  accessPoint: number;
  band: Band;
}

export type LeaveReason =
  /** Out of the site, or switched off. */
  | 'away'
  /** Its access point is not heard any more. */
  | 'lost'
  /** Somebody sent it away in its access point's name. */
  | 'deauthenticated'
  /** The session has lasted a day. */
  | 'session-timeout';

/** Times are milliseconds since the Unix epoch. */
export type Act =
  /** A burst of probe requests; `answers` would answer, or is null where none hears or all keep silent. */
  | { kind: 'scan'; tMs: number; answers: RadioOf | null }
  | ({ kind: 'join'; tMs: number } & RadioOf)
  | ({ kind: 'roam'; tMs: number } & RadioOf)
  /** Connected and ill heard: it looks for better on these radios' channels, on all that it knows for null. */
  | { kind: 'search'; tMs: number; on: readonly RadioOf[] | null }
  /** Asks its access point for neighbours (802.11k), and is told these. */
  | { kind: 'report'; tMs: number; neighbours: readonly RadioOf[] }
  /** Its access point says that these were better (802.11v); it goes to the first, or refuses. */
  | { kind: 'advise'; tMs: number; candidates: readonly RadioOf[]; accepted: boolean }
  /** `announced` says goodbye. */
  | { kind: 'leave'; tMs: number; announced: boolean; reason: LeaveReason };
