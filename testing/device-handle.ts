/** An access point or switch of a lab, as a test takes hold of it. */
import type { LabClock } from './clock.ts';
import type { FaultDetail, FaultHandle } from './faults.ts';
import type { LabDevice } from './lab-device.ts';
import type { LabFaults } from './lab-faults.ts';
import type { LinkHandle } from './link.ts';
import type { Recorder } from './recorder.ts';

export interface DeviceHandle {
  /** As the site has it: ap0, sw-f0. */
  readonly id: string;
  readonly serial: string;
  readonly state: string;
  readonly link: LinkHandle;
  /** Something fails, for this device where it can be for one: see docs/testing.md for the names. */
  fail(what: string, detail?: FaultDetail): Promise<FaultHandle>;
  /** Power off and on: what was only in its memory is gone. */
  restart(): Promise<void>;
}
export type ApHandle = DeviceHandle;
export type SwitchHandle = DeviceHandle;

export function deviceHandle(
  of: LabDevice,
  { faults, clock, recorder }: { faults: LabFaults; clock: LabClock; recorder: Recorder },
): DeviceHandle {
  return {
    id: of.id,
    serial: of.identity.serial,
    get state() {
      return of.state;
    },
    link: of.link,
    fail: (what, detail = {}) => faults.begin(of, what, detail),
    restart: async () => {
      recorder.add({ do: 'restart', device: of.id });
      await clock.during(of.stop());
      await of.start();
    },
  };
}
