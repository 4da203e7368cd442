/** What was done and expected in a lab, as a scenario that does it again. */
import type { LabClock } from './clock.ts';
import type { LabOptions } from './options.ts';

export type Step = Readonly<Record<string, unknown>>;

export class Recorder {
  private readonly clock: LabClock;
  private readonly steps: Record<string, unknown>[] = [];
  private startMs: number;

  constructor(clock: LabClock) {
    this.clock = clock;
    this.startMs = clock.monoMs();
  }

  /** Times are counted from here on: the lab has started. */
  begin(): void {
    this.startMs = this.clock.monoMs();
  }

  /** Returns what was noted: what is known only when the step is over can be added to it. */
  add(step: Step): Record<string, unknown> {
    const noted = { at: `${Math.round(this.clock.monoMs() - this.startMs)}ms`, ...step };
    this.steps.push(noted);
    return noted;
  }

  scenario(name: string, options: LabOptions & { seed: number; startMs: number }): object {
    const { seed, startMs, cloud, broker, aps, switches, clients, ssids, world, faults, privacyClasses } =
      options;
    return {
      scenario: name,
      seed,
      ...(this.clock.isVirtual ? { start: new Date(startMs).toISOString() } : { clock: 'real' }),
      ...Object.fromEntries(
        Object.entries({
          cloud,
          broker,
          aps,
          switches,
          clients,
          ssids,
          world,
          faults,
          privacyClasses,
        }).filter(([, value]) => value !== undefined),
      ),
      timeline: [...this.steps],
    };
  }
}
