/**
 * Where a station goes, from how strongly it hears the access points: it joins the strongest, stays until what
 * it hears falls below −70 dBm and another is 8 dB better, and while it is in no network it scans.
 */
import type { Track } from '../association/track.ts';
import type { Being, WifiTraits } from '../beings/model.ts';
import { RadioField } from '../radio/field.ts';
import { BANDS } from '../radio/walls.ts';
import type { Band, Site } from '../site/model.ts';
import type { Act } from './acts.ts';
import { drawsOf } from './chance.ts';
import type { ConditionsAt } from './network.ts';

const LOOK_MS = 5000;
const ROAM_BELOW_DBM = -70;
const BETTER_DB = 8;
const USABLE_DBM = -82;

interface Choice {
  accessPoint: number;
  band: Band;
  dbm: number;
}

export class Deciding {
  private readonly site: Site;
  private readonly field: RadioField;
  private readonly near: Int32Array;
  private readonly conditionsAt: ConditionsAt;

  constructor(site: Site, conditionsAt: ConditionsAt) {
    this.site = site;
    this.field = new RadioField(site);
    this.near = new Int32Array(site.accessPoints.length);
    this.conditionsAt = conditionsAt;
  }

  *acts(being: Being, traits: WifiTraits, track: Track, fromMs: number, toMs: number): Generator<Act> {
    const draws = drawsOf(this.site.seed, being.index, 'decisions');
    let current: Choice | null = null;
    let scanMs = fromMs + draws.exponential(traits.burstGapMs);
    for (let tMs = fromMs + draws.integer(0, LOOK_MS); tMs < toMs; tMs += LOOK_MS) {
      if (!track.presentAt(tMs)) {
        if (current !== null) yield { kind: 'leave', tMs, announced: draws.chance(0.5) };
        current = null;
        tMs = Math.max(tMs, Math.min(track.restsUntil(tMs), toMs) - LOOK_MS);
        continue;
      }
      if (traits.ssid === null) {
        if (tMs < scanMs) continue;
        yield { kind: 'scan', tMs, answers: null };
        scanMs = tMs + draws.exponential(traits.burstGapMs);
        continue;
      }
      const heard = this.heard(being, traits, track, tMs);
      const best = heard[0];
      const now: Choice | undefined = heard.find(
        (of) => of.accessPoint === current?.accessPoint && of.band === current.band,
      );
      if (current === null || now === undefined) {
        if (current !== null) yield { kind: 'leave', tMs, announced: false };
        current = best !== undefined && best.dbm >= USABLE_DBM ? best : null;
        if (current === null) continue;
        yield { kind: 'scan', tMs, answers: current };
        yield { kind: 'join', tMs: tMs + 500, accessPoint: current.accessPoint, band: current.band };
      } else if (now.dbm < ROAM_BELOW_DBM && best.dbm >= now.dbm + BETTER_DB) {
        current = best;
        yield { kind: 'roam', tMs, accessPoint: best.accessPoint, band: best.band };
      }
    }
  }

  /** Radios of the network that it hears, the strongest first. */
  private heard(being: Being, traits: WifiTraits, track: Track, tMs: number): Choice[] {
    const place = track.positionAt(tMs);
    const floor = this.field.floorOf(place.floor);
    if (floor < 0) return [];
    const conditions = this.conditionsAt(tMs);
    const sent = {
      device: being.index,
      powerDbm: 0,
      channel: 0,
      floor,
      x: place.x,
      y: place.y,
      z: 1.1,
      heading: place.headingRad,
      sample: 0,
    };
    const choices: Choice[] = [];
    const count = this.field.near(floor, place.x, place.y, this.near);
    for (const accessPoint of this.near.subarray(0, count)) {
      const { id } = this.site.accessPoints[accessPoint];
      if (conditions.accessPointsDown.includes(id)) continue;
      for (const band of traits.bands) {
        const number = BANDS.indexOf(band);
        const powerDbm = this.field.powerDbm(accessPoint, number);
        if (Number.isNaN(powerDbm)) continue;
        choices.push({
          accessPoint,
          band,
          dbm: this.field.meanDbm(accessPoint, number, { ...sent, powerDbm }),
        });
      }
    }
    return choices.sort((a, b) => b.dbm - a.dbm || a.accessPoint - b.accessPoint);
  }
}
