import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arrive, type Position } from '../../../cloud-stub/ingest/position.ts';

const WINDOW = 32;
const start: Position = { highest: 0, pending: [] };

describe('how far a stream has come', () => {
  test.each([
    ['the next one', start, 1, 1, { highest: 1, pending: [] }, 1],
    ['one beyond a hole', start, 3, 3, { highest: 0, pending: [[3, 3]] }, 1],
    ['what fills the hole', { highest: 0, pending: [[2, 5]] }, 1, 1, { highest: 5, pending: [] }, 1],
    ['a gap over a stored one', { highest: 1, pending: [[3, 3]] }, 2, 9, { highest: 9, pending: [] }, 7],
    ['a gap that begins in the past', { highest: 5, pending: [] }, 3, 8, { highest: 8, pending: [] }, 3],
    ['two that touch', { highest: 0, pending: [[3, 3]] }, 4, 4, { highest: 0, pending: [[3, 4]] }, 1],
  ] as [string, Position, number, number, Position, number][])(
    '%s',
    (_what, position, from, to, expected, fresh) => {
      expect(arrive(position, from, to, WINDOW)).toEqual({ kind: 'new', position: expected, fresh });
    },
  );

  test('what was there, and what cannot be', () => {
    expect(arrive({ highest: 5, pending: [] }, 5, 5, WINDOW).kind).toBe('duplicate');
    expect(arrive({ highest: 0, pending: [[3, 4]] }, 4, 4, WINDOW).kind).toBe('duplicate');
    expect(arrive(start, WINDOW, WINDOW, WINDOW).kind).toBe('new');
    expect(arrive(start, WINDOW + 1, WINDOW + 1, WINDOW).kind).toBe('beyond-window');
  });

  test('law: whatever order they come in, it is the set of numbers that came', () => {
    const range = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 6 }));
    fc.assert(
      fc.property(fc.array(range, { maxLength: 40 }), (ranges) => {
        let position = start;
        let fresh = 0;
        const seen = new Set<number>();
        for (const [from, more] of ranges) {
          const arrival = arrive(position, from, from + more, 1000);
          const before = seen.size;
          for (let n = from; n <= from + more; n++) seen.add(n);
          if (arrival.kind !== 'new') {
            expect(seen.size).toBe(before);
            continue;
          }
          position = arrival.position;
          fresh += arrival.fresh;
        }
        expect(fresh).toBe(seen.size);
        let highest = 0;
        while (seen.has(highest + 1)) highest++;
        expect(position.highest).toBe(highest);
        const beyond = [...seen].filter((n) => n > highest).sort((a, b) => a - b);
        const listed = position.pending.flatMap(([a, b]) =>
          Array.from({ length: b - a + 1 }, (_, i) => a + i),
        );
        expect(listed).toEqual(beyond);
      }),
    );
  });
});
