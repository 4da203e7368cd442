import { chosen } from '../shapes/chosen.ts';
import type { Extent } from '../shapes/shape.ts';

/** Whose links a fault spoils, as it is written: `all`, `25%`, `site:3` or `device:17` (both count from 0). */
export type Concerned = { all: true } | { share: number } | { site: number } | { device: number };

/** Null when it is not like that. */
export function parseConcerned(text: string): Concerned | null {
  if (text === 'all') return { all: true };
  const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  if (percent !== undefined) return Number(percent) <= 100 ? { share: Number(percent) / 100 } : null;
  const [, kind, number] = /^(site|device):(\d{1,7})$/.exec(text) ?? [];
  if (kind === undefined) return null;
  return kind === 'site' ? { site: Number(number) } : { device: Number(number) };
}

/** By index, in order. */
export function devicesOf(of: Concerned, { devices, siteDevices, seed }: Extent): number[] {
  if ('share' in of) return chosen(of.share, devices, seed);
  const [from, to] =
    'site' in of
      ? [of.site * siteDevices, (of.site + 1) * siteDevices]
      : 'device' in of
        ? [of.device, of.device + 1]
        : [0, devices];
  const last = Math.min(to, devices);
  return Array.from({ length: Math.max(0, last - from) }, (_, i) => from + i);
}
