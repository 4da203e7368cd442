/**
 * The site as its devices see it: every frame that an access point's radios hear or a switch's ports take in,
 * in order of time. Each being's frames are made by a script of its own from draws of its own, and an item of
 * each waits in a heap: memory grows with who is there, not with how long it runs.
 */

import { LinkType } from '../../packets/linktype.ts';
import type { Act } from '../association/acts.ts';
import type { Track } from '../association/track.ts';
import type { Being } from '../beings/model.ts';
import { bleAdvertisement, LINKTYPE_BLE, type RfChannel } from '../frames/btle.ts';
import { tagged } from '../frames/ethernet.ts';
import { Lifetimes } from '../life/lifetimes.ts';
import { hash } from '../random.ts';
import type { Site, WireEnd } from '../site/model.ts';
import { advertise } from './advertise.ts';
import { Attendance } from './attendance.ts';
import { MS, SEGMENT_US, segmentOf } from './chance.ts';
import { disturbers } from './disturbers.ts';
import type { BleEmission, Emission, Passing, Script, Transmitter, WireEmission } from './emission.ts';
import { Hearing } from './hearing.ts';
import { accessPointLldp, beacons, hellos, switchLldp } from './infrastructure.ts';
import { merge } from './merge.ts';
import { type ConditionsAt, SiteNetwork, undisturbed } from './network.ts';
import { OnAir } from './on-air.ts';
import { type Period, periodsOf } from './periods.ts';
import type { WorldFact, WorldFrame, WorldStep } from './step.ts';
import { wifiLife } from './wifi-life.ts';
import { wiredLife } from './wired-life.ts';

export type { WorldFact, WorldFrame, WorldStep } from './step.ts';

/** Who is in the site, where each goes, and what each station decides. */
export interface Cast {
  beings: readonly Being[];
  trackOf(being: Being): Track;
  /**
   * Acts of a Wi-Fi being up to a time, in order, from the beginning of the lifetime that `fromMs` is in;
   * milliseconds since the Unix epoch.
   */
  actsOf(being: Being, fromMs: number, toMs: number): Iterable<Act>;
}

export interface WorldOptions {
  conditionsAt?: ConditionsAt;
  /** One beacon in so many is sent; 1 is as in the air: ten a second for each network of each radio. */
  beaconsOneIn?: number;
  /** Whether BLE is heard. */
  ble?: boolean;
  /** Whether frames by radio end with their check sequence. */
  fcs?: boolean;
}

const ADVERTISING: readonly RfChannel[] = [0, 12, 39];
const CARRIED_HEIGHT_M = 1.1;

export class World {
  readonly site: Site;
  private readonly cast: Cast;
  private readonly options: Required<WorldOptions>;
  private readonly network: SiteNetwork;
  private readonly hearing: Hearing;
  private readonly lifetimes: Lifetimes;

  constructor(site: Site, cast: Cast, options: WorldOptions = {}) {
    this.site = site;
    this.cast = cast;
    this.options = { conditionsAt: undisturbed, beaconsOneIn: 1, ble: true, fcs: true, ...options };
    this.network = new SiteNetwork(site, this.options.conditionsAt);
    this.hearing = new Hearing(site);
    this.lifetimes = new Lifetimes(site);
  }

  get beings(): readonly Being[] {
    return this.cast.beings;
  }

  trackOf(being: Being): Track {
    return this.cast.trackOf(being);
  }

  /** Whether something on these wires is dead at a time. */
  isCutAt(ends: readonly WireEnd[], tMs: number): boolean {
    return this.network.isCut(ends, this.network.conditionsAt(tMs));
  }

  /**
   * All that happens from one time to another, milliseconds since the Unix epoch: a part of a longer run has the
   * same frames as there. It begins with a fact for each who is connected already. `device` leaves out what other
   * devices see, and changes nothing of what this one sees.
   */
  *run(fromMs: number, toMs: number, device?: string): Generator<WorldStep> {
    const { network, hearing, options } = this;
    const [fromUs, toUs] = [fromMs * MS, toMs * MS];
    const startUs = segmentOf(fromUs) * SEGMENT_US;
    const attendance = new Attendance();
    const air = new OnAir(network, hearing, attendance, options.fcs);
    let isUnderWay = false;
    for (const emission of merge(this.scripts(startUs, toMs), keep)) {
      const { timeUs } = emission;
      if (timeUs >= toUs) return;
      if (!isUnderWay && timeUs >= fromUs) {
        isUnderWay = true;
        for (const one of attendance.connected()) {
          yield { type: 'fact', timeUs: fromUs, fact: { type: 'connected', ...one } };
        }
      }
      if (emission.medium === 'note') attendance.apply(emission.fact, timeUs);
      if (emission.medium === 'air' && timeUs >= startUs) air.number(emission);
      if (!isUnderWay) continue;
      switch (emission.medium) {
        case 'air':
          yield* air.heard(emission, device);
          break;
        case 'wire':
          yield* this.passed(emission, device);
          break;
        case 'ble':
          yield* this.advertised(emission, device);
          break;
        case 'note':
          yield { type: 'fact', timeUs, fact: emission.fact };
      }
    }
  }

  /**
   * What is done, without frames: facts of one being from the beginning of the lifetime that `fromMs` is in, but
   * for troubles in its traffic.
   */
  *factsOf(being: Being, fromMs: number, toMs: number): Generator<WorldFact> {
    for (const emission of this.life(being, fromMs, toMs, Number.POSITIVE_INFINITY)) {
      if (emission.timeUs >= toMs * MS) return;
      if (emission.medium === 'note') yield { type: 'fact', timeUs: emission.timeUs, fact: emission.fact };
    }
  }

