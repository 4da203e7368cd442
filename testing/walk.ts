/** Where a client of a lab is, and on which network: as a test says it, instant by instant. */
import type { Position, Track } from '../world/association/track.ts';
import type { Point } from '../world/site/model.ts';

interface Leg {
  fromMs: number;
  toMs: number;
  from: Point;
  to: Point;
}

interface Stay {
  ssid: string | null;
  fromMs: number;
}

export class Walk {
  private readonly floor: string;
  private readonly legs: Leg[];
  /** Which network it wants to be on, from when. */
  private readonly stays: Stay[] = [];

  constructor(floor: string, at: Point, fromMs: number) {
    this.floor = floor;
    this.legs = [{ fromMs, toMs: fromMs, from: at, to: at }];
  }

  /** Milliseconds that the way takes. */
  walk(to: Point, fromMs: number, metresPerS: number): number {
    const { x, y } = this.positionAt(fromMs);
    const lengthM = Math.hypot(to.x - x, to.y - y);
    const takesMs = Math.ceil((lengthM / metresPerS) * 1000);
    // Who turns round on the way does not arrive where it was going.
    const last = this.legs[this.legs.length - 1];
    if (last.toMs > fromMs) {
      last.to = { x, y };
      last.toMs = fromMs;
    }
    this.legs.push({ fromMs, toMs: fromMs + takesMs, from: { x, y }, to });
    return takesMs;
  }

  wants(ssid: string | null, fromMs: number): void {
    this.stays.push({ ssid, fromMs });
  }

  wantsAt(tMs: number): string | null {
    return this.stays.findLast(({ fromMs }) => fromMs <= tMs)?.ssid ?? null;
  }

  /** Number of the stay that a time is in: joining again on the same network is a new one. */
  stayAt(tMs: number): number {
    return this.stays.findLastIndex(({ fromMs }) => fromMs <= tMs);
  }

  positionAt(tMs: number): Position {
    const leg = this.legs.findLast(({ fromMs }) => fromMs <= tMs) ?? this.legs[0];
    const share = leg.toMs > leg.fromMs ? Math.min(1, (tMs - leg.fromMs) / (leg.toMs - leg.fromMs)) : 1;
    const { from, to } = leg;
    const headingRad = Math.atan2(to.y - from.y, to.x - from.x);
    const at = { x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y) };
    return { floor: this.floor, ...at, headingRad };
  }

  isWalkingAt(tMs: number): boolean {
    return this.legs.some(({ fromMs, toMs }) => tMs >= fromMs && tMs < toMs);
  }

  /** When something of this changes next after a time; Infinity when it is over. */
  changesAfter(tMs: number): number {
    const times = [...this.stays, ...this.legs].flatMap((one) =>
      'toMs' in one ? [one.fromMs, one.toMs] : [one.fromMs],
    );
    return Math.min(Number.POSITIVE_INFINITY, ...times.filter((time) => time > tMs));
  }

  /** While it wants this network. */
  track(ssid: string | null): Track {
    return {
      presentAt: (tMs) => tMs >= this.legs[0].fromMs && (ssid === null || this.wantsAt(tMs) === ssid),
      positionAt: (tMs) => this.positionAt(tMs),
      restsUntil: (tMs) => (this.isWalkingAt(tMs) ? tMs : this.changesAfter(tMs)),
    };
  }
}
