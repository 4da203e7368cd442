/**
 * The site as its devices see it: every frame that an access point's radios hear or a switch's ports take in,
 * in order of time. Each being's frames are made by a script of its own from draws of its own, and an item of
 * each waits in a heap: memory grows with who is there, not with how long it runs.
 */

import { LinkType } from '../../packets/linktype.ts';
import type { Act } from '../association/acts.ts';
import type { Track } from '../association/track.ts';
import type { Being } from '../beings/model.ts';
import { type BleAdvertisement, bleAdvertisement, LINKTYPE_BLE, type RfChannel } from '../frames/btle.ts';
import { tagged } from '../frames/ethernet.ts';
import { isToGroup, setSequence } from '../frames/ieee80211.ts';
import { radiotap } from '../frames/radiotap.ts';
import { hash } from '../random.ts';
import type { Band, Site } from '../site/model.ts';
import { advertise } from './advertise.ts';
import { MS } from './chance.ts';
import { disturbers } from './disturbers.ts';
import type {
  AirEmission,
  BleEmission,
  Emission,
  Fact,
  Passing,
  Transmitter,
  WireEmission,
} from './emission.ts';
import { Hearing } from './hearing.ts';
import { accessPointLldp, beacons, hellos, switchLldp, tsfUs } from './infrastructure.ts';
import { merge } from './merge.ts';
import { type ConditionsAt, frequencyMhz, SiteNetwork, undisturbed } from './network.ts';
import { periodsOf } from './periods.ts';
import { wifiLife } from './wifi-life.ts';
import { wiredLife } from './wired-life.ts';

/** Who is in the site, where each goes, and what each station decides. */
export interface Cast {
  beings: readonly Being[];
  trackOf(being: Being): Track;
  /** Acts of a Wi-Fi being from one time to another, milliseconds since the Unix epoch, in order. */
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

/** A frame at one observer: the device that heard it and the interface that it came in on. */
export interface WorldFrame {
  type: 'frame';
  /** Microseconds since the Unix epoch. */
  timeUs: number;
  device: string;
  /** `2.4`, `5`, `6`, `ble`, `uplink`, or a switch's port. */
  interface: string;
  /** LINKTYPE_ value: radiotap (127), BLE (256) or Ethernet (1). */
  linkType: number;
  bytes: Uint8Array;
  /** Null on wires, and for what the radio sent itself. */
  rssiDbm: number | null;
  /** What a Bluetooth radio makes of `bytes`. */
  advertisement?: BleAdvertisement;
}

export interface WorldFact {
  type: 'fact';
  timeUs: number;
  fact: Fact;
}

export type WorldStep = WorldFrame | WorldFact;

const NOISE_DBM = -94;
/** Units of 500 kb/s: what management and group frames go out with, and data. */
const BASIC_RATE: Readonly<Record<Band, number>> = { '2.4': 2, '5': 12, '6': 12 };
const DATA_RATE = 48;
const ADVERTISING: readonly RfChannel[] = [0, 12, 39];
const CARRIED_HEIGHT_M = 1.1;

export class World {
  readonly site: Site;
  private readonly cast: Cast;
  private readonly options: Required<WorldOptions>;
  private readonly network: SiteNetwork;
  private readonly hearing: Hearing;
  private readonly sequences = new Map<number, number>();

  constructor(site: Site, cast: Cast, options: WorldOptions = {}) {
    this.site = site;
    this.cast = cast;
    this.options = { conditionsAt: undisturbed, beaconsOneIn: 1, ble: true, fcs: true, ...options };
    this.network = new SiteNetwork(site, this.options.conditionsAt);
    this.hearing = new Hearing(site);
  }

  get beings(): readonly Being[] {
    return this.cast.beings;
  }

