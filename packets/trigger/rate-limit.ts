import type { PcapTriggerName } from './names.ts';

export interface RateLimitOptions {
  /** Between two captures of one client with one trigger. */
  perClientMs: number;
  /** Of all clients within `windowMs`. */
  captures: number;
  windowMs: number;
}

const DEFAULTS: RateLimitOptions = { perClientMs: 60_000, captures: 20, windowMs: 60_000 };
const MAX_REMEMBERED = 4096;

/** So that a failing network does not turn into a stream of captures. Times are capture time, milliseconds. */
export class RateLimit {
  private readonly options: RateLimitOptions;
  private readonly lastMs = new Map<string, number>();
  private recentMs: number[] = [];

  constructor(options: Partial<RateLimitOptions> = {}) {
    this.options = { ...DEFAULTS, ...options };
  }

  allows(mac: number, trigger: PcapTriggerName, timeMs: number): boolean {
    const { perClientMs, captures, windowMs } = this.options;
    const key = `${mac} ${trigger}`;
    const last = this.lastMs.get(key);
    if (last !== undefined && Math.abs(timeMs - last) < perClientMs) return false;
    this.recentMs = this.recentMs.filter((at) => Math.abs(timeMs - at) < windowMs);
    if (this.recentMs.length >= captures) return false;
    this.recentMs.push(timeMs);
    this.lastMs.delete(key);
    this.lastMs.set(key, timeMs);
    if (this.lastMs.size > MAX_REMEMBERED) {
      for (const oldest of this.lastMs.keys()) {
        this.lastMs.delete(oldest);
        break;
      }
    }
    return true;
  }
}
