/** The library: a device, a cloud, their identities, and the real platform to run them on. */
export * from './agent/index.ts';
export { type Authority, createAuthority, loadAuthority } from './certs/authority.ts';
export { type DeviceKind, type Identity, loadIdentity, saveIdentity } from './certs/identity.ts';
export { type ManufactureOptions, manufacture } from './certs/manufacture.ts';
export { type RegistryEntry, registryEntryOf } from './certs/registry-entry.ts';
export * from './cloud-stub/index.ts';
export { CaptureFileSource } from './platform/node/capture-file.ts';
export { nodeClock } from './platform/node/clock.ts';
export { nodeDialer } from './platform/node/dial.ts';
export { nodeFiles } from './platform/node/files.ts';
export { nodeListener } from './platform/node/listen.ts';
export { nodeRandom } from './platform/node/random.ts';
export type { Clock, Timer } from './platform/ports/clock.ts';
export type { CapturedFrame, Source, SourceCounts } from './platform/ports/source.ts';
