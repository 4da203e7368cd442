/**
 * When the scan radio of an access point listens on channels that its own radios are not on. It goes round once
 * in five seconds; what a round catches of one station, it does with probability 0.6. Frames are heard in the
 * quarter of a second of its visit. The short control frames that real stations send all the time are none of
 * the world's, so a null frame or a management frame of a station stands for them and may be caught all through
 * the round.
 */
import { hash4, subSeed, uniform } from '../random.ts';

const ROUND_US = 5_000_000;
const VISIT_US = 250_000;
const CATCHES = 0.6;

export class ScanSchedule {
  private readonly seed: number;

  constructor(siteSeed: number) {
    this.seed = subSeed(siteSeed, 'scan-schedule');
  }

  /** Whether the round that a time is in catches anything of this device. */
  catches(accessPoint: number, device: number, timeUs: number): boolean {
    const round = Math.floor(timeUs / ROUND_US) | 0;
    return uniform(hash4(this.seed, accessPoint, device, round, 1)) < CATCHES;
  }

  /** Whether it is on this channel now: once in each round, for the length of a visit. */
  visits(accessPoint: number, channel: number, timeUs: number): boolean {
    const round = Math.floor(timeUs / ROUND_US);
    const at = uniform(hash4(this.seed, accessPoint, channel, round | 0, 2)) * (ROUND_US - VISIT_US);
    const within = timeUs - round * ROUND_US - Math.floor(at);
    return within >= 0 && within < VISIT_US;
  }
}
