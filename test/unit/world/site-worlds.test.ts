/** A simulated site for each of many devices: what they hear is what the world sends, told as if it were now. */
import { expect, test } from 'vitest';
import type { CapturedFrame, Source } from '../../../platform/ports/source.ts';
import { VirtualClock } from '../../../platform/sim/clock.ts';
import { SiteWorlds } from '../../../platform/sim/site-worlds.ts';
import { siteCast } from '../../../world/engine/cast.ts';
import { undisturbed } from '../../../world/engine/network.ts';
import { World } from '../../../world/engine/world.ts';
import { hash4 } from '../../../world/random.ts';
import { shopSite } from '../../../world/site/chain.ts';

const START_MS = Date.parse('2026-03-02T11:00:00Z');
const NOW_MS = Date.parse('2030-01-01T00:00:00Z');
const SEED = 5;
const shop = (site: number, number: number) => shopSite({ seed: hash4(SEED, 8, site, number, 0) });

function follow(source: Source): { frames: CapturedFrame[]; ended: Promise<void>; leave(): void } {
  const abort = new AbortController();
  const frames: CapturedFrame[] = [];
  const ended = (async () => {
    for await (const batch of source.frames(abort.signal)) frames.push(...batch);
  })();
  return { frames, ended, leave: () => abort.abort() };
}

/** What the engine itself says that the device hears from one second of the run to another. */
function heard(site: number, number: number, device: 'ap0' | 'sw-f0', fromS: number, toS: number) {
  const plan = shop(site, number);
  const cast = siteCast(plan, { conditionsAt: undisturbed });
  const world = new World(plan, cast, { beaconsOneIn: 10, ble: false });
  const frames = [...world.run(START_MS, START_MS + toS * 1000, device)].flatMap((step) =>
    step.type === 'frame' && step.interface !== 'scan' && step.timeUs >= (START_MS + fromS * 1000) * 1000
      ? [step]
      : [],
  );
  return frames.map(({ bytes, timeUs }) => ({
    bytes,
    timeNs: BigInt(timeUs + (NOW_MS - START_MS) * 1000) * 1000n,
  }));
}

const told = ({ frames }: { frames: CapturedFrame[] }) =>
  frames.map(({ bytes, timeNs }) => ({ bytes, timeNs }));

test('each device hears its own site as if it were now, also when it comes again later', async () => {
  const clock = new VirtualClock(NOW_MS);
  const worlds = new SiteWorlds({ kind: 'shop', seed: SEED, startMs: START_MS, speed: 1, clock });
  const first = follow(worlds.source({ site: 0, kind: 'ap', rank: 0 }));
  const other = follow(worlds.source({ site: 3, kind: 'switch', rank: 0 }));
  await clock.advance(20_000);
  expect(told(first).length).toBeGreaterThan(50);
  expect(told(first)).toEqual(heard(0, 0, 'ap0', 0, 20));
  expect(told(other)).toEqual(heard(3, 0, 'sw-f0', 0, 20));
  first.leave();
  await clock.advance(10_000);
  const again = follow(worlds.source({ site: 0, kind: 'ap', rank: 0 }));
  await clock.advance(10_000);
  expect(told(again)).toEqual(heard(0, 0, 'ap0', 30, 40));
  worlds.close();
  await clock.advance(60_000);
  await Promise.all([first.ended, other.ended, again.ended]);
  expect(clock.timers).toBe(0);
});

test('a site with more devices than a shop has goes on in the next shop', async () => {
  const clock = new VirtualClock(NOW_MS);
  const worlds = new SiteWorlds({ kind: 'shop', seed: SEED, startMs: START_MS, speed: 1, clock });
  const rank = shop(7, 0).accessPoints.length;
  const next = follow(worlds.source({ site: 7, kind: 'ap', rank }));
  await clock.advance(20_000);
  expect(told(next)).toEqual(heard(7, 1, 'ap0', 0, 20));
  worlds.close();
});
