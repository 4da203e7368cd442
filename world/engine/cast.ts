/** The people and things that a site has by its seed, on their daily ways, each deciding for itself. */

import { Deciding } from '../association/deciding.ts';
import { population } from '../beings/population.ts';
import { Life } from '../life/life.ts';
import { radioFieldOf } from '../radio/field.ts';
import type { Site } from '../site/model.ts';
import type { ConditionsAt } from './network.ts';
import type { Cast } from './world.ts';

export interface CastOptions {
  conditionsAt: ConditionsAt;
  /** Wi-Fi clients; by default as many as the rooms are made for. */
  clients?: number;
}

export function siteCast(site: Site, { conditionsAt, clients }: CastOptions): Cast {
  const beings = population(site, { clients });
  const life = new Life(site, { crowdAt: (tMs) => conditionsAt(tMs).crowdFactor });
  const deciding = new Deciding(site, radioFieldOf(site), conditionsAt);
  return {
    beings,
    trackOf: (being) => life.track(being),
    *actsOf(being, fromMs, toMs) {
      if (being.wifi !== null) yield* deciding.acts(being, being.wifi, life.track(being), fromMs, toMs);
    },
  };
}
