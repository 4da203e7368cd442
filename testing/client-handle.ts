/** A client of a lab, as a test leads it about. */
import { AirherdError } from '../protocol/errors.ts';
import type { Being } from '../world/beings/model.ts';
import type { LabClock } from './clock.ts';
import type { LabConditions } from './conditions.ts';
import type { LabWorld } from './lab-world.ts';
import type { LiveClient } from './live-world.ts';
import type { Recorder } from './recorder.ts';

export interface ClientHandle {
  readonly id: string;
  readonly mac: string;
  readonly at: { x: number; y: number };
  /** Sets out for there, at a walking pace unless told otherwise; resolves when it has arrived. */
  walkTo(x: number, y: number, options?: { metresPerS?: number }): Promise<void>;
  /** Joins a network, leaving the one that it is on. */
  join(ssid: string, options?: { wrongPassword?: boolean }): Promise<void>;
  leave(): Promise<void>;
}

const WALKING_M_PER_S = 1.4;

export function clientHandle(
  { being, walk }: LiveClient,
  { world, clock, recorder }: { world: LabWorld; clock: LabClock; recorder: Recorder },
): ClientHandle {
  const { id, mac } = being;
  let wrongPassword: { end(atMs: number): void } | null = null;
  return {
    id,
    mac,
    get at() {
      const { x, y } = walk.positionAt(world.nowMs());
      return { x, y };
    },
    walkTo: async (x, y, { metresPerS = WALKING_M_PER_S } = {}) => {
      const pace = metresPerS === WALKING_M_PER_S ? {} : { metresPerS };
      recorder.add({ do: 'walk', client: id, x, y, ...pace });
      await clock.advance(world.change((atMs) => walk.walk({ x, y }, atMs, metresPerS)));
    },
    join: async (ssid, options = {}) => {
      const known = world.site.ssids.map(({ name }) => name);
      if (!known.includes(ssid)) {
        const detail = `no network ${ssid}; there are ${known.join(', ')}`;
        throw new AirherdError('usage-invalid', { detail });
      }
      const isWrong = options.wrongPassword === true;
      recorder.add({ do: 'join', client: id, ssid, ...(isWrong && { wrongPassword: true }) });
      world.change((atMs) => {
        wrongPassword?.end(atMs);
        wrongPassword = isWrong ? wrongPasswordOf(being, world.conditions, atMs) : null;
        walk.wants(ssid, atMs);
      });
    },
    leave: async () => {
      recorder.add({ do: 'leave', client: id });
      world.change((atMs) => walk.wants(null, atMs));
    },
  };
}

function wrongPasswordOf({ id, os, osVersion }: Being, conditions: LabConditions, fromMs: number) {
  return conditions.change('wrong-password', fromMs, (draft, cause) => {
    draft.osBugs = [...draft.osBugs, { os, osVersion, being: id, effect: 'wrong-mic', everyMs: 0, cause }];
  });
}
