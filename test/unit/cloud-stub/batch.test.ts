import { describe, expect, test } from 'vitest';
import { Batch, type Outcome } from '../../../cloud-stub/ingest/batch.ts';
import type { Clock } from '../../../platform/ports/clock.ts';

/** Timers fire when the test says so, and time goes on when it says so. */
function handClock() {
  const due: (() => void)[] = [];
  const delays: number[] = [];
  let nowMs = 0;
  const clock: Clock = {
    wallMs: () => 0,
    monoMs: () => nowMs,
    timer: (delayMs, run) => {
      due.push(run);
      delays.push(delayMs);
      return { cancel: () => void due.splice(due.indexOf(run), due.includes(run) ? 1 : 0) };
    },
    every: () => ({ cancel: () => {} }),
  };
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { clock, fire: () => due.splice(0).forEach((run) => void run()), due, delays, pass };
}

function batchOf(most: number, commit: (items: number[]) => Outcome[]) {
  const time = handClock();
  return { ...time, batch: new Batch<number>({ clock: time.clock, delayMs: 3, most, commit }) };
}
const allOk = (items: number[]): Outcome[] => items.map(() => ({ ok: true }));

describe('group commit', () => {
  test('one commit for all that came until the timer; nobody hears before it', async () => {
    const commits: number[][] = [];
    const { batch, fire } = batchOf(10, (items) => {
      commits.push(items);
      return allOk(items);
    });
    let heard = 0;
    const waiting = [1, 2, 3].map((item) => batch.submit(item).then(() => heard++));
    await Promise.resolve();
    expect([commits.length, heard]).toEqual([0, 0]);
    fire();
    await Promise.all(waiting);
    expect(commits).toEqual([[1, 2, 3]]);
  });

  test('a full batch does not wait, and leaves no timer behind', async () => {
    const { batch, due } = batchOf(2, allOk);
    await Promise.all([batch.submit(1), batch.submit(2)]);
    expect(due).toHaveLength(0);
  });

  test('each hears of its own outcome', async () => {
    const { batch, fire } = batchOf(10, (items) =>
      items.map((item) => (item === 2 ? { ok: false, error: new Error('two') } : { ok: true })),
    );
    const settled = Promise.allSettled([1, 2, 3].map((item) => batch.submit(item)));
    fire();
    expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  test('a commit that throws is told to all, and the next one goes on', async () => {
    let broken = true;
    const { batch, fire } = batchOf(10, (items) => {
      if (broken) throw new Error('broken');
      return allOk(items);
    });
    const first = batch.submit(1);
    fire();
    await expect(first).rejects.toThrow('broken');
    broken = false;
    const second = batch.submit(2);
    fire();
    await expect(second).resolves.toBeUndefined();
  });

  test('slow commits are waited for longer, so that more share the next one; up to 25 ms', async () => {
    const took = [0, 11, 400, 1];
    const { batch, fire, delays, pass } = batchOf(10, (items) => {
      pass(took.shift() ?? 0);
      return allOk(items);
    });
    for (let i = 0; i < 5; i++) {
      const done = batch.submit(i);
      fire();
      await done;
    }
    expect(delays).toEqual([3, 3, 11, 25, 3]);
  });
});
