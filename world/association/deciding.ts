/**
 * Which access point a station is on, and what it does to find out: a function of seed, being and time alone.
 *
 * | state      | what it does                                             | until                              |
 * |------------|----------------------------------------------------------|------------------------------------|
 * | away       | nothing                                                  | it is on site: looking             |
 * | looking    | bursts of probe requests, the first at once              | one is strong enough: connected    |
 * | connected  | looks at what it has, every 5 s under way, 60 s at rest   | weaker than its trigger: ill heard |
 * | ill heard  | searches, the neighbours it was told of (11k) or all     | another is 8 (active) or 12 dB     |
 * |            |                                                          | (idle) better: it roams            |
 * | connected  | is advised (11v) when ill heard, or for a higher band    | it obeys: it roams                 |
 * | connected  |                                                          | nothing heard, or sent away:       |
 * |            |                                                          | looking                            |
 *
 * A network answers nobody on 2.4 GHz whom it hears well enough on a higher band (band steering).
 */
import type { Being, WifiTraits } from '../beings/model.ts';
import type { ConditionsAt } from '../engine/network.ts';
import type { Conditions } from '../happenings/conditions.ts';
import type { Lifetime } from '../life/lifetimes.ts';
import { Lifetimes } from '../life/lifetimes.ts';
import type { RadioField } from '../radio/field.ts';
import { Draws, hash4, subSeed } from '../random.ts';
import type { Band, Site } from '../site/model.ts';
import type { Act, LeaveReason, RadioOf } from './acts.ts';
import { burstGapMs, type Habits, habitsOf, isActive } from './habits.ts';
import { type Heard, Signals } from './signals.ts';
import type { Position, Track } from './track.ts';

const LOOK_MS = 5000;
const REST_LOOK_MS = 60_000;
/** Weaker, it is not joined; weaker still, it is lost. */
const USABLE_DBM = -82;
const LOST_DBM = -88;
/** From here on a higher band is good enough to steer to. */
const STEER_DBM = -70;
const STEER_EVERY_MS = 300_000;
/** What access points put into a neighbour report, and into the candidates of an advice. */
const REPORTED = 6;
const ADVISED = 3;
/** Better by this, a candidate is worth an advice. */
const ADVICE_DB = 4;
const LONGEST_SEARCH_MS = 80_000;
const JOIN_AFTER_MS = 500;
const GOODBYES = 0.5;
const REST_FOREVER_MS = 3_600_000;

export class Deciding {
  private readonly site: Site;
  private readonly signals: Signals;
  private readonly conditionsAt: ConditionsAt;
  private readonly lifetimes: Lifetimes;

  constructor(site: Site, field: RadioField, conditionsAt: ConditionsAt) {
    this.site = site;
    this.signals = new Signals(site, field);
    this.conditionsAt = conditionsAt;
    this.lifetimes = new Lifetimes(site);
  }

  /** From the beginning of the lifetime that `fromMs` is in, in order. */
  *acts(being: Being, traits: WifiTraits, track: Track, fromMs: number, toMs: number): Generator<Act> {
    for (const lifetime of this.lifetimes.between(being.index, fromMs, toMs)) {
      const draws = new Draws(hash4(subSeed(this.site.seed, 'decisions'), being.index, lifetime.date, 0, 0));
      if (traits.ssid === null)
        yield* passingBy(traits, track, lifetime, Math.min(toMs, lifetime.toMs), draws);
      else {
        const { site, signals, conditionsAt } = this;
        const station = new Station(
          site.seed,
          signals,
          conditionsAt,
          being,
          traits,
          traits.ssid,
          track,
          draws,
        );
        yield* station.live(lifetime, toMs);
      }
    }
  }
}

/** When it is there again, or the end. */
function nextPresence(track: Track, fromMs: number, toMs: number): number {
  let tMs = fromMs;
  while (tMs < toMs && !track.presentAt(tMs)) {
    tMs = Math.min(toMs, Math.max(tMs + LOOK_MS, Math.min(track.restsUntil(tMs), tMs + REST_FOREVER_MS)));
  }
  return tMs;
}

/** Whoever joins nothing: bursts, as long as it is there. */
function* passingBy(
  traits: WifiTraits,
  track: Track,
  { fromMs }: Lifetime,
  toMs: number,
  draws: Draws,
): Generator<Act> {
  let tMs = nextPresence(track, fromMs, toMs) + draws.integer(0, traits.burstGapMs);
  while (tMs < toMs) {
    if (track.presentAt(tMs)) {
      yield { kind: 'scan', tMs, answers: null };
      tMs += burstGapMs(draws, traits);
    } else {
      tMs = nextPresence(track, tMs, toMs) + draws.integer(0, LOOK_MS);
    }
  }
}

