/** Kept apart from the syntax of sources: an agent that observes something real does without the simulation. */
import { nodeClock } from '../../../platform/node/clock.ts';
import { SharedWorld } from '../../../platform/sim/world-source.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { parseDuration } from '../../duration.ts';
import { loadWorld } from '../world/load.ts';
import { parseStart, parseWhole } from '../world/span.ts';
import type { WorldSpec } from './world-spec.ts';

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  speed: speedOf,
  start: parseStart,
  for: parseDuration,
  clients: parseWhole(0, 1_000_000),
  seed: parseWhole(0, 0xffffffff),
  happenings: (text) => text,
  beacons: beaconsOf,
  ble: onOrOff,
};

/** Times real time; `max` is as fast as the agent takes frames. */
function speedOf(text: string): number | null {
  if (text === 'max') return null;
  const speed = Number(text);
  if (speed > 0 && Number.isFinite(speed)) return speed;
  throw new Error('must be a number above 0, or max.');
}

function beaconsOf(text: string): number {
  if (text === 'all') return 1;
  if (text === 'few') return 10;
  throw new Error('must be all or few.');
}

function onOrOff(text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new Error('must be on or off.');
}

/** Time begins now, at the speed of the clock, unless the query says otherwise. */
export async function openWorld({ path, query }: WorldSpec): Promise<SharedWorld> {
  for (const [key, text] of query) {
    const read = READERS[key];
    const known = Object.keys(READERS).join(', ');
    if (!read) throw invalid(path, `no option ${key}; there are ${known}`);
    try {
      read(text);
    } catch (error) {
      throw invalid(path, `${key} ${(error as Error).message}`);
    }
  }
  const value = <T>(key: string, read: (text: string) => T): T | undefined => {
    const text = query.get(key);
    return text === undefined ? undefined : read(text);
  };
  const world = await loadWorld(
    path,
    {
      happenings: query.get('happenings'),
      seed: value('seed', parseWhole(0, 0xffffffff)),
      clients: value('clients', parseWhole(0, 1_000_000)),
    },
    { beaconsOneIn: value('beacons', beaconsOf) ?? 1, ble: value('ble', onOrOff) ?? true },
  );
  return new SharedWorld({
    world,
    clock: nodeClock,
    startMs: value('start', parseStart) ?? nodeClock.wallMs(),
    spanMs: value('for', parseDuration),
    speed: query.has('speed') ? speedOf(query.get('speed') ?? '') : 1,
  });
}

const invalid = (path: string, detail: string): AirherdError =>
  new AirherdError('usage-invalid', { detail: `world:${path}: ${detail}` });
