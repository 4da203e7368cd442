/**
 * What a client of a lab does, by where it is and what it wants at each instant. Unlike a being of the seed's it
 * joins within a second of being told to, so that a test need not wait; when and where it roams follows the same
 * rule (−70 dBm, 8 dB better).
 */
import type { Act, RadioOf } from '../world/association/acts.ts';
import { type Heard, Signals } from '../world/association/signals.ts';
import type { Being, WifiTraits } from '../world/beings/model.ts';
import type { Lifetimes } from '../world/life/lifetimes.ts';
import type { RadioField } from '../world/radio/field.ts';
import type { Site } from '../world/site/model.ts';
import type { LabConditions } from './conditions.ts';
import type { Walk } from './walk.ts';

const JOIN_AFTER_MS = 500;
const LOOK_MS = 1000;
/** Nothing heard: it looks again after so long. */
const RETRY_MS = 5000;
const USABLE_DBM = -82;
const LOST_DBM = -88;
const TRIGGER_DBM = -70;
const BETTER_DB = 8;

export interface LiveActs {
  site: Site;
  field: RadioField;
  conditions: LabConditions;
  lifetimes: Lifetimes;
}

export function* liveActs(
  { site, field, conditions, lifetimes }: LiveActs,
  { being, traits, ssid, walk }: { being: Being; traits: WifiTraits; ssid: string; walk: Walk },
  fromMs: number,
  toMs: number,
): Generator<Act> {
  const signals = new Signals(site, field);
  const bands = signals.bandsOf(traits);
  const hears = (tMs: number): Heard[] =>
    signals.all(being, bands, walk.positionAt(tMs), tMs, conditions.at(tMs), USABLE_DBM);
  // The first that is best; a client that stands still has no reason to prefer another.
  let current: Heard | null = null;
  let stay = -1;
  let life = lifetimes.at(being.index, fromMs);
  let tMs = life.fromMs;
  while (tMs < toMs) {
    if (tMs >= life.toMs) {
      // As all sessions of a site: once a night, so that a run may begin on any day.
      if (current !== null) yield { kind: 'leave', tMs, announced: true, reason: 'session-timeout' };
      current = null;
      life = lifetimes.at(being.index, tMs);
      tMs += 100;
    }
    const wants = walk.wantsAt(tMs) === ssid;
    if (!wants || (current !== null && walk.stayAt(tMs) !== stay)) {
      if (current !== null) yield { kind: 'leave', tMs, announced: true, reason: 'away' };
      current = null;
      if (!wants) {
        tMs = walk.changesAfter(tMs);
        life = Number.isFinite(tMs) ? lifetimes.at(being.index, tMs) : life;
        continue;
      }
      tMs += 50;
    }
    if (current === null) {
      const [best] = hears(tMs);
      yield { kind: 'scan', tMs, answers: best ?? null };
      if (best === undefined) {
        tMs = Math.min(tMs + RETRY_MS, Math.max(tMs + 1, walk.changesAfter(tMs)));
        continue;
      }
      tMs += JOIN_AFTER_MS;
      yield { kind: 'join', tMs, ...radioOf(best) };
      current = best;
      stay = walk.stayAt(tMs);
      tMs += LOOK_MS;
      continue;
    }
    const dbm = signals.of(being, current, walk.positionAt(tMs), tMs, conditions.at(tMs));
    const bssid = signals.bssid(current, ssid);
    const isFlooded = conditions.at(tMs).deauthFloods.some((flood) => flood.bssid === bssid);
    if (dbm < LOST_DBM || (isFlooded && !signals.isProtected(ssid))) {
      yield { kind: 'leave', tMs, announced: false, reason: isFlooded ? 'deauthenticated' : 'lost' };
      current = null;
      tMs += LOOK_MS;
      continue;
    }
    if (dbm < TRIGGER_DBM) {
      const better = hears(tMs).find((one) => one.dbm >= dbm + BETTER_DB);
      if (better !== undefined) {
        yield { kind: 'roam', tMs, ...radioOf(better) };
        current = better;
        tMs += LOOK_MS;
        continue;
      }
    }
    const isMoving = walk.isWalkingAt(tMs);
    const next = Math.min(walk.changesAfter(tMs), conditions.changesAfter(tMs), life.toMs);
    // At rest nothing changes by itself, but chance: what is heard at the edge comes and goes.
    const lookMs = isMoving || isFlooded ? LOOK_MS : RETRY_MS * 12;
    tMs = Math.max(tMs + 1, Math.min(tMs + lookMs, next));
  }
}

const radioOf = ({ accessPoint, band }: RadioOf): RadioOf => ({ accessPoint, band });