interface Found {
  better: Heard | null;
  /** Neighbours that it knows of by now (11k). */
  told: readonly RadioOf[] | null;
}

class Station {
  private readonly seed: number;
  private readonly signals: Signals;
  private readonly conditionsAt: ConditionsAt;
  private readonly being: Being;
  private readonly traits: WifiTraits;
  private readonly ssid: string;
  private readonly track: Track;
  private readonly draws: Draws;
  private readonly habits: Habits;
  private readonly bands: readonly Band[];
  private tMs = 0;
  private toMs = 0;
  private endsAtMs = 0;

  constructor(
    seed: number,
    signals: Signals,
    conditionsAt: ConditionsAt,
    being: Being,
    traits: WifiTraits,
    ssid: string,
    track: Track,
    draws: Draws,
  ) {
    this.seed = seed;
    this.signals = signals;
    this.conditionsAt = conditionsAt;
    this.being = being;
    this.traits = traits;
    this.ssid = ssid;
    this.track = track;
    this.draws = draws;
    this.habits = habitsOf(seed, being);
    this.bands = signals.bandsOf(traits);
  }

  /** As far as somebody wants to know it; a longer life begins the same. */
  *live(lifetime: Lifetime, wantedMs: number): Generator<Act> {
    const { track, draws } = this;
    const toMs = Math.min(lifetime.toMs, wantedMs);
    this.tMs = lifetime.fromMs + draws.integer(0, LOOK_MS);
    this.toMs = toMs;
    this.endsAtMs = lifetime.toMs;
    while (this.tMs < toMs) {
      if (!track.presentAt(this.tMs)) {
        this.tMs = nextPresence(track, this.tMs, toMs) + draws.integer(0, LOOK_MS);
        continue;
      }
      const joined = yield* this.look();
      if (joined !== null) yield* this.connected(joined);
    }
  }

  private place(): Position {
    return this.track.positionAt(this.tMs);
  }

  private hears(conditions: Conditions, leastDbm = USABLE_DBM): Heard[] {
    return this.signals.all(this.being, this.bands, this.place(), this.tMs, conditions, leastDbm);
  }

  /** One burst, and a join where something answers. */
  private *look(): Generator<Act, Heard | null> {
    const { tMs, draws, traits } = this;
    const best = this.best(answering(this.hears(this.conditionsAt(tMs))));
    yield { kind: 'scan', tMs, answers: best ?? null };
    if (best === undefined) {
      this.tMs += burstGapMs(draws, traits);
      return null;
    }
    this.tMs += JOIN_AFTER_MS;
    const { accessPoint, band } = best;
    yield { kind: 'join', tMs: this.tMs, accessPoint, band };
    this.tMs += LOOK_MS;
    return best;
  }

  private worth({ dbm, band }: Heard): number {
    return dbm + this.habits.bandBonusDb[band];
  }

  private best(heard: readonly Heard[]): Heard | undefined {
    return heard.reduce<Heard | undefined>(
      (best, one) => (best === undefined || this.worth(one) > this.worth(best) ? one : best),
      undefined,
    );
  }

  private goes(reason: LeaveReason): Act {
    const announced = reason === 'session-timeout' || (reason === 'away' && this.draws.chance(GOODBYES));
    return { kind: 'leave', tMs: this.tMs, announced, reason };
  }

  /** Until it leaves. */
  private *connected(first: Heard): Generator<Act> {
    const { being, signals, track, habits, toMs } = this;
    let current: Heard = first;
    let told: readonly RadioOf[] | null = null;
    let searchMs = habits.searchMs;
    let nextSearchMs = 0;
    let nextSteerMs = this.tMs + STEER_EVERY_MS / 10;
    let wasDisturbed = false;
    let nextLookMs = 0;
    for (; this.tMs < toMs; this.tMs += LOOK_MS) {
      const { tMs } = this;
      if (!track.presentAt(tMs)) {
        yield this.goes('away');
        return;
      }
      const conditions = this.conditionsAt(tMs);
      const rests = track.restsUntil(tMs) > tMs;
      // Not by the identity of the conditions: who else asked for them must not matter.
      const disturbed = isDisturbed(conditions);
      if (rests && tMs < nextLookMs && !disturbed && !wasDisturbed) continue;
      wasDisturbed = disturbed;
      nextLookMs = tMs + REST_LOOK_MS;
      const dbm = signals.of(being, current, this.place(), tMs, conditions);
      const isSentAway = this.isFlooded(current, conditions);
      if (dbm < LOST_DBM || isSentAway) {
        yield this.goes(isSentAway ? 'deauthenticated' : 'lost');
        this.tMs += isSentAway ? this.draws.integer(1000, 4000) : 100;
        return;
      }
      current = { ...current, dbm };
      let next: Heard | null = null;
      if (dbm < habits.triggerDbm) {
        // Ill heard, it looks again soon, at rest too.
        nextLookMs = tMs + LOOK_MS;
        if (tMs < nextSearchMs) continue;
        const found: Found = yield* this.search(current, conditions, told);
        told = found.told;
        next = found.better;
        searchMs = next === null ? Math.min(LONGEST_SEARCH_MS, 2 * searchMs) : habits.searchMs;
        nextSearchMs = tMs + searchMs;
      } else {
        searchMs = habits.searchMs;
        if (current.band === '2.4' && tMs >= nextSteerMs) {
          nextSteerMs = tMs + STEER_EVERY_MS;
          next = yield* this.steer(current, conditions);
        }
      }
      if (next === null) continue;
      this.tMs += JOIN_AFTER_MS;
      yield { kind: 'roam', tMs: this.tMs, accessPoint: next.accessPoint, band: next.band };
      current = next;
      told = null;
      nextSearchMs = 0;
    }
    if (toMs < this.endsAtMs) return;
    this.tMs = toMs - 1;
    yield this.goes('session-timeout');
    this.tMs = toMs;
  }

