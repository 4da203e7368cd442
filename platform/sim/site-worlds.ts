import { AirherdError } from '../../protocol/errors.ts';
import { siteCast } from '../../world/engine/cast.ts';
import { undisturbed } from '../../world/engine/network.ts';
import { World } from '../../world/engine/world.ts';
import { hash4 } from '../../world/random.ts';
import { GENERATORS } from '../../world/site/generators.ts';
import type { SiteKind } from '../../world/site/model.ts';
import type { Clock } from '../ports/clock.ts';
import type { Source } from '../ports/source.ts';
import { SharedWorld } from './world-source.ts';

export interface SiteWorldsOptions {
  /** What stands on each site. */
  kind: SiteKind;
  seed: number;
  /** Simulated time at which all of them begin, milliseconds since the Unix epoch. */
  startMs: number;
  /** Times real time. */
  speed: number;
  clock: Clock;
}

/** A device of a site: the first access point of it has rank 0, and so has the first switch. */
export interface SitePlace {
  site: number;
  kind: 'ap' | 'switch';
  rank: number;
}

interface Building {
  shared: SharedWorld;
  devices: Readonly<Record<SitePlace['kind'], readonly string[]>>;
}

/** In everything that is drawn of a seed, what is drawn here. */
const BUILDING_DRAW = 8;
/** One beacon in so many: what an access point hears of others is hardly any news. */
const BEACONS_ONE_IN = 10;

/**
 * Sites for many devices, each a simulated one of a kind with people of its own, all from one seed. A site has as many
 * buildings as its devices need. Simulated time is told as if it were now.
 */
export class SiteWorlds {
  private readonly options: SiteWorldsOptions;
  private readonly buildings = new Map<string, Building>();

  constructor(options: SiteWorldsOptions) {
    this.options = options;
  }

  /** What that device hears. */
  source(place: SitePlace): Source {
    const { shared, device } = this.at(place);
    return shared.source(device);
  }

  /** Makes the building of that device, ahead of its source: that takes a second or more. */
  prepare(place: SitePlace): void {
    this.at(place);
  }

  private at({ site, kind, rank }: SitePlace): { shared: SharedWorld; device: string } {
    let left = rank;
    for (let number = 0; ; number++) {
      const { shared, devices } = this.building(site, number);
      if (devices[kind].length === 0) {
        throw new AirherdError('usage-invalid', { detail: `a ${this.options.kind} has no ${kind}` });
      }
      if (left < devices[kind].length) return { shared, device: devices[kind][left] };
      left -= devices[kind].length;
    }
  }

  /** Ends all of them. */
  close(): void {
    for (const { shared } of this.buildings.values()) shared.close();
    this.buildings.clear();
  }

  private building(site: number, number: number): Building {
    const key = `${site}/${number}`;
    const known = this.buildings.get(key);
    if (known) return known;
    const { kind, seed, startMs, speed, clock } = this.options;
    const plan = GENERATORS[kind]({ seed: hash4(seed, BUILDING_DRAW, site, number, 0) });
    const cast = siteCast(plan, { conditionsAt: undisturbed });
    const world = new World(plan, cast, { beaconsOneIn: BEACONS_ONE_IN, ble: false });
    const shared = new SharedWorld({ world, clock, startMs, speed, toldAsNow: true });
    shared.prepare();
    const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);
    const building = { shared, devices: { ap: ids(plan.accessPoints), switch: ids(plan.switches) } };
    this.buildings.set(key, building);
    return building;
  }
}
