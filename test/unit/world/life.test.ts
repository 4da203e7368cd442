import { describe, expect, test } from 'vitest';
import type { Being } from '../../../world/beings/model.ts';
import { population } from '../../../world/beings/population.ts';
import { Calendar, daysFromCivil } from '../../../world/calendar.ts';
import { arrivals, type BiPareto, biParetoQuantile } from '../../../world/life/durations.ts';
import { flightM } from '../../../world/life/levy.ts';
import { Life } from '../../../world/life/life.ts';
import { Draws, hash } from '../../../world/random.ts';
import { contains, crosses } from '../../../world/site/geometry.ts';
import { officeSite } from '../../../world/site/office.ts';

const HOUR = 3_600_000;
/** Monday 2 March 2026, UTC. */
const MONDAY = daysFromCivil(2026, 3, 2) * 24 * HOUR;
const site = officeSite({ seed: 4, floors: 2 });
const beings = population(site, { clients: 200 });
const life = new Life(site);
const staff = beings.filter((being) => being.schedule === 'staff' && being.kind === 'phone');

const presentAt = (who: readonly Being[], tMs: number): number =>
  who.filter((being) => life.track(being).presentAt(tMs)).length;

describe('a day at the office', () => {
  test('fills in the morning, thins out at lunch, and is over at closing time', () => {
    const share = (hour: number) => presentAt(staff, MONDAY + hour * HOUR) / staff.length;
    expect(share(3)).toBe(0);
    expect(share(10.75)).toBeGreaterThan(0.75);
    expect(share(12.6)).toBeLessThan(share(10.75) - 0.25);
    expect(share(15)).toBeGreaterThan(0.75);
    expect(share(20.2)).toBe(0);
    const saturday = presentAt(staff, MONDAY + 5 * 24 * HOUR + 11 * HOUR) / staff.length;
    expect(saturday).toBeLessThan(0.15);
  });

  test('is the same in any order, and for one person alone', () => {
    const [anna] = staff;
    const alone = new Life(site).track(anna);
    const times = [0, 9, 12, 33, 80, 58, 10].map((hour) => MONDAY + hour * HOUR + 777_777);
    const forwards = times.map((t) => [alone.presentAt(t), alone.positionAt(t)]);
    for (const being of staff) life.track(being).positionAt(MONDAY + 9 * HOUR);
    const backwards = times
      .toReversed()
      .map((t) => [life.track(anna).presentAt(t), life.track(anna).positionAt(t)]);
    expect(backwards.toReversed()).toEqual(forwards);
  });

  test('nobody walks through a wall, leaves the floor, or runs', () => {
    let steps = 0;
    for (const being of staff.slice(0, 25)) {
      const track = life.track(being);
      for (let t = MONDAY + 8 * HOUR; t < MONDAY + 18 * HOUR; t += 250) {
        const rest = track.restsUntil(t);
        if (rest > t + 500) {
          t = rest - 500;
          continue;
        }
        const [a, b] = [track.positionAt(t), track.positionAt(t + 250)];
        if (!track.presentAt(t) || !track.presentAt(t + 250) || a.floor !== b.floor) continue;
        // A chord across a corner of the way may touch what the way itself does not.
        if (a.headingRad !== b.headingRad) continue;
        const floor = site.floors.find((candidate) => candidate.id === a.floor)!;
        const moved = Math.hypot(b.x - a.x, b.y - a.y);
        if (moved > 0) steps++;
        expect(moved).toBeLessThanOrEqual(0.25 * 1.5 + 0.002);
        expect(contains(floor.outline, a)).toBe(true);
        expect(floor.walls.filter((wall) => crosses(wall.from, wall.to, a, b))).toEqual([]);
      }
    }
    expect(steps).toBeGreaterThan(5000);
  });

  test('what rests does not move until it says so, and does then', () => {
    const track = life.track(staff[3]);
    let changes = 0;
    for (let t = MONDAY; t < MONDAY + 24 * HOUR; ) {
      const until = track.restsUntil(t);
      if (until === t) {
        t += 1000;
        continue;
      }
      const [now, later] = [track.positionAt(t), track.positionAt(until - 1)];
      expect([later.x, later.y, later.floor]).toEqual([now.x, now.y, now.floor]);
      expect(track.presentAt(until - 1)).toBe(track.presentAt(t));
      t = until;
      changes++;
    }
    expect(changes).toBeGreaterThan(5);
  });

  test('a laptop stays on the desk over lunch, a phone does not', () => {
    const laptops = beings.filter((being) => being.kind === 'laptop' && being.schedule === 'staff');
    const noon = MONDAY + 12.6 * HOUR;
    const share = (who: readonly Being[]) => presentAt(who, noon) / who.length;
    expect(share(laptops)).toBeGreaterThan(share(staff) + 0.2);
  });

  test('a team meets in one room', () => {
    const inRoom = (being: Being, t: number) => {
      const at = life.track(being).positionAt(t);
      const floor = site.floors.find((candidate) => candidate.id === at.floor)!;
      return life.track(being).presentAt(t)
        ? floor.rooms.find((room) => room.kind === 'meeting' && contains(room.outline, at))?.id
        : undefined;
    };
    const sizes: number[] = [];
    for (let half = 18; half < 34; half++) {
      const rooms = new Map<string, number>();
      for (const being of staff) {
        const room = inRoom(being, MONDAY + (half / 2) * HOUR + 900_000);
        if (room) rooms.set(room, (rooms.get(room) ?? 0) + 1);
      }
      sizes.push(...rooms.values());
    }
    expect(sizes.filter((size) => size >= 3).length).toBeGreaterThan(5);
  });
});

