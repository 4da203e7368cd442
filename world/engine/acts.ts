/** What a station decides, and when: the association of the world as the frames need it. */
import type { Band } from '../site/model.ts';

/** Times are milliseconds since the Unix epoch; `accessPoint` is the index in the site. */
export type Act =
  /** A burst of probe requests; `accessPoint` would answer, or is null where none hears. */
  | { kind: 'scan'; tMs: number; answers: { accessPoint: number; band: Band } | null }
  | { kind: 'join'; tMs: number; accessPoint: number; band: Band }
  | { kind: 'roam'; tMs: number; accessPoint: number; band: Band }
  /** Out of range or switched off; `announced` says goodbye. */
  | { kind: 'leave'; tMs: number; announced: boolean };
