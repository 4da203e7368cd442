import type { Source } from '../../platform/ports/source.ts';

/**
 * Time as the sources live it, milliseconds from the beginning: it passes while nobody says anything, too, and in a file
 * not at all. While the outbox held the sources back, what they would have said may have waited: so long a silence is
 * believed between two looks, and no longer.
 */
export class PassingTime {
  private readonly longestMs: number;
  private timeRate = 0;
  private passedMs = 0;
  private lookedMs: number;

  constructor(longestMs: number, nowMs: number) {
    this.longestMs = longestMs;
    this.lookedMs = nowMs;
  }

  /** A source said something. */
  heard({ timeRate }: Source): void {
    this.timeRate = timeRate ?? 0;
  }

  /** @param nowMs by the device's own clock */
  look(nowMs: number): number {
    this.passedMs += Math.min(nowMs - this.lookedMs, this.longestMs) * this.timeRate;
    this.lookedMs = nowMs;
    return this.passedMs;
  }
}
