/** Every kind of site that can be made from a seed. */
import { homeSite, hospitalSite, schoolSite } from './buildings.ts';
import { shopSite } from './chain.ts';
import type { Site, SiteKind } from './model.ts';
import { officeSite } from './office.ts';
import { stadiumSite } from './stadium.ts';

export interface Size {
  seed: number;
  /** Of a home, an office, a school or a hospital. */
  floors?: number;
  /** Of a stadium. */
  seats?: number;
}

export const GENERATORS: Readonly<Record<SiteKind, (size: Size) => Site>> = {
  home: homeSite,
  office: officeSite,
  school: schoolSite,
  hospital: hospitalSite,
  stadium: stadiumSite,
  shop: shopSite,
};
