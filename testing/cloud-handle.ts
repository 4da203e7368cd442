/** The cloud of a lab, as a test takes hold of it. */
import type { Cloud } from '../cloud-stub/index.ts';
import { AirherdError } from '../protocol/errors.ts';
import type { LabClock } from './clock.ts';
import { type FirmwareHandle, firmwareHandle } from './firmware.ts';
import type { LabCloud } from './lab-cloud.ts';
import type { Recorder } from './recorder.ts';

export interface CloudHandle {
  /** Where devices connect: mqtts://host:port */
  readonly url: string;
  /** The stub itself; throws while it is down, and with a cloud of yours. */
  readonly stub: Cloud;
  readonly orgId: string;
  readonly siteId: string;
  /** Where it keeps what it stores, until the lab stops. */
  readonly dir: string;
  /** Of its API. */
  readonly token: string;
  readonly firmware: FirmwareHandle;
  /** Its listeners and connections end at once; `start` brings it back with what it had stored. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** `own` is null with a cloud of yours. */
export function cloudHandle(
  own: LabCloud | null,
  {
    url,
    clock,
    recorder,
    models,
  }: {
    url: string;
    clock: LabClock;
    recorder: Recorder /** Of the lab's devices. */;
    models: readonly string[];
  },
): CloudHandle {
  const stub = (): LabCloud => {
    if (own !== null) return own;
    throw new AirherdError('usage-invalid', {
      detail: 'the cloud of this lab is yours: it is not the lab’s to start or stop',
    });
  };
  return {
    url,
    get stub() {
      return stub().cloud;
    },
    get orgId() {
      return stub().orgId;
    },
    get siteId() {
      return stub().siteId;
    },
    get dir() {
      return stub().dir;
    },
    get token() {
      return stub().token;
    },
    firmware: firmwareHandle(stub, { clock, recorder, models }),
    kill: async () => {
      recorder.add({ do: 'kill-cloud' });
      await clock.during(stub().down());
    },
    start: async () => {
      recorder.add({ do: 'start-cloud' });
      await clock.during(stub().up());
    },
  };
}
