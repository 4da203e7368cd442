import type { Extent } from './shapes/shape.ts';

/** The site of the device of this index among all of a run, and which device of that site it is; both from 0. */
export const siteOf = (
  index: number,
  { siteDevices }: Pick<Extent, 'siteDevices'>,
): { site: number; rank: number } => ({ site: Math.floor(index / siteDevices), rank: index % siteDevices });