  private life(being: Being, fromMs: number, toMs: number, quietUntilUs: number): Script<void> {
    const { network, cast } = this;
    const track = cast.trackOf(being);
    if (being.wired !== null) {
      const periods = this.lifePeriods(being, track, fromMs, toMs);
      return wiredLife({ being, network, periods, quietUntilUs });
    }
    if (being.wifi === null) return nothing();
    const transmitter = carried(being, being.wifi.powerDbm, track);
    const acts = cast.actsOf(being, fromMs, toMs);
    return wifiLife({
      being,
      traits: being.wifi,
      network,
      transmitter,
      acts,
      quietUntilUs,
      toUs: toMs * MS,
    });
  }

  private *lifePeriods({ index }: Being, track: Track, fromMs: number, toMs: number): Generator<Period> {
    for (const life of this.lifetimes.between(index, fromMs, toMs)) {
      yield* periodsOf(track, life.fromMs * MS, Math.min(life.toMs, toMs) * MS);
    }
  }

  private scripts(fromUs: number, toMs: number): Iterator<Emission, unknown>[] {
    const { site, network, cast, options } = this;
    const toUs = toMs * MS;
    const scripts: Iterator<Emission, unknown>[] = [disturbers(network, fromUs)];
    site.accessPoints.forEach((ap, index) => {
      scripts.push(accessPointLldp(network, ap, index, fromUs));
      for (const { band } of ap.radios) {
        const cells = site.ssids
          .map(({ name }) => network.cell(index, band, name))
          .filter((cell) => cell !== undefined);
        if (cells.length > 0) scripts.push(beacons(network, cells, fromUs, options.beaconsOneIn));
      }
    });
    site.switches.forEach((device, index) => {
      scripts.push(switchLldp(network, device, index, fromUs));
      scripts.push(hellos(network, device, index, fromUs));
    });
    for (const being of cast.beings) {
      const track = cast.trackOf(being);
      const { ble } = being;
      scripts.push(this.life(being, fromUs / MS, toMs, fromUs - SEGMENT_US));
      if (ble !== null && options.ble) {
        const transmitter = carried(being, ble.powerDbm, track);
        const periods = periodsOf(track, fromUs, toUs);
        scripts.push(advertise({ being, traits: ble, transmitter, seed: site.seed, periods }));
      }
    }
    return scripts;
  }

  private *passed(emission: WireEmission, device: string | undefined): Generator<WorldFrame> {
    const { timeUs, way, direction, vlan, frame } = emission;
    const conditions = this.network.conditionsAt(timeUs / 1000);
    const order = direction === 'up' ? way : [...way].reverse();
    const taken = (passing: Passing): WorldFrame => ({
      type: 'frame',
      timeUs,
      device: passing.device,
      interface: passing.port,
      linkType: LinkType.ethernet,
      bytes: passing.tagged ? tagged(frame, vlan) : frame,
      rssiDbm: null,
    });
    for (const passing of order) {
      if (this.network.isCut([passing], conditions)) return;
      if (direction === 'up' && this.network.isDamaged([passing], timeUs)) return;
      if (conditions.accessPointsDown.includes(passing.device)) continue;
      if (passing.hears !== 'both' && passing.hears !== direction) continue;
      if (device === undefined || passing.device === device) yield taken(passing);
    }
    for (const passing of emission.flooded ?? []) {
      if (this.network.isCut([passing], conditions)) continue;
      if (device === undefined || passing.device === device) yield taken(passing);
    }
  }

  private *advertised(emission: BleEmission, device: string | undefined): Generator<WorldFrame> {
    const { timeUs, from, address, random, connectable, advertisingData } = emission;
    const advertisement = { address, random, connectable, advertisingData };
    const { site, network } = this;
    const { accessPointsDown } = network.conditionsAt(timeUs / 1000);
    const listens = (accessPoint: number): boolean => {
      const { id, ble } = site.accessPoints[accessPoint];
      return ble !== null && (device === undefined || id === device) && !accessPointsDown.includes(id);
    };
    const channel = hash(from.device, Math.floor(timeUs / 100_000) % 2 ** 32) % ADVERTISING.length;
    const on = { band: '2.4' as const, channel: 37 + channel, ble: true };
    for (const { accessPoint, signalDbm } of this.hearing.of(from, on, timeUs, listens)) {
      yield {
        type: 'frame',
        timeUs,
        device: site.accessPoints[accessPoint].id,
        interface: 'ble',
        linkType: LINKTYPE_BLE,
        bytes: bleAdvertisement(emission, ADVERTISING[channel], signalDbm),
        rssiDbm: signalDbm,
        advertisement,
      };
    }
  }
}

function* nothing(): Script<void> {}

/** What waits for its time gets room of its own: a few bytes must not hold on to the slab that they were made in. */
function keep(emission: Emission): void {
  if (emission.medium === 'air' || emission.medium === 'wire') emission.frame = emission.frame.slice();
}

/** Held or worn: where its bearer is, a little above the floor; what stands somewhere is where it stands. */
function carried(being: Being, powerDbm: number, track: Track): Transmitter {
  const z = being.schedule === 'fixed' ? being.home.z : CARRIED_HEIGHT_M;
  return {
    device: being.index,
    powerDbm,
    placeAt: (timeUs) => {
      const tMs = Math.floor(timeUs / MS);
      return track.presentAt(tMs) ? { ...track.positionAt(tMs), z } : null;
    },
  };
}
