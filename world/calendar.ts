/**
 * Days of a site. World time is milliseconds since 1970-01-01 UTC; people live by the site's time zone. On the
 * two days a year when clocks change, a day ends where the next begins.
 */
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** 1970-01-01 was a Thursday; 0 is Monday. */
const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7;

/** A date of the proleptic Gregorian calendar as days since 1970-01-01 (Hinnant, days_from_civil). */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

export class Calendar {
  private readonly format: Intl.DateTimeFormat | null;
  private readonly offsets = new Map<number, number>();

  /** @throws RangeError for a time zone that nobody knows. */
  constructor(timeZone: string) {
    this.format =
      timeZone === 'UTC'
        ? null
        : new Intl.DateTimeFormat('en-US', {
            timeZone,
            hourCycle: 'h23',
            year: 'numeric',
            month: 'numeric',
            day: 'numeric',
            hour: 'numeric',
            minute: 'numeric',
            second: 'numeric',
          });
  }

  /** Milliseconds that local clocks are ahead of UTC. */
  private offsetAt(tMs: number): number {
    if (!this.format) return 0;
    const hour = Math.floor(tMs / HOUR_MS);
    const known = this.offsets.get(hour);
    if (known !== undefined) return known;
    const parts = new Map(this.format.formatToParts(hour * HOUR_MS).map(({ type, value }) => [type, +value]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const local =
      daysFromCivil(part('year'), part('month'), part('day')) * DAY_MS +
      part('hour') * HOUR_MS +
      part('minute') * 60_000 +
      part('second') * 1000;
    const offset = local - hour * HOUR_MS;
    this.offsets.set(hour, offset);
    return offset;
  }

  /** When local midnight of day `day` (days since 1970-01-01) is. */
  startOf(day: number): number {
    const guess = day * DAY_MS - this.offsetAt(day * DAY_MS);
    return day * DAY_MS - this.offsetAt(guess);
  }

  /** The local day that tMs is in. */
  dayOf(tMs: number): number {
    const day = Math.floor((tMs + this.offsetAt(tMs)) / DAY_MS);
    if (tMs < this.startOf(day)) return day - 1;
    return tMs >= this.startOf(day + 1) ? day + 1 : day;
  }

  /** 0 is Monday, 6 Sunday. */
  weekday(day: number): number {
    return weekdayOf(day);
  }
}
