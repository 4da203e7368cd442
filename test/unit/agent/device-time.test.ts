import { expect, test } from 'vitest';
import { DeviceTime } from '../../../agent/device-time.ts';
import { VirtualClock } from '../../../platform/sim/clock.ts';

const BUILD_MS = Date.UTC(2026, 0, 1);
const NOW_MS = Date.UTC(2026, 5, 1);

test('a clock before the build is wrong, and not good for certificates', () => {
  const time = new DeviceTime(new VirtualClock(0), { notBeforeMs: BUILD_MS, trusted: false });
  expect(time.nowMs()).toBe(BUILD_MS);
  expect(time.quality).toBe('unknown');
  expect(time.knownGood).toBe(false);
});

test('a plausible clock is the system clock, and still not known to be good', () => {
  const time = new DeviceTime(new VirtualClock(NOW_MS), { notBeforeMs: BUILD_MS, trusted: false });
  expect(time.nowMs()).toBe(NOW_MS);
  expect(time.quality).toBe('system');
  expect(time.knownGood).toBe(false);
  const trusted = new DeviceTime(new VirtualClock(NOW_MS), { notBeforeMs: BUILD_MS, trusted: true });
  expect(trusted.knownGood).toBe(true);
});

test("the proven cloud's time goes on by the monotonic clock, whatever the wall clock does", async () => {
  const clock = new VirtualClock(0);
  const time = new DeviceTime(clock, { notBeforeMs: BUILD_MS, trusted: false });
  await clock.advance(1000);
  time.learn(NOW_MS);
  clock.setWallMs(Date.UTC(2040, 0, 1));
  await clock.advance(5000);
  expect(time.nowMs()).toBe(NOW_MS + 5000);
  expect(time.sinceBootMs()).toBe(6000);
  expect(time.quality).toBe('cloud');
  expect(time.knownGood).toBe(true);
});
