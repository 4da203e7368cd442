import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MacTable } from '../../../packets/observe/mac-table.ts';

/** The same with a Map, whose insertion order is the order of touching. */
class Model {
  readonly map = new Map<string, number>();
  evicted = 0;
  private readonly limit: number;
  constructor(limit: number) {
    this.limit = limit;
  }
  use(high: number, low: number, value: number): void {
    const key = `${high}/${low}`;
    const known = this.map.get(key);
    this.map.delete(key);
    if (known === undefined && this.map.size === this.limit) {
      this.map.delete([...this.map.keys()][0]);
      this.evicted++;
    }
    this.map.set(key, known ?? value);
  }
}

describe('MacTable', () => {
  test('behaves like an ordered map with a limit, whatever the addresses, also when all collide', () => {
    const address = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }));
    fc.assert(
      fc.property(
        fc.array(address, { maxLength: 200 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer(),
        (uses, limit, seed) => {
          const table = new MacTable<number>(limit, seed);
          const model = new Model(limit);
          uses.forEach(([high, low], stamp) => {
            // 2^31 and above: the high word is a sign bit away from negative.
            const entry = table.find(high * 0x2000_0000, low);
            if (entry >= 0) table.touch(entry, stamp);
            else table.add(high * 0x2000_0000, low, stamp, stamp);
            model.use(high, low, stamp);
          });
          expect([...table.touchedSince(-1)]).toEqual([...model.map.values()].reverse());
          expect(table.count).toBe(model.map.size);
          expect(table.evicted).toBe(model.evicted);
          for (const [key, value] of model.map) {
            const [high, low] = key.split('/').map(Number);
            expect(table.get(high * 0x2000_0000, low)).toBe(value);
          }
        },
      ),
    );
  });

  test('tells what was touched since a stamp', () => {
    const table = new MacTable<string>(10);
    table.add(1, 1, 'a', 1);
    table.add(2, 2, 'b', 2);
    table.touch(table.find(1, 1), 3);
    expect([...table.touchedSince(1)]).toEqual(['a', 'b']);
    expect([...table.touchedSince(2)]).toEqual(['a']);
    expect([...table.touchedSince(3)]).toEqual([]);
  });
});
