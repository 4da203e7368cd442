/**
 * Happenings laid out in time. What occurs on a day is a function of seed and date alone, so a part of a run
 * meets the same as the whole.
 */
import { Calendar } from '../calendar.ts';
import { Draws, hash, hash4, subSeed } from '../random.ts';
import type { Site } from '../site/model.ts';
import { type BlamedField, type Conditions, UNDISTURBED } from './conditions.ts';
import type { Happening, Step } from './file.ts';
import { type Effect, type HappeningKind, KINDS } from './kinds.ts';
import { Targets } from './targets.ts';

/** One happening, once: a cause that truth can name. */
export interface Occurrence {
  /** `dhcp-dead 0 20514.0`: kind, number in the file, date (days since 1970) and number on that day. */
  id: string;
  kind: HappeningKind;
  fromMs: number;
  toMs: number;
  /** Ids of what it strikes. */
  concerns: readonly string[];
}

/** While it lasts, the conditions are the same. */
interface Period {
  fromMs: number;
  toMs: number;
  conditions: Conditions;
}

const RECENT_PERIODS = 64;

interface Planned extends Occurrence {
  effect: Effect;
}

const DAY_MS = 86_400_000;
const isBlamed = (field: string): field is BlamedField => field !== 'causes' && field !== 'blame';
const BLAMED = Object.keys(UNDISTURBED).filter(isBlamed);

export class Timeline {
  private readonly site: Site;
  private readonly happenings: readonly Happening[];
  private readonly calendar: Calendar;
  /** Days that the longest happening reaches into. */
  private readonly reach: number;
  private readonly days = new Map<number, readonly Planned[]>();
  private current: Period | null = null;
  /** Those that were asked for before, the latest last: many lives ask, each at its own time. */
  private readonly recent: Period[] = [];

  constructor(site: Site, happenings: readonly Happening[]) {
    this.site = site;
    this.happenings = happenings;
    this.calendar = new Calendar(site.timeZone);
    const ends = happenings.flatMap(({ steps }) => steps.map(({ afterMs, forMs }) => afterMs + forMs));
    this.reach = 1 + Math.ceil(Math.max(0, ...ends) / DAY_MS);
  }

  /** Everything that begins on a day, local. */
  private on(day: number): readonly Planned[] {
    const known = this.days.get(day);
    if (known) return known;
    const planned = this.happenings.flatMap((happening, number) =>
      this.beginnings(happening, number, day).flatMap((msOfDay, nth) =>
        happening.steps.map((step, s) => this.plan(step, `${number}${s ? `.${s}` : ''}`, day, nth, msOfDay)),
      ),
    );
    this.days.set(day, planned);
    return planned;
  }

  private beginnings({ when }: Happening, number: number, day: number): number[] {
    if ('at' in when) return when.at.day === day ? [when.at.msOfDay] : [];
    if ('daily' in when) return [when.daily];
    const draws = new Draws(hash4(subSeed(this.site.seed, 'happening'), number, day, 0, 0));
    const times: number[] = [];
    const meanGapMs = DAY_MS / when.perDay;
    for (let t = draws.exponential(meanGapMs); t < DAY_MS; t += draws.exponential(meanGapMs)) {
      times.push(Math.round(t));
    }
    return times;
  }

  private plan(step: Step, number: string, day: number, nth: number, msOfDay: number): Planned {
    const { kind, afterMs, forMs, written } = step;
    const fromMs = this.calendar.startOf(day) + msOfDay + afterMs;
    const seed = hash(hash(subSeed(this.site.seed, `${kind} ${number}`), day), nth);
    const effect = KINDS[kind].effect(written, new Targets(this.site, new Draws(seed)));
    const id = `${kind} ${number} ${day}.${nth}`;
    return { id, kind, fromMs, toMs: fromMs + forMs, concerns: effect.concerns, effect };
  }

  private *around(fromMs: number, toMs: number): Generator<Planned> {
    const last = this.calendar.dayOf(toMs);
    for (let day = this.calendar.dayOf(fromMs) - this.reach; day <= last; day++) yield* this.on(day);
  }

  /** What is in force at some time between the two, in order of its beginning. */
  occurrences(fromMs: number, toMs: number): Occurrence[] {
    return [...this.around(fromMs, toMs)]
      .filter((planned) => planned.fromMs < toMs && planned.toMs > fromMs)
      .map(({ effect: _, ...occurrence }) => occurrence)
      .sort((a, b) => a.fromMs - b.fromMs || (a.id < b.id ? -1 : 1));
  }

  /** The same object as long as nothing changes. */
  conditionsAt = (tMs: number): Conditions => {
    const current = this.current;
    if (current && tMs >= current.fromMs && tMs < current.toMs) return current.conditions;
    const known = this.recent.find(({ fromMs, toMs }) => tMs >= fromMs && tMs < toMs);
    if (known !== undefined) {
      this.current = known;
      return known.conditions;
    }
    const day = this.calendar.dayOf(tMs);
    let fromMs = this.calendar.startOf(day);
    let toMs = this.calendar.startOf(day + 1);
    const conditions = { ...UNDISTURBED };
    const causes: string[] = [];
    const bound = (changeMs: number) => {
      if (changeMs <= tMs) fromMs = Math.max(fromMs, changeMs);
      else toMs = Math.min(toMs, changeMs);
    };
    for (const planned of this.around(tMs, tMs)) {
      bound(planned.fromMs);
      bound(planned.toMs);
      if (tMs < planned.fromMs || tMs >= planned.toMs) continue;
      causes.push(planned.id);
      const { flapMs } = planned.effect;
      if (flapMs !== undefined) {
        const half = Math.max(1, Math.floor(flapMs / 2));
        const halves = Math.floor((tMs - planned.fromMs) / half);
        bound(planned.fromMs + halves * half);
        bound(planned.fromMs + (halves + 1) * half);
        if (halves % 2 === 1) continue;
      }
      const before = { ...conditions };
      planned.effect.apply(conditions, planned.id);
      for (const field of BLAMED) {
        if (conditions[field] === before[field]) continue;
        conditions.blame = { ...conditions.blame, [field]: [...(conditions.blame[field] ?? []), planned.id] };
      }
    }
    conditions.causes = causes;
    this.current = { fromMs, toMs, conditions };
    this.recent.push(this.current);
    if (this.recent.length > RECENT_PERIODS) this.recent.shift();
    return conditions;
  };

  /** When the conditions change next; no later than the end of the day. */
  changesAfter(tMs: number): number {
    this.conditionsAt(tMs);
    return this.current!.toMs;
  }
}
