import { describe, expect, test } from 'vitest';
import { wifiEnvironment } from '../../../world/radio/bands.ts';
import { RadioField, type SiteTransmission } from '../../../world/radio/field.ts';
import { RadioLinks } from '../../../world/radio/link.ts';
import { wallLossDb } from '../../../world/radio/walls.ts';
import { Draws } from '../../../world/random.ts';
import { floorLossDb } from '../../../world/site/materials.ts';
import { PATH_LOSSES, type Site } from '../../../world/site/model.ts';
import { officeSite } from '../../../world/site/office.ts';

const site = officeSite({ seed: 3, floors: 2 });
const draws = new Draws(9);
const places = Array.from({ length: 400 }, (_, i): SiteTransmission => {
  const [x, y] = [draws.between(0.1, 59.9), draws.between(0.1, 23.9)];
  const heading = draws.between(0, 6.28);
  return { device: i % 7, powerDbm: 15, channel: 36, floor: i % 2, x, y, z: 1.1, heading, sample: i };
});

describe('the radio field of a site', () => {
  test('finds the access points within reach that going through all of them finds', () => {
    const field = new RadioField(site, { reachM: 20, reachFloors: 0 });
    const into = new Int32Array(site.accessPoints.length);
    for (const { floor, x, y } of places) {
      const found = [...into.subarray(0, field.near(floor, x, y, into))].sort((a, b) => a - b);
      const expected = site.accessPoints.flatMap(({ at }, i) =>
        at.floor === site.floors[floor].id && Math.hypot(at.x - x, at.y - y) <= 20 ? [i] : [],
      );
      expect(found).toEqual(expected);
    }
  });

  test('loses through walls and ceilings what going through all walls gives', () => {
    const plain = { ...wifiEnvironment('5'), shadowingSdDb: 0, bodyDb: 0 };
    const field = new RadioField(site, { wifi: () => plain });
    const links = new RadioLinks(plain, site.seed);
    for (const t of places) {
      const [floor, ap] = [site.floors[t.floor], site.accessPoints[t.sample % site.accessPoints.length]];
      const apart = (site.floors.find((f) => f.id === ap.at.floor)?.level ?? 0) - floor.level;
      const middle = { x: (Math.floor(t.x * 2) + 0.5) / 2, y: (Math.floor(t.y * 2) + 0.5) / 2 };
      const walls = wallLossDb(floor, '5', ap.at, middle) + floorLossDb(Math.abs(apart));
      const receiver = {
        ...ap.at,
        z: ap.at.z + apart * floor.heightM,
        id: t.sample % site.accessPoints.length,
      };
      const square = (receiver.x - t.x) ** 2 + (receiver.y - t.y) ** 2 + (receiver.z - t.z) ** 2;
      const antenna = ap.antennaGainDb - (8 * (receiver.z - t.z) ** 2) / square;
      const expected = links.meanDbm(t, receiver, walls - antenna);
      expect(field.meanDbm(receiver.id, 1, t)).toBeCloseTo(expected, 1);
    }
  });

  test('falls off with distance as the site says', () => {
    const free = { model: 'log-distance', lossAt1mDb: 40, exponent: 2 } as const;
    const of = (radio: Site['radio']) => new RadioField({ ...site, radio });
    const [one, steeper] = [of({ wifi: free }), of({ wifi: { ...free, exponent: 4 } })];
    for (const t of places) {
      const ap = t.sample % site.accessPoints.length;
      const { at } = site.accessPoints[ap];
      const apart = site.floors[t.floor].level - site.floors.find(({ id }) => id === at.floor)!.level;
      const z = t.z + apart * site.floors[0].heightM;
      const distanceM = Math.max(0.1, Math.hypot(at.x - t.x, at.y - t.y, at.z - z));
      // Twice the exponent more: 20 dB for each tenfold distance.
      const expected = 20 * Math.log10(distanceM);
      expect(Math.abs(one.meanDbm(ap, 1, t) - steeper.meanDbm(ap, 1, t) - expected)).toBeLessThan(0.2);
    }
    const [t] = places;
    const models = PATH_LOSSES.filter((model) => model !== 'log-distance');
    expect(new Set(models.map((model) => of({ wifi: { model } }).meanDbm(0, 1, t))).size).toBe(models.length);
    expect(of({ wifi: { model: 'tgax-enterprise' } }).meanDbm(0, 1, t)).toBe(of(undefined).meanDbm(0, 1, t));
    expect(of({ ble: free }).meanDbm(0, 1, t)).toBe(of(undefined).meanDbm(0, 1, t));
  });

  test('is the same in any order, and whatever the table of walls has forgotten', () => {
    const ask = (field: RadioField, order: readonly SiteTransmission[]) =>
      new Map(
        order.map((t) => [t.sample, site.accessPoints.map((_, ap) => field.rssiDbm(ap, t.sample % 3, t))]),
      );
    const forward = ask(new RadioField(site), places);
    expect(ask(new RadioField(site, { wallSlots: 16 }), [...places].reverse())).toEqual(
      new Map([...forward].reverse()),
    );
  });

  test('a beam is stronger where it points than behind', () => {
    const aimed = structuredClone(site);
    aimed.accessPoints[0].ble = { powerDbm: 0, beamsDeg: [0, 90, 180, 270] };
    const field = new RadioField(aimed);
    const { x, y } = aimed.accessPoints[0].at;
    const north = { ...places[0], floor: 0, powerDbm: 20, x, y: y + 3 };
    expect(field.bleRssiDbm(0, north, 0) - field.bleRssiDbm(0, north, null)).toBe(8);
    expect(field.bleRssiDbm(0, north, 0)).toBeGreaterThan(field.bleRssiDbm(0, north, 1) + 15);
  });

  test('noise makes an access point deafer', () => {
    const field = new RadioField(site);
    const heard = (rise: number) => places.filter((t) => field.rssiDbm(0, 1, t, rise) !== 127).length;
    expect(heard(0)).toBeGreaterThan(heard(15) + 50);
  });
});
