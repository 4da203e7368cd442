/** Public entry `airherd/testing`: labs of real devices that prove themselves, fail on demand, and do it again. */
export type { Duration } from './duration.ts';
export type { Expect, Within } from './expect.ts';
export type { FaultDetail, FaultHandle } from './faults.ts';
export {
  type ApHandle,
  type ClientHandle,
  type DeviceHandle,
  type Lab,
  type SwitchHandle,
  startLab,
} from './lab.ts';
export type { LinkHandle } from './link.ts';
export type { DeviceOptions, ForeignCloud, LabOptions, WorldOptions } from './options.ts';
export type { SentPayload } from './payloads.ts';
export type { ClientOptions } from './site.ts';
