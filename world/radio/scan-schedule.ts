/**
 * When an access point measures a client. The one that serves it hears it about once a second; the others only
 * when their scan radio visits the channel, every five seconds, and then with probability 0.6.
 */
import { hash4, subSeed, uniform } from '../random.ts';

const SERVING_MS = 1000;
const SCAN_MS = 5000;
const SCAN_HEARS = 0.6;

export class ScanSchedule {
  private readonly seed: number;

  constructor(siteSeed: number) {
    this.seed = subSeed(siteSeed, 'scan-schedule');
  }

  /** Times in [fromMs, toMs) at which the access point that serves a device measures it. */
  serving(accessPoint: number, device: number, fromMs: number, toMs: number): number[] {
    return this.times(accessPoint, device, fromMs, toMs, SERVING_MS, 1);
  }

  /** Times in [fromMs, toMs) at which an access point measures a device that another one serves. */
  neighbour(accessPoint: number, device: number, fromMs: number, toMs: number): number[] {
    return this.times(accessPoint, device, fromMs, toMs, SCAN_MS, SCAN_HEARS);
  }

  /** At most one in each period, anywhere in it; each period is asked for itself. */
  private times(ap: number, device: number, fromMs: number, toMs: number, periodMs: number, chance: number) {
    const times: number[] = [];
    for (let period = Math.floor(fromMs / periodMs); period * periodMs < toMs; period++) {
      const [high, low] = [Math.floor(period / 2 ** 32), period | 0];
      if (uniform(hash4(this.seed, ap, device, low, high ^ 0x5ca7)) >= chance) continue;
      const within = Math.floor(uniform(hash4(this.seed, ap, device, low, high)) * periodMs);
      const tMs = period * periodMs + within;
      if (tMs >= fromMs && tMs < toMs) times.push(tMs);
    }
    return times;
  }
}
