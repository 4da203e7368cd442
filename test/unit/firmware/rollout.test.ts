/** Stages of a roll-out, and parts of an image, without a cloud. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wantedRange } from '../../../cloud-stub/firmware/range.ts';
import type { Rollout, Target } from '../../../cloud-stub/firmware/rollouts.ts';
import { judge, ranked } from '../../../cloud-stub/firmware/stages.ts';

const ROLLOUT: Rollout = {
  ...{ id: 'r', orgId: 'o', siteId: null, imageId: 'i', stages: [10, 50, 100], successPercent: 100 },
  ...{ maxFailures: 0, stage: 0, state: 'running', reason: null, forgiven: 0, createdMs: 0 },
};
const serials = Array.from({ length: 25 }, (_, i) => `AH${String(i).padStart(10, '0')}`);
const target = (serial: string, phase: Target['phase']): Target => ({
  ...{ serial, phase, percent: 0, code: null, detail: null, updatedMs: 0 },
});
const order = ranked('r', serials);

describe('who is next', () => {
  test('is decided by roll-out and serial, whatever order the devices come in', () => {
    expect(ranked('r', [...serials].reverse())).toEqual(order);
    expect(ranked('other', serials)).not.toEqual(order);
    expect([...order].sort()).toEqual(serials);
  });

  test('goes through all devices, one stage within the next, with one canary at least', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 100 }), (count, percent) => {
        const some = Array.from({ length: count }, (_, i) => `S${i}`);
        const judged = judge({ ...ROLLOUT, stages: [percent, 100] }, some, []);
        if (judged.verdict !== 'go on') return false;
        const { order: first } = judged;
        return first.length >= 1 && Math.abs(first.length - (count * percent) / 100) < 1;
      }),
    );
  });
});

describe('a stage', () => {
  const all = (phase: Target['phase'], count: number) =>
    order.slice(0, count).map((serial) => target(serial, phase));
  test.each<[string, Partial<Rollout>, Target[], unknown]>([
    ['orders its devices', {}, [], { verdict: 'go on', order: order.slice(0, 3) }],
    ['waits for those on the way', {}, all('trial', 3), { verdict: 'go on', order: [] }],
    ['has passed when all have committed', {}, all('committed', 3), { verdict: 'advance' }],
    ['has passed when enough have', { successPercent: 60 }, [...all('committed', 2)], { verdict: 'advance' }],
    [
      'pauses at one failure too many',
      {},
      [target(order[0], 'rolled-back')],
      { verdict: 'pause', failed: 1 },
    ],
    [
      'lets so many pass',
      { maxFailures: 1 },
      [target(order[0], 'failed'), target(order[1], 'committed'), target(order[2], 'committed')],
      { verdict: 'advance' },
    ],
    [
      'does not count what was forgiven again',
      { forgiven: 1 },
      [target(order[0], 'failed')],
      { verdict: 'go on', order: order.slice(1, 3) },
    ],
    [
      'goes on to the next devices',
      { stage: 1 },
      all('committed', 3),
      { verdict: 'go on', order: order.slice(3, 13) },
    ],
    ['is the last when all are there', { stage: 2 }, all('committed', 25), { verdict: 'done' }],
    ['has nobody, and waits', { stage: 2 }, [], { verdict: 'go on', order }],
  ])('%s', (_, change, targets, expected) => {
    expect(judge({ ...ROLLOUT, ...change }, serials, targets)).toEqual(expected);
  });

  test('of no device at all is never passed', () => {
    expect(judge(ROLLOUT, [], [])).toEqual({ verdict: 'go on', order: [] });
  });
});

describe('a range (RFC 9110, 14)', () => {
  const of = { size: 10_000, etag: '"e"' };
  test.each<[string | undefined, string | undefined, unknown]>([
    // The examples of 14.1.2 and 14.4, of a representation of 10000 bytes.
    ['bytes=0-499', undefined, { from: 0, to: 500 }],
    ['bytes=500-999', undefined, { from: 500, to: 1000 }],
    ['bytes=-500', undefined, { from: 9500, to: 10_000 }],
    ['bytes=9500-', undefined, { from: 9500, to: 10_000 }],
    ['bytes=9500-20000', undefined, { from: 9500, to: 10_000 }],
    ['bytes=-20000', undefined, { from: 0, to: 10_000 }],
    ['bytes=10000-', undefined, 'unsatisfiable'],
    ['bytes=-0', undefined, 'unsatisfiable'],
    ['bytes=500-499', undefined, null],
    ['bytes=0-0,-1', undefined, null],
    ['lines=1-2', undefined, null],
    ['bytes=-', undefined, null],
    ['nonsense', undefined, null],
    [undefined, undefined, null],
    ['bytes=5-', '"e"', { from: 5, to: 10_000 }],
    ['bytes=5-', '"f"', null],
    ['bytes=5-', 'W/"e"', null],
    ['bytes=5-', 'Wed, 21 Oct 2015 07:28:00 GMT', null],
  ])('%s, if %s', (range, ifRange, expected) => {
    expect(wantedRange({ range, ifRange }, of)).toEqual(expected);
  });
});
