/** What the API answers about firmware, as far as the commands show it. */

import { AirherdError } from '../../../protocol/errors.ts';
import type { CloudApi } from '../../cloud-api.ts';

export interface ListedImage {
  id: string;
  version: string;
  sequenceNumber: number;
  classes: string[];
  size: number;
  received: number;
}

export interface ShownRollout {
  id: string;
  version: string;
  state: string;
  reason: string | null;
  stages: number[];
  stage: number;
  counts: { ordered: number; committed: number; failed: number };
}

export interface ShownDevice {
  serial: string;
  phase: string;
  percent: number;
  detail: string | null;
}

export const rolloutsOf = (orgId: string): string => `/api/airherd/v1/orgs/${orgId}/firmware/rollouts`;

/** The one that is named; without a name the newest. Throws usage-invalid. */
export async function rolloutId(api: CloudApi, orgId: string, named: string | undefined): Promise<string> {
  if (named !== undefined) return encodeURIComponent(named);
  const [newest] = await api.json<ShownRollout[]>(rolloutsOf(orgId));
  if (newest) return newest.id;
  throw new AirherdError('usage-invalid', {
    detail: 'there is no roll-out; begin one: airherd firmware rollout',
  });
}

export function rolloutLine({ id, version, state, reason, stages, stage, counts }: ShownRollout): string {
  const why = reason === null ? '' : ` (${reason})`;
  const { ordered, committed, failed } = counts;
  return `${id}  ${version}  ${state}${why}  stage ${stage + 1} of ${stages.length}, ${stages[stage]} %  ${committed} committed, ${failed} failed, of ${ordered} ordered`;
}
