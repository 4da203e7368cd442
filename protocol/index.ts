export * from './codec.ts';
export * from './errors.ts';
export type { ClockQuality, Envelope, Gap } from './messages/envelope.ts';
export type { DownMessage, UpMessage } from './messages/registry.ts';
export { packRssi, type RssiSample, unpackRssi } from './messages/rssi.ts';
export * from './privacy.ts';
export * from './proof.ts';
export * from './topics.ts';
