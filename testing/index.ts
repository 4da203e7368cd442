/** Public entry `airherd/testing`: labs of real devices that prove themselves, fail on demand, and do it again. */
export type { ApiCall, ApiWanted } from './api.ts';
export type { BrokerHandle } from './broker-handle.ts';
export type { BrokerName } from './brokers/kinds.ts';
export type { ClientHandle } from './client-handle.ts';
export type { CloudHandle } from './cloud-handle.ts';
export type { DeviceCopy } from './device-copy.ts';
export type { ApHandle, DeviceHandle, SwitchHandle } from './device-handle.ts';
export type { Duration } from './duration.ts';
export type { Expect } from './expect/expect.ts';
export type { Within } from './expect/wait.ts';
export type { FaultDetail, FaultHandle } from './faults.ts';
export type { FirmwareHandle, RollOutOptions } from './firmware.ts';
export { type Lab, startLab } from './lab.ts';
export type { LinkHandle } from './link.ts';
export type { ClientOptions, DeviceOptions, ForeignCloud, LabOptions, WorldOptions } from './options.ts';
export type { SentPayload } from './payloads.ts';
