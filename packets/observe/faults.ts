import type { Dissection, FaultKind } from '../dissection.ts';

export interface FaultCount {
  layer: string;
  kind: FaultKind;
  frames: number;
}

/** Frames that could not be taken apart to their end, by what was wrong. */
export class Faults {
  private readonly counts = new Map<string, FaultCount>();

  count(d: Dissection): void {
    if (d.faultKind === null || d.fault === null) return;
    const { layer, kind } = d.fault;
    const key = `${layer} ${kind}`;
    const known = this.counts.get(key);
    if (known !== undefined) known.frames++;
    else this.counts.set(key, { layer, kind, frames: 1 });
  }

  all(): FaultCount[] {
    return [...this.counts.values()].map((fault) => ({ ...fault }));
  }
}
