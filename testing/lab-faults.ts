/** What fails in a lab, of a device itself or in its site, and is mended again. */
import type { LabClock } from './clock.ts';
import { type FaultDetail, type FaultHandle, happeningOf, isOwnFault, type OwnFault } from './faults.ts';
import type { LabDevice } from './lab-device.ts';
import type { LabWorld } from './lab-world.ts';
import type { Recorder } from './recorder.ts';

export class LabFaults {
  private readonly world: LabWorld;
  private readonly clock: LabClock;
  private readonly recorder: Recorder;

  constructor(world: LabWorld, clock: LabClock, recorder: Recorder) {
    this.world = world;
    this.clock = clock;
    this.recorder = recorder;
  }

  /** Of this device, or null: something of the site that concerns none. */
  async begin(of: LabDevice | null, what: string, detail: FaultDetail): Promise<FaultHandle> {
    const named = { ...(of && { device: of.id }), what };
    const mend =
      of !== null && isOwnFault(what) ? await this.own(of, what, detail) : this.site(of, what, detail);
    this.recorder.add({ do: 'fail', ...named, ...(Object.keys(detail).length > 0 && { with: detail }) });
    return {
      mend: async () => {
        this.recorder.add({ do: 'mend', ...named });
        await mend();
      },
    };
  }

  /** A happening that lasts until it is mended. */
  site(of: LabDevice | null, what: string, detail: FaultDetail): () => void {
    const { kind, written } = happeningOf(what, of, detail);
    const begun = this.world.change((atMs) => this.world.conditions.begin(kind, written, atMs));
    return () => this.world.change((atMs) => begun.end(atMs));
  }

  private own(of: LabDevice, what: OwnFault, detail: FaultDetail): Promise<() => Promise<void> | void> {
    return {
      power: () => this.power(of),
      disk: async () => fullDisk(of),
      clock: async () => wrongClock(of, detail),
    }[what]();
  }

  private async power(of: LabDevice): Promise<() => Promise<void>> {
    const mendSite = this.site(of, of.kind === 'ap' ? 'access-point-down' : 'switch-down', {});
    await this.clock.during(of.stop());
    return async () => {
      mendSite();
      await of.start();
    };
  }
}

function fullDisk({ files }: LabDevice): () => void {
  files.capacityBytes = files.usedBytes;
  return () => {
    files.capacityBytes = Number.POSITIVE_INFINITY;
  };
}

function wrongClock(of: LabDevice, { offMs = 0 }: FaultDetail): () => void {
  const before = of.clockOffMs;
  of.clockOffMs = Number(offMs);
  return () => {
    of.clockOffMs = before;
  };
}
