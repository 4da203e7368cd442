import { describe, expect, test } from 'vitest';
import { population } from '../../../world/beings/population.ts';
import { daysFromCivil } from '../../../world/calendar.ts';
import { Life } from '../../../world/life/life.ts';
import { homeSite, hospitalSite, schoolSite } from '../../../world/site/buildings.ts';
import { chainSite, shopSite } from '../../../world/site/chain.ts';
import { checkSite } from '../../../world/site/check.ts';
import { contains } from '../../../world/site/geometry.ts';
import type { Site } from '../../../world/site/model.ts';
import { officeSite } from '../../../world/site/office.ts';
import { readPlan, writePlan } from '../../../world/site/plan-file.ts';
import { Routes } from '../../../world/site/routes.ts';
import { stadiumSite } from '../../../world/site/stadium.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MONDAY = daysFromCivil(2026, 3, 2) * DAY;

const KINDS: Record<string, (seed: number) => Site> = {
  home: (seed) => homeSite({ seed, floors: 2 }),
  office: (seed) => officeSite({ seed, floors: 4 }),
  school: (seed) => schoolSite({ seed }),
  hospital: (seed) => hospitalSite({ seed }),
  stadium: (seed) => stadiumSite({ seed, seats: 3000 }),
  shop: (seed) => shopSite({ seed }),
};

describe.each(Object.entries(KINDS))('%s', (_, make) => {
  test.each([1, 40, 777])('of seed %d is sound, and is the same again', (seed) => {
    const site = make(seed);
    expect(checkSite(site)).toEqual([]);
    expect(make(seed)).toEqual(site);
    expect(make(seed + 1)).not.toEqual(site);
    expect(readPlan(writePlan(site))).toEqual({ ok: true, site });
  });

  test('every room can be walked to from the first', () => {
    const site = make(2);
    for (const floor of site.floors) {
      const { mask, anchors } = new Routes(floor);
      const far = mask.distances(mask.cellAt(anchors[0]));
      const cut = floor.rooms.filter((_room, i) => far[mask.cellAt(anchors[i])] < 0).map((room) => room.id);
      expect(cut).toEqual([]);
    }
  });

  test('its beings live on its floors, and are somewhere in the course of a week', () => {
    const site = make(3);
    const beings = population(site, { clients: 60 });
    const life = new Life(site);
    const seen = new Set<string>();
    for (let hour = 0; hour < 7 * 24; hour++) {
      const t = MONDAY + hour * HOUR + 1000 * hour;
      for (const being of beings) {
        const track = life.track(being);
        if (!track.presentAt(t)) continue;
        seen.add(being.schedule);
        const at = track.positionAt(t);
        const floor = site.floors.find((candidate) => candidate.id === at.floor)!;
        expect(contains(floor.outline, at)).toBe(true);
      }
    }
    expect([...seen].sort()).toEqual([...new Set(beings.map((being) => being.schedule))].sort());
  });
});

describe('sites of a size', () => {
  test('a stadium has the seats asked for, within a tenth, and stacks of switches', () => {
    const site = stadiumSite({ seed: 1, seats: 20_000 });
    expect(checkSite(site)).toEqual([]);
    const seats = site.floors[0].rooms
      .filter((room) => room.kind === 'stand')
      .reduce((sum, room) => sum + room.seats, 0);
    expect(Math.abs(seats - 20_000)).toBeLessThan(2000);
    expect(site.accessPoints.length).toBeGreaterThan(100);
    expect(site.switches.filter((item) => item.stack === 'sw-f0').length).toBeGreaterThan(2);
  });

  test('a hospital has tags and beams', () => {
    const site = hospitalSite({ seed: 1 });
    expect(population(site).filter((being) => being.kind === 'tag').length).toBeGreaterThan(50);
    expect(site.accessPoints.every((ap) => ap.ble?.beamsDeg.length === 8)).toBe(true);
  });

  test('a thousand shops: each alone is what it is in the chain, and none has the address of another', () => {
    const chain = Array.from({ length: 1000 }, (_, i) => chainSite(5, i));
    expect(chainSite(5, 417)).toEqual(chain[417]);
    expect(chain[417].name).toBe('shop-0417');
    const macs = chain.flatMap((site) => [...site.accessPoints, ...site.switches].map((item) => item.mac));
    expect(new Set(macs).size).toBe(macs.length);
    expect(chain.every((site) => checkSite(site).length === 0)).toBe(true);
    expect(new Set(chain.map((site) => site.floors[0].outline[2].x)).size).toBeGreaterThan(10);
  });
});

describe('weeks of those who do not work at desks', () => {
  const present = (site: Site, schedule: string, t: number): number => {
    const beings = population(site, { clients: 200 }).filter((being) => being.schedule === schedule);
    const life = new Life(site);
    return beings.filter((being) => life.track(being).presentAt(t)).length / beings.length;
  };

  test('pupils are in class in the morning, and at home on Sunday', () => {
    const school = schoolSite({ seed: 6 });
    expect(present(school, 'pupil', MONDAY + 10.5 * HOUR)).toBeGreaterThan(0.85);
    expect(present(school, 'pupil', MONDAY + 17 * HOUR)).toBe(0);
    expect(present(school, 'pupil', MONDAY + 6 * DAY + 10 * HOUR)).toBe(0);
  });

  test('a hospital is staffed at three at night, and its patients are there', () => {
    const hospital = hospitalSite({ seed: 6 });
    const night = present(hospital, 'shift', MONDAY + 3 * HOUR);
    expect(night).toBeGreaterThan(0.12);
    expect(night).toBeLessThan(0.4);
    expect(present(hospital, 'patient', MONDAY + 3 * HOUR)).toBe(1);
    expect(present(hospital, 'visitor', MONDAY + 3 * HOUR)).toBe(0);
  });

  test('a stadium is full at a match and empty without', () => {
    const stadium = stadiumSite({ seed: 6, seats: 3000 });
    expect(present(stadium, 'fan', MONDAY + 5 * DAY + 15.75 * HOUR)).toBeGreaterThan(0.8);
    expect(present(stadium, 'fan', MONDAY + 15.75 * HOUR)).toBe(0);
  });

  test('a home is empty at eleven and full at night', () => {
    const home = homeSite({ seed: 6 });
    expect(present(home, 'resident', MONDAY + 11 * HOUR)).toBeLessThan(0.6);
    expect(present(home, 'resident', MONDAY + 4 * HOUR)).toBe(1);
  });

  test('a shop closes on Sundays', () => {
    const shop = shopSite({ seed: 6 });
    const over = (day: number) =>
      Array.from({ length: 24 }, (_, hour) => present(shop, 'visitor', MONDAY + day * DAY + hour * HOUR));
    expect(over(4).filter((share) => share > 0).length).toBeGreaterThan(3);
    expect(over(4)[21]).toBe(0);
    expect(Math.max(...over(6))).toBe(0);
  });
});