  /**
   * All that happens from one time to another, milliseconds since the Unix epoch: lives begin at `fromMs`.
   * `device` leaves out what other devices see, and changes nothing of what this one sees.
   */
  *run(fromMs: number, toMs: number, device?: string): Generator<WorldStep> {
    const toUs = toMs * MS;
    this.sequences.clear();
    for (const emission of merge(this.scripts(fromMs, toMs))) {
      if (emission.timeUs >= toUs) return;
      switch (emission.medium) {
        case 'air':
          yield* this.heard(emission, device);
          break;
        case 'wire':
          yield* this.passed(emission, device);
          break;
        case 'ble':
          yield* this.advertised(emission, device);
          break;
        case 'note':
          yield { type: 'fact', timeUs: emission.timeUs, fact: emission.fact };
      }
    }
  }

  private scripts(fromMs: number, toMs: number): Iterator<Emission, unknown>[] {
    const { site, network, cast, options } = this;
    const [fromUs, toUs] = [fromMs * MS, toMs * MS];
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
      const { wifi, wired, ble } = being;
      if (wired !== null) {
        scripts.push(wiredLife({ being, network, periods: periodsOf(track, fromUs, toUs) }));
      } else if (wifi !== null) {
        const transmitter = carried(being, wifi.powerDbm, track);
        const acts = cast.actsOf(being, fromMs, toMs);
        scripts.push(wifiLife({ being, traits: wifi, network, transmitter, acts }));
      }
      if (ble !== null && options.ble) {
        const transmitter = carried(being, ble.powerDbm, track);
        const periods = periodsOf(track, fromUs, toUs);
        scripts.push(advertise({ being, traits: ble, transmitter, seed: site.seed, periods }));
      }
    }
    return scripts;
  }

  private *heard(emission: AirEmission, device: string | undefined): Generator<WorldFrame> {
    const { site, network, hearing } = this;
    const { timeUs, band, channel, frame, from, accessPoint: sender } = emission;
    if (!emission.numbered) this.number(frame);
    const conditions = network.conditionsAt(timeUs / 1000);
    // What a silent radio's access point would have sent.
    if (sender >= 0 && conditions.accessPointsDown.includes(site.accessPoints[sender].id)) return;
    const listens = (accessPoint: number): boolean => {
      if (device !== undefined && site.accessPoints[accessPoint].id !== device) return false;
      const radio = site.accessPoints[accessPoint].radios.find((candidate) => candidate.band === band);
      return radio !== undefined && network.channelAt(accessPoint, radio, conditions) === channel;
    };
    if (sender >= 0 && listens(sender)) yield this.onAir(emission, sender, null);
    const others = (accessPoint: number) => accessPoint !== sender && listens(accessPoint);
    for (const { accessPoint, signalDbm } of hearing.of(
      from,
      { band, channel, ble: false },
      timeUs,
      others,
    )) {
      yield this.onAir(emission, accessPoint, signalDbm);
    }
  }

  private onAir(
    { timeUs, band, channel, frame }: AirEmission,
    accessPoint: number,
    signalDbm: number | null,
  ): WorldFrame {
    const isData = (frame[0] & 0x0c) === 0x08 && !isToGroup(frame);
    const reception = {
      tsftUs: tsfUs(timeUs),
      frequencyMhz: frequencyMhz(band, channel),
      rate: isData ? DATA_RATE : BASIC_RATE[band],
      signalDbm,
      noiseDbm: NOISE_DBM,
    };
    return {
      type: 'frame',
      timeUs,
      device: this.site.accessPoints[accessPoint].id,
      interface: band,
      linkType: LinkType.radiotap,
      bytes: radiotap(frame, reception, this.options.fcs),
      rssiDbm: signalDbm,
    };
  }

  /** One counter for each transmitter, in the order in which its frames go out. */
  private number(frame: Uint8Array): void {
    const key = frame.subarray(10, 16).reduce((sum, byte) => sum * 256 + byte, 0);
    const sequence = this.sequences.get(key) ?? 0;
    this.sequences.set(key, (sequence + 1) & 0xfff);
    setSequence(frame, sequence);
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
