import { describe, expect, test } from 'vitest';
import { lineOfSightProbability, PathLossTable, pathLossDb } from '../../../world/radio/path-loss.ts';
import { shadowing } from '../../../world/radio/shadowing.ts';
import { Draws, hash, normal } from '../../../world/random.ts';

const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
const deviation = (values: number[]) => {
  const m = mean(values);
  return Math.sqrt(mean(values.map((v) => (v - m) ** 2)));
};
function correlation(pairs: [number, number][]): number {
  const a = pairs.map((p) => p[0]);
  const b = pairs.map((p) => p[1]);
  const [ma, mb] = [mean(a), mean(b)];
  return mean(pairs.map(([x, y]) => (x - ma) * (y - mb))) / (deviation(a) * deviation(b));
}

describe('chance', () => {
  test('is a function of what is asked, and spreads', () => {
    expect(hash(1, 2, 3)).toBe(hash(1, 2, 3));
    const seen = new Set(Array.from({ length: 100_000 }, (_, i) => hash(7, i)));
    expect(seen.size).toBeGreaterThan(99_990);
  });

  test('normal draws have the moments of a normal', () => {
    const values = Array.from({ length: 200_000 }, (_, i) => normal(hash(11, i)));
    expect(Math.abs(mean(values))).toBeLessThan(0.01);
    expect(deviation(values)).toBeGreaterThan(0.99);
    expect(deviation(values)).toBeLessThan(1.01);
    const within = values.filter((v) => Math.abs(v) < 1).length / values.length;
    expect(Math.abs(within - 0.6827)).toBeLessThan(0.005);
  });

  test('an exponential draw has its mean', () => {
    const draws = new Draws(5);
    expect(mean(Array.from({ length: 100_000 }, () => draws.exponential(40)))).toBeCloseTo(40, 0);
  });
});

describe('path loss', () => {
  /** Worked by hand from the tables named in path-loss.ts. */
  test.each([
    [{ model: '3gpp-inh-office', frequencyGHz: 5, lineOfSight: true } as const, 10, 32.4 + 17.3 + 13.979],
    [{ model: '3gpp-inh-office', frequencyGHz: 5, lineOfSight: false } as const, 10, 17.3 + 38.3 + 17.404],
    [{ model: 'tgax-enterprise', frequencyGHz: 2.4 } as const, 20, 40.05 + 20 + 35 * 0.30103],
    [{ model: 'itu-p1238-office', frequencyGHz: 2.4 } as const, 10, 67.604 + 30 - 28],
    [{ model: 'log-distance', lossAt1mDb: 36, exponent: 3.5 } as const, 100, 36 + 70],
  ])('%o at %d m', (model, distanceM, expected) => {
    expect(pathLossDb(model, distanceM)).toBeCloseTo(expected, 2);
    expect(new PathLossTable(model, 200).at(distanceM)).toBeCloseTo(expected, 2);
  });

  test('NLOS is never below LOS, and loss never falls with distance', () => {
    for (let d = 1; d < 100; d++) {
      const los = pathLossDb({ model: '3gpp-inh-office', frequencyGHz: 5, lineOfSight: true }, d);
      expect(
        pathLossDb({ model: '3gpp-inh-office', frequencyGHz: 5, lineOfSight: false }, d),
      ).toBeGreaterThanOrEqual(los);
    }
    expect([1, 1.2, 6.5, 100].map(lineOfSightProbability)).toEqual([
      1,
      1,
      0.32,
      expect.closeTo(0.32 * Math.exp(-93.5 / 32.6), 6),
    ]);
  });
});

describe('shadowing', () => {
  const dc = 3;
  const points = Array.from({ length: 20_000 }, (_, i) => {
    const draws = new Draws(hash(3, i));
    return { x: draws.between(0, 2000), y: draws.between(0, 2000), angle: draws.between(0, 2 * Math.PI) };
  });

  test('has unit variance, the promised correlation at dc, and next to none far off', () => {
    const at = (p: { x: number; y: number; angle: number }, distance: number): [number, number] => [
      shadowing(42, p.x, p.y, dc),
      shadowing(42, p.x + distance * Math.cos(p.angle), p.y + distance * Math.sin(p.angle), dc),
    ];
    expect(deviation(points.map((p) => shadowing(42, p.x, p.y, dc)))).toBeCloseTo(1, 1);
    const atDc = correlation(points.map((p) => at(p, dc)));
    expect(atDc).toBeGreaterThan(0.32);
    expect(atDc).toBeLessThan(0.42);
    expect(correlation(points.map((p) => at(p, 0.1)))).toBeGreaterThan(0.9);
    expect(Math.abs(correlation(points.map((p) => at(p, 5 * dc))))).toBeLessThan(0.05);
  });

  test('one spot has one value; another link has another', () => {
    expect(shadowing(1, 12.3, 4.5, dc)).toBe(shadowing(1, 12.3, 4.5, dc));
    expect(
      Math.abs(correlation(points.map((p) => [shadowing(1, p.x, p.y, dc), shadowing(2, p.x, p.y, dc)]))),
    ).toBeLessThan(0.05);
  });
});
