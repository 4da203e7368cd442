/**
 * A retail chain: small shops, each from a seed of its own that follows from the chain's seed and the shop's
 * number. One shop alone is the same as that shop among a thousand.
 */
import { Draws, hash, subSeed } from '../random.ts';
import { assemble, gridPlaces } from './assemble.ts';
import { outerWalls, wall } from './corridor-floor.ts';
import { rectangle } from './geometry.ts';
import type { Floor, Site, Ssid } from './model.ts';

export interface ShopOptions {
  seed: number;
  name?: string;
}

const SSIDS: readonly Ssid[] = [
  { name: 'store', vlan: 10, security: 'wpa2-psk', passphrase: 'correct horse battery' },
  { name: 'free-shop-wifi', vlan: 20, security: 'open', passphrase: null },
];

/** A sales floor, and behind it store and office. */
export function shopSite({ seed, name = 'shop' }: ShopOptions): Site {
  const draws = new Draws(subSeed(seed, 'shop'));
  const widthM = draws.integer(12, 26);
  const depthM = draws.integer(12, 20);
  const back = depthM - draws.integer(4, 5);
  const split = Math.round(widthM * draws.between(0.55, 0.75));
  const door = Math.round(split * 3) / 10;
  const shelves = Array.from({ length: Math.floor((back - 4) / 3) }, (_, i) => 2.5 + i * 3).map((y) =>
    wall(3, y, widthM - 3, y, 'metal'),
  );
  const floor: Floor = {
    id: 'f0',
    level: 0,
    heightM: 3.5,
    outline: rectangle(0, 0, widthM, depthM),
    walls: [
      ...outerWalls(widthM, depthM, 'brick'),
      wall(0, back, door, back, 'drywall'),
      wall(door + 1, back, split + 1, back, 'drywall'),
      wall(split + 2, back, widthM, back, 'drywall'),
      wall(split, back, split, depthM, 'drywall'),
      ...shelves,
    ],
    rooms: [
      {
        id: 'f0-sales',
        kind: 'shop',
        outline: rectangle(0, 0, widthM, back),
        seats: Math.round((widthM * back) / 12),
      },
      { id: 'f0-store', kind: 'store', outline: rectangle(0, back, split, depthM), seats: 1 },
      { id: 'f0-office', kind: 'office', outline: rectangle(split, back, widthM, depthM), seats: 2 },
    ],
  };
  const ssids = SSIDS.map((ssid) => ({ ...ssid }));
  const places = [gridPlaces(floor, 170)];
  return assemble({ name, kind: 'shop', seed, floors: [floor], ssids, places, loneSwitch: true });
}

export const chainSeed = (seed: number, number: number): number => hash(subSeed(seed, 'chain'), number);

/** Shop `number` of the chain, from 0. */
export const chainSite = (seed: number, number: number): Site =>
  shopSite({ seed: chainSeed(seed, number), name: `shop-${String(number).padStart(4, '0')}` });
