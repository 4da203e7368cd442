/** Signal statistics of one transmitter, dBm. */
export interface RssiSummary {
  last: number;
  min: number;
  max: number;
  /** Mean of the dBm values, not of the powers: it is what a person compares with a threshold. */
  mean: number;
  /** Population variance, dB². */
  variance: number;
  count: number;
}

/** Numbers of the frames that three of them came from. */
export interface RssiFrames {
  last: number;
  min: number;
  max: number;
}

/** Running statistics after Welford (1962): no samples are kept, and long runs lose no precision. */
export class RssiStatistics {
  last = 0;
  min = 0;
  max = 0;
  mean = 0;
  count = 0;
  private squares = 0;
  private lastFrame = 0;
  private minFrame = 0;
  private maxFrame = 0;

  add(dbm: number, frame: number): void {
    this.last = dbm;
    this.lastFrame = frame;
    if (this.count === 0 || dbm < this.min) {
      this.min = dbm;
      this.minFrame = frame;
    }
    if (this.count === 0 || dbm > this.max) {
      this.max = dbm;
      this.maxFrame = frame;
    }
    this.count++;
    const distance = dbm - this.mean;
    this.mean += distance / this.count;
    this.squares += distance * (dbm - this.mean);
  }

  summary(): RssiSummary {
    const { last, min, max, mean, count } = this;
    return { last, min, max, mean, variance: count === 0 ? 0 : this.squares / count, count };
  }

  frames(): RssiFrames {
    return { last: this.lastFrame, min: this.minFrame, max: this.maxFrame };
  }
}
