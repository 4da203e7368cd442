/** The cloud of a lab, as a test takes hold of it. */
import type { Cloud } from '../cloud-stub/index.ts';
import { AirherdError } from '../protocol/errors.ts';
import type { ApiCall, LabApi } from './api.ts';
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
  /** A call of its API with that token; the answer's JSON. What is made this way is made in a replay, too. */
  api(call: ApiCall): Promise<unknown>;
  /** Its listeners and connections end at once; `start` brings it back with what it had stored. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** @throws AirherdError usage-invalid with a cloud of yours */
export function ownOf(cloud: LabCloud | null): LabCloud {
  if (cloud !== null) return cloud;
  throw new AirherdError('usage-invalid', {
    detail: 'the cloud of this lab is yours: it is not the lab’s to start, stop or ask',
  });
}

/** `own` is null with a cloud of yours. */
export function cloudHandle(
  own: LabCloud | null,
  {
    url,
    clock,
    recorder,
    models,
    api,
  }: {
    url: string;
    clock: LabClock;
    recorder: Recorder;
    /** Of the lab's devices. */
    models: readonly string[];
    api: LabApi;
  },
): CloudHandle {
  const stub = (): LabCloud => ownOf(own);
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
    api: (call) => api.call(call),
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
