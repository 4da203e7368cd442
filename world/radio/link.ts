/**
 * RSSI of one transmission at one receiver:
 * power + offsets − path loss − walls − σ·shadowing − body + fading, rounded to whole dBm as radios report it.
 * There is no state per link: the same question has the same answer, in any order.
 */
import { hash, hash4, normal } from '../random.ts';
import { type Fading, FadingGenerator, NEVER_BELOW_DB, received } from './fading.ts';
import { type PathLossModel, PathLossTable } from './path-loss.ts';
import { fieldAt, octaveSeeds } from './shadowing.ts';

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

export class RadioLinks {
  private readonly table: PathLossTable;
  private readonly fading: FadingGenerator;
  private readonly environment: RadioEnvironment;
  private readonly seed: number;
  /** By receiver, worked out when first asked for. */
  private readonly receivers: { offsetDb: number; wide: number; narrow: number }[] = [];
  /** Of the transmission before: one that many receivers are asked about costs its cosine once. */
  private last = { heading: 0, cos: 1, sin: 0, device: -1, offsetDb: 0 };

  constructor(environment: RadioEnvironment, seed: number) {
    this.environment = environment;
    this.seed = seed;
    this.table = new PathLossTable(environment.pathLoss, environment.maxDistanceM);
    this.fading = new FadingGenerator(environment.fading);
  }

  receiverOffsetDb(receiver: number): number {
    return this.environment.receiverOffsetSdDb * normal(hash(this.seed, PART.receiverOffset, receiver));
  }

  deviceOffsetDb(device: number): number {
    return this.environment.deviceOffsetSdDb * normal(hash(this.seed, PART.deviceOffset, device));
  }

  private add(receiver: number): { offsetDb: number; wide: number; narrow: number } {
    const [wide, narrow] = octaveSeeds(hash(this.seed, PART.shadowing, receiver));
    const added = { offsetDb: this.receiverOffsetDb(receiver), wide, narrow };
    this.receivers[receiver] = added;
    return added;
  }

  /** Mean over fading, dBm, not rounded: what a long average at this spot would show. */
  meanDbm(t: Transmission, r: Receiver, wallsDb: number): number {
    const e = this.environment;
    const dx = r.x - t.x;
    const dy = r.y - t.y;
    const dz = r.z - t.z;
    const flat = dx * dx + dy * dy;
    const distance = Math.sqrt(flat + dz * dz);
    const receiver = this.receivers[r.id] ?? this.add(r.id);
    const { last } = this;
    if (last.heading !== t.heading) {
      last.heading = t.heading;
      last.cos = Math.cos(t.heading);
      last.sin = Math.sin(t.heading);
    }
    if (last.device !== t.device) {
      last.device = t.device;
      last.offsetDb = this.deviceOffsetDb(t.device);
    }
    const field = fieldAt(receiver.wide, receiver.narrow, t.x, t.y, e.decorrelationM);
    const towards = flat === 0 ? 1 : (dx * last.cos + dy * last.sin) / Math.sqrt(flat);
    return (
      t.powerDbm +
      receiver.offsetDb +
      last.offsetDb -
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
    const link = hash4(this.seed, PART.fading, r.id, t.device, 0);
    const fading = this.fading.at(link, t.channel, t.x, t.y, t.sample);
    const dbm = Math.round(Math.round((mean + fading) * 1000) / 1000);
    const hearing = hash4(this.seed, PART.hearing, r.id, t.device, t.sample);
    return received(dbm, sensitivityDbm, hearing) ? dbm : NOT_HEARD;
  }
}
