/** The world behind the Source port: in step with a virtual clock, faster than it, and shared. */
import { describe, expect, test } from 'vitest';
import type { BleSighting, CapturedFrame, Source } from '../../../platform/ports/source.ts';
import { VirtualClock } from '../../../platform/sim/clock.ts';
import { SharedWorld } from '../../../platform/sim/world-source.ts';
import { World, type WorldFrame } from '../../../world/engine/world.ts';
import { castOf, MINUTE_MS, START_MS, smallOffice } from '../../support/world-cast.ts';

const newWorld = () => new World(smallOffice(), castOf(), { beaconsOneIn: 10 });
const SPAN_MS = MINUTE_MS / 4;

/** Collects what a source gives, as it comes. */
function follow(source: Source, signal: AbortSignal): { frames: CapturedFrame[]; sightings: BleSighting[] } {
  const got = { frames: [] as CapturedFrame[], sightings: [] as BleSighting[] };
  const radio = source.advertisements?.(signal) ?? [];
  void (async () => {
    for await (const batch of radio) got.sightings.push(...batch);
  })();
  void (async () => {
    for await (const batch of source.frames(signal)) got.frames.push(...batch);
  })();
  return got;
}

const framesOf = (device: string, untilMs: number, isBle: boolean): WorldFrame[] =>
  [...newWorld().run(START_MS, untilMs, device)].flatMap((step) =>
    // What its scan radio hears stays in the access point.
    step.type === 'frame' && step.interface !== 'scan' && (step.interface === 'ble') === isBle ? [step] : [],
  );

describe.each([
  { speed: 1, name: 'in step with' },
  { speed: 60, name: 'sixty times as fast as' },
])('a world $name a virtual clock', ({ speed }) => {
  test('gives each frame when it is due, and nothing while the clock stands', async () => {
    const clock = new VirtualClock(0);
    const shared = new SharedWorld({ world: newWorld(), clock, startMs: START_MS, spanMs: SPAN_MS, speed });
    const abort = new AbortController();
    const source = shared.source('ap0');
    expect(source.timeRate).toBe(speed);
    const got = follow(source, abort.signal);
    for (const stepMs of [4000, 0, 5000]) {
      await clock.advance(stepMs / speed);
      const nowUs = (START_MS + clock.monoMs() * speed) * 1000;
      const due = framesOf('ap0', START_MS + SPAN_MS, false).filter(({ timeUs }) => timeUs <= nowUs);
      expect(got.frames.map(({ bytes }) => bytes)).toEqual(due.map(({ bytes }) => bytes));
    }
    expect(got.sightings.length).toBeGreaterThan(3);
    abort.abort();
    await clock.advance(0);
    expect(clock.timers).toBe(0);
  });
});

test('three agents share one world: each has what its device hears, and the tags with their signal', async () => {
  const shared = new SharedWorld({
    world: newWorld(),
    clock: new VirtualClock(0),
    startMs: START_MS,
    spanMs: SPAN_MS,
    speed: null,
  });
  const { signal } = new AbortController();
  const devices = ['ap0', 'ap1', 'sw-f0'];
  const sources = devices.map((device) => shared.source(device));
  const all = await Promise.all(
    sources.map(async (source) => {
      const got = { frames: [] as CapturedFrame[], sightings: [] as BleSighting[] };
      const radio = source.advertisements?.(signal) ?? [];
      await Promise.all([
        (async () => {
          for await (const batch of radio) got.sightings.push(...batch);
        })(),
        (async () => {
          for await (const batch of source.frames(signal)) got.frames.push(...batch);
        })(),
      ]);
      return got;
    }),
  );
  devices.forEach((device, i) => {
    const frames = framesOf(device, START_MS + SPAN_MS, false);
    expect(all[i].frames.map(({ bytes }) => bytes)).toEqual(frames.map(({ bytes }) => bytes));
    const adverts = framesOf(device, START_MS + SPAN_MS, true);
    expect(all[i].sightings.map(({ rssiDbm }) => rssiDbm)).toEqual(adverts.map(({ rssiDbm }) => rssiDbm));
  });
  expect(all[0].sightings.length).toBeGreaterThan(10);
});
