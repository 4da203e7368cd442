/**
 * RSSI of one transmission at one receiver:
 * power + offsets − path loss − walls − σ·shadowing − body + fading, rounded to whole dBm as radios report it.
 * There is no state per link: the same question has the same answer, in any order.
 */
import { absorb, hash, mixed, normal, uniform } from '../random.ts';
import { type Fading, FadingGenerator, NEVER_BELOW_DB, receptionOdds } from './fading.ts';
import { type PathLossModel, PathLossTable } from './path-loss.ts';
import { octaveSeeds, ShadowedPlace } from './shadowing.ts';

export interface RadioEnvironment {
  pathLoss: PathLossModel;
  maxDistanceM: number;
  shadowingSdDb: number;
  decorrelationM: number;
  fading: Fading;
  /** Standard deviations of what one receiver, and one device, always adds. */
  receiverOffsetSdDb: number;
  deviceOffsetSdDb: number;
  /** Loss through the bearer's body, dB: all of it when the receiver is right behind. */
  bodyDb: number;
  sensitivityDbm: number;
}

/** One transmission. Positions in metres; heading in radians from the x axis, counter-clockwise. */
export interface Transmission {
  /** Number of the transmitting device. */
  device: number;
  powerDbm: number;
  channel: number;
  x: number;
  y: number;
  z: number;
  heading: number;
  /** Tells transmissions of one device apart, for fading and for whether each is heard. */
  sample: number;
}

export interface Receiver {
  /** Number of the receiver in the site. */
  id: number;
  x: number;
  y: number;
  z: number;
}

/** What `rssi` answers when the receiver did not hear the transmission. */
export const NOT_HEARD = 127;

/** Offsets, shadowing, fading and hearing draw from seeds of their own. */
const PART = { receiverOffset: 1, deviceOffset: 2, shadowing: 3, fading: 4, hearing: 5 } as const;

/** What a receiver always has, worked out when it is first asked for. */
class Receivers {
  /** By receiver: what it always adds, dB; NaN while it is not known. */
  offsetsDb = new Float64Array(0);
  /** By receiver: seeds of the two octaves of its shadowing, and where its fading and its hearing draw from. */
  seeds = new Int32Array(0);

  grow(atLeast: number): void {
    const count = Math.max(16, 2 ** Math.ceil(Math.log2(atLeast)));
    const offsetsDb = new Float64Array(count).fill(Number.NaN);
    offsetsDb.set(this.offsetsDb);
    const seeds = new Int32Array(count * SEEDS);
    seeds.set(this.seeds);
    this.offsetsDb = offsetsDb;
    this.seeds = seeds;
  }
}
const SEEDS = 4;

export class RadioLinks {
  private readonly table: PathLossTable;
  private readonly fading: FadingGenerator;
  private readonly environment: RadioEnvironment;
  private readonly seed: number;
  private readonly receivers = new Receivers();
  private readonly shadowed: ShadowedPlace;
  /**
   * x, y, heading, its cosine and sine, device and its offset of the transmission before: what many receivers are
   * asked about is worked out once.
   */
  private readonly last = new Float64Array(7).fill(Number.NaN);

  constructor(environment: RadioEnvironment, seed: number) {
    this.environment = environment;
    this.seed = seed;
    this.table = new PathLossTable(environment.pathLoss, environment.maxDistanceM);
    this.fading = new FadingGenerator(environment.fading);
    this.shadowed = new ShadowedPlace(environment.decorrelationM);
  }

  receiverOffsetDb(receiver: number): number {
    return this.environment.receiverOffsetSdDb * normal(hash(this.seed, PART.receiverOffset, receiver));
  }

  deviceOffsetDb(device: number): number {
    return this.environment.deviceOffsetSdDb * normal(hash(this.seed, PART.deviceOffset, device));
  }

  private add(receiver: number): void {
    const { receivers, seed } = this;
    if (receiver >= receivers.offsetsDb.length) receivers.grow(receiver + 1);
    receivers.offsetsDb[receiver] = this.receiverOffsetDb(receiver);
    receivers.seeds.set(
      [
        ...octaveSeeds(hash(seed, PART.shadowing, receiver)),
        absorb(absorb(seed, PART.fading), receiver),
        absorb(absorb(seed, PART.hearing), receiver),
      ],
      receiver * SEEDS,
    );
  }

  private turnTo(t: Transmission): void {
    const { last } = this;
    if (last[0] !== t.x || last[1] !== t.y) {
      last[0] = t.x;
      last[1] = t.y;
      this.shadowed.moveTo(t.x, t.y);
    }
    if (last[2] !== t.heading) {
      last[2] = t.heading;
      last[3] = Math.cos(t.heading);
      last[4] = Math.sin(t.heading);
    }
    if (last[5] !== t.device) {
      last[5] = t.device;
      last[6] = this.deviceOffsetDb(t.device);
    }
  }

  /** Mean over fading, dBm, not rounded: what a long average at this spot would show. */
  meanDbm(t: Transmission, r: Receiver, wallsDb: number): number {
    const e = this.environment;
    const { receivers, last } = this;
    const { id } = r;
    if (id >= receivers.offsetsDb.length || Number.isNaN(receivers.offsetsDb[id])) this.add(id);
    this.turnTo(t);
    const dx = r.x - t.x;
    const dy = r.y - t.y;
    const dz = r.z - t.z;
    const flat = dx * dx + dy * dy;
    const distance = Math.sqrt(flat + dz * dz);
    const field = this.shadowed.value(receivers.seeds[id * SEEDS], receivers.seeds[id * SEEDS + 1]);
    const towards = flat === 0 ? 1 : (dx * last[3] + dy * last[4]) / Math.sqrt(flat);
    return (
      t.powerDbm +
      receivers.offsetsDb[id] +
      last[6] -
      this.table.at(distance) -
      wallsDb -
      e.shadowingSdDb * field -
      (e.bodyDb * (1 - towards)) / 2
    );
  }

  /**
   * Whole dBm, or NOT_HEARD. Thousandths are rounded first, so that a last bit never decides. `noiseRiseDb` is
   * how much more noise there is at the receiver than usual.
   */
  rssi(t: Transmission, r: Receiver, wallsDb: number, noiseRiseDb = 0): number {
    const mean = this.meanDbm(t, r, wallsDb);
    const sensitivityDbm = this.environment.sensitivityDbm + noiseRiseDb;
    if (mean + this.fading.mostDb < sensitivityDbm - NEVER_BELOW_DB) return NOT_HEARD;
    const { seeds } = this.receivers;
    // hash4(seed, PART.fading, receiver, device, 0), and below of PART.hearing and the sample.
    const link = mixed(absorb(absorb(seeds[r.id * SEEDS + 2], t.device), 0));
    const fading = this.fading.at(link, t.channel, t.x, t.y, t.sample);
    const dbm = Math.round(Math.round((mean + fading) * 1000) / 1000);
    const odds = receptionOdds(dbm - sensitivityDbm);
    if (odds === 0) return NOT_HEARD;
    if (odds === 1) return dbm;
    const hearing = mixed(absorb(absorb(seeds[r.id * SEEDS + 3], t.device), t.sample)) >>> 0;
    return uniform(hearing) < odds ? dbm : NOT_HEARD;
  }
}
