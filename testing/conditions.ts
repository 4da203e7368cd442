/** What is wrong in a lab: happenings that were written before, and those that a test makes as it goes. */

import type { ConditionsAt } from '../world/engine/network.ts';
import { type BlamedField, type Conditions, UNDISTURBED } from '../world/happenings/conditions.ts';
import { type Effect, type HappeningKind, KINDS } from '../world/happenings/kinds.ts';
import { Targets } from '../world/happenings/targets.ts';
import { Draws, hash, subSeed } from '../world/random.ts';
import type { Site } from '../world/site/model.ts';

interface Lasting {
  id: string;
  fromMs: number;
  toMs: number;
  apply: Effect['apply'];
  flapMs?: number;
}

const isBlamed = (field: string): field is BlamedField => field !== 'causes' && field !== 'blame';
const BLAMED = Object.keys(UNDISTURBED).filter(isBlamed);

export class LabConditions {
  private readonly site: Site;
  private readonly base: ConditionsAt;
  private readonly lasting: Lasting[] = [];
  private known: { tMs: number; base: Conditions; conditions: Conditions } | null = null;

  constructor(site: Site, base: ConditionsAt) {
    this.site = site;
    this.base = base;
  }

  /** From now on, until the function that it returns is called; ids of what it strikes. */
  begin(kind: HappeningKind, written: object, fromMs: number): { id: string; end(atMs: number): void } {
    const number = this.lasting.length;
    const draws = new Draws(hash(subSeed(this.site.seed, `lab ${kind}`), number));
    const { apply, flapMs } = KINDS[kind].effect(written, new Targets(this.site, draws));
    return this.change(kind, fromMs, apply, flapMs);
  }

  change(name: string, fromMs: number, apply: Effect['apply'], flapMs?: number) {
    const one: Lasting = {
      ...{ id: `${name} ${this.lasting.length}`, fromMs, toMs: Number.POSITIVE_INFINITY, apply },
      ...(flapMs !== undefined && { flapMs }),
    };
    this.lasting.push(one);
    this.known = null;
    return {
      id: one.id,
      end: (atMs: number) => {
        one.toMs = Math.min(one.toMs, atMs);
        this.known = null;
      },
    };
  }

  /** The next time after this at which something begins, ends or flaps; Infinity without one. */
  changesAfter(tMs: number): number {
    const times = this.lasting.flatMap(({ fromMs, toMs, flapMs }) => {
      const half = flapMs === undefined ? null : Math.max(1, Math.floor(flapMs / 2));
      const flap = half !== null && tMs >= fromMs && tMs < toMs ? [tMs + half - ((tMs - fromMs) % half)] : [];
      return [fromMs, toMs, ...flap];
    });
    return Math.min(Number.POSITIVE_INFINITY, ...times.filter((time) => time > tMs));
  }

  at: ConditionsAt = (tMs) => {
    const base = this.base(tMs);
    if (this.known?.tMs === tMs && this.known.base === base) return this.known.conditions;
    const inForce = this.lasting.filter((one) => isOn(one, tMs));
    const conditions = inForce.length === 0 ? base : apply(base, inForce);
    this.known = { tMs, base, conditions };
    return conditions;
  };
}

function isOn({ fromMs, toMs, flapMs }: Lasting, tMs: number): boolean {
  if (tMs < fromMs || tMs >= toMs) return false;
  if (flapMs === undefined) return true;
  return Math.floor((tMs - fromMs) / Math.max(1, Math.floor(flapMs / 2))) % 2 === 0;
}

function apply(base: Conditions, inForce: readonly Lasting[]): Conditions {
  const draft = { ...base, causes: [...base.causes] };
  for (const one of inForce) {
    const before = { ...draft };
    one.apply(draft, one.id);
    draft.causes.push(one.id);
    for (const field of BLAMED) {
      if (draft[field] !== before[field])
        draft.blame = { ...draft.blame, [field]: [...(draft.blame[field] ?? []), one.id] };
    }
  }
  return draft;
}