  /** Looks for better. */
  private *search(
    current: Heard,
    conditions: Conditions,
    told: readonly RadioOf[] | null,
  ): Generator<Act, Found> {
    const { being, traits, habits, seed, draws } = this;
    const { k, v } = traits.roaming;
    const isStuck = conditions.osBugs.some(
      (bug) =>
        bug.effect === 'never-roams' && bug.os === being.os && being.osVersion.startsWith(bug.osVersion),
    );
    if (isStuck) return { better: null, told };
    const others = this.hears(conditions).filter((one) => !isSame(one, current));
    let on = told;
    if (k && told === null && others.length > 0) {
      on = others.slice(0, REPORTED).map(({ accessPoint, band }) => ({ accessPoint, band }));
      yield { kind: 'report', tMs: this.tMs, neighbours: on };
      this.tMs += 50;
    }
    yield { kind: 'search', tMs: this.tMs, on };
    this.tMs += 200;
    const found = on === null ? others : others.filter((one) => on.some((radio) => isSame(radio, one)));
    const best = this.best(found);
    const betterDb = isActive(seed, being, this.tMs) ? habits.betterActiveDb : habits.betterIdleDb;
    if (best !== undefined && best.dbm >= current.dbm + betterDb) return { better: best, told: on };
    const candidates = others.filter(({ dbm }) => dbm >= current.dbm + ADVICE_DB);
    if (!v || candidates.length === 0) return { better: null, told: on };
    const accepted = draws.chance(habits.obedience);
    yield { kind: 'advise', tMs: this.tMs, candidates: candidates.slice(0, ADVISED), accepted };
    return { better: accepted ? candidates[0] : null, told: on };
  }

  /** Advised to a higher band of the same network. */
  private *steer(current: Heard, conditions: Conditions): Generator<Act, Heard | null> {
    if (!this.traits.roaming.v) return null;
    const candidates = this.hears(conditions, STEER_DBM).filter(
      ({ band, accessPoint }) => band !== '2.4' && accessPoint === current.accessPoint,
    );
    if (candidates.length === 0) return null;
    const accepted = this.draws.chance(this.habits.obedience);
    yield { kind: 'advise', tMs: this.tMs, candidates, accepted };
    return accepted ? candidates[0] : null;
  }

  /** Frames in the name of its cell send it away, unless they must be protected, as in WPA3 (12.2.6). */
  private isFlooded(current: Heard, { deauthFloods }: Conditions): boolean {
    if (deauthFloods.length === 0 || this.signals.isProtected(this.ssid)) return false;
    const bssid = this.signals.bssid(current, this.ssid);
    return deauthFloods.some((flood) => flood.bssid === bssid);
  }
}

/** Whether anything is wrong by radio. */
const isDisturbed = ({
  accessPointsDown,
  radiosDown,
  channels,
  interference,
  deauthFloods,
}: Conditions): boolean =>
  accessPointsDown.length + radiosDown.length + channels.length + interference.length + deauthFloods.length >
  0;

const isSame = (a: RadioOf, b: RadioOf): boolean => a.accessPoint === b.accessPoint && a.band === b.band;

/** A 2.4 GHz radio keeps silent for those whom its access point hears on a higher band. */
function answering(heard: readonly Heard[]): Heard[] {
  return heard.filter(
    (one) =>
      one.band !== '2.4' ||
      !heard.some(
        (other) => other.accessPoint === one.accessPoint && other.band !== '2.4' && other.dbm >= STEER_DBM,
      ),
  );
}
