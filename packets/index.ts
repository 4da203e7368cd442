/** Public entry `airherd/packets`: bytes to records, pure. */
export { dissect } from './dissect.ts';
export { Dissection, type Fault, type FaultKind, MAX_LAYERS } from './dissection.ts';
export type { Layer } from './layer.ts';
export { LinkType } from './linktype.ts';
export type { Advertisement } from './observe/ble-devices.ts';
export type { Derive, FrameMeta } from './observe/frame-meta.ts';
export { loadManufacturers, type ManufacturerOf, manufacturerLookup } from './observe/manufacturer.ts';
export {
  type Changes,
  type FaultCount,
  Observer,
  type ObserverOptions,
  type ObserverTotals,
} from './observe/observer.ts';
export type * from './observe/records.ts';
export type { RssiSummary } from './observe/rssi.ts';
export type { CaptureInterface, Frame } from './pcap/frame.ts';
export type { CaptureOutcome } from './pcap/outcome.ts';
export { OutputBuffer } from './pcap/output.ts';
export { PcapWriter, type PcapWriterOptions } from './pcap/pcap-writer.ts';
export { type PcapngFrameOptions, type PcapngInterfaceOptions, PcapngWriter } from './pcap/pcapng-writer.ts';
export { CaptureReader } from './pcap/reader.ts';
export { Proto, protoName } from './protocols.ts';
export { layerOf } from './registry.ts';
export { flagsText } from './slice/flags.ts';
export { CONTROL_PROTOCOLS, SLICE_MODES, type SliceOptions, STRICT } from './slice/options.ts';
export { Slicer } from './slice/slicer.ts';
