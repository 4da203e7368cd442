/** An access point or switch of a lab, as a test takes hold of it. */

import { rotatedIdentity } from '../certs/rotate.ts';
import { nodeRandom } from '../platform/node/random.ts';
import { AirherdError, type ErrorCode } from '../protocol/errors.ts';
import { FACTORY_KEY_LENGTH } from '../protocol/proof.ts';
import type { LabClock } from './clock.ts';
import { type DeviceCopy, deviceCopy } from './device-copy.ts';
import type { FaultDetail, FaultHandle } from './faults.ts';
import type { LabDevice } from './lab-device.ts';
import type { LabFaults } from './lab-faults.ts';
import type { LinkHandle, Links } from './link.ts';
import type { Recorder } from './recorder.ts';
import type { Target } from './target.ts';

const KEYS_ARE_YOURS = 'the cloud of this lab is yours: it is not the lab’s to give it another key';

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
  /** Certificate, key and factory key as they are now, in somebody else's hands. */
  copy(): DeviceCopy;
  /** Another factory key by hand, as after a leak: in the registry first, then in the device, which starts anew. */
  replaceKey(): Promise<void>;
}
export type ApHandle = DeviceHandle;
export type SwitchHandle = DeviceHandle;

export function deviceHandle(
  of: LabDevice,
  {
    faults,
    clock,
    links,
    recorder,
    target,
  }: { faults: LabFaults; clock: LabClock; links: Links; recorder: Recorder; target: Target },
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
    copy: () => {
      recorder.add({ do: 'copy', device: of.id });
      const { dialer } = links.of(`copy of ${of.id}`, () => undefined);
      const note = (code: ErrorCode | null) =>
        recorder.add({
          ...{ expect: code === null ? 'copy-accepted' : 'copy-refused', device: of.id },
          ...(code !== null && { code }),
        });
      return deviceCopy(of.identity, { clock, dialer, target, note });
    },
    replaceKey: async () => {
      recorder.add({ do: 'replace-key', device: of.id });
      if (target.cloud === null) throw new AirherdError('usage-invalid', { detail: KEYS_ARE_YOURS });
      const rotated = rotatedIdentity(of.identity, nodeRandom.bytes(FACTORY_KEY_LENGTH));
      target.cloud.replaceKey(rotated);
      of.identity = rotated;
      await clock.during(of.stop());
      await of.start();
    },
  };
}