describe('laws that people follow', () => {
  test('arrivals of visitors follow the hours, and a crowd only adds', () => {
    const byHour = Array.from({ length: 24 }, (_, hour) => (hour >= 9 && hour < 19 ? hour - 8 : 0));
    const total = byHour.reduce((sum, weight) => sum + weight, 0);
    const counts = new Array<number>(24).fill(0);
    let usual = 0;
    let crowded = 0;
    for (let person = 0; person < 8000; person++) {
      const few = arrivals(new Draws(hash(77, person)), 0.5, byHour, () => 1);
      const many = arrivals(new Draws(hash(77, person)), 0.5, byHour, () => 3);
      expect(few.filter((t) => !many.includes(t))).toEqual([]);
      for (const t of few) counts[Math.floor(t / HOUR)]++;
      usual += few.length;
      crowded += many.length;
    }
    expect(Math.abs(usual - 4000)).toBeLessThan(3 * Math.sqrt(4000));
    expect(Math.abs(crowded - 12_000)).toBeLessThan(3 * Math.sqrt(12_000));
    const chi = counts.reduce((sum, count, hour) => {
      const expected = (usual * byHour[hour]) / total;
      return sum + (expected > 0 ? (count - expected) ** 2 / expected : count * 1e9);
    }, 0);
    // 99.9 % of chi-square with nine degrees of freedom.
    expect(chi).toBeLessThan(27.9);
  });

  test('stays are BiPareto: heavy tail of exponent β, Kolmogorov–Smirnov against the formula', () => {
    const law: BiPareto = { alpha: 0.2, beta: 2.5, c: 10, k: 2 };
    const draws = new Draws(9);
    const stays = Array.from({ length: 4000 }, () => biParetoQuantile(law, 1 - draws.uniform())).sort(
      (a, b) => a - b,
    );
    const tail = (x: number) => (x / 2) ** -0.2 * ((x / 2 + 10) / 11) ** (0.2 - 2.5);
    const distance = stays.reduce(
      (worst, x, i) => Math.max(worst, Math.abs(1 - tail(x) - i / stays.length)),
      0,
    );
    // 1.63 / √n: one sample in a hundred is further off.
    expect(distance).toBeLessThan(1.63 / Math.sqrt(stays.length));
  });

  test.each([0.7, 1.2, 1.7])('flights have exponent %d, estimated back from the lengths', (alpha) => {
    const draws = new Draws(5);
    const logs = Array.from({ length: 20_000 }, () => flightM(draws, alpha))
      .filter((l) => l < 4)
      .map((l) => Math.log(l / 0.5));
    // Maximum likelihood for a power law cut off at 4 m (eight times the least), solved by bisection.
    const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
    const expected = (a: number) => 1 / a - (Math.log(8) * 8 ** -a) / (1 - 8 ** -a);
    let [low, high] = [0.1, 4];
    for (let i = 0; i < 50; i++) {
      const middle = (low + high) / 2;
      if (expected(middle) > mean) low = middle;
      else high = middle;
    }
    expect(Math.abs(low - alpha)).toBeLessThan(0.07);
  });
});

describe('the calendar', () => {
  test.each([
    ['UTC', 2026, 3, 2, '2026-03-02T00:00:00Z'],
    ['Europe/Berlin', 2026, 3, 28, '2026-03-27T23:00:00Z'],
    ['Europe/Berlin', 2026, 3, 30, '2026-03-29T22:00:00Z'],
    ['America/Los_Angeles', 2026, 11, 1, '2026-11-01T07:00:00Z'],
    ['America/Los_Angeles', 2026, 11, 2, '2026-11-02T08:00:00Z'],
    ['Asia/Kathmandu', 2024, 2, 29, '2024-02-28T18:15:00Z'],
  ])('in %s, %d-%d-%d begins at %s', (zone, year, month, day, instant) => {
    const calendar = new Calendar(zone);
    const date = daysFromCivil(year, month, day);
    expect(calendar.startOf(date)).toBe(Date.parse(instant));
    expect(calendar.dayOf(Date.parse(instant))).toBe(date);
    expect(calendar.dayOf(Date.parse(instant) - 1)).toBe(date - 1);
    expect(calendar.weekday(date)).toBe((new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7);
  });
});
