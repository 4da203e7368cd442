import { hex } from '../bytes.ts';
import { u16le, u32le } from '../little-endian.ts';

/** High and very high throughput elements (IEEE 802.11-2020 9.4.2.55 f. and 9.4.2.157 f.). */

export interface HtCapabilitiesRecord {
  /** wlan.ht.capabilities and bits of it */
  info: number;
  ldpc: boolean;
  channelWidth40: boolean;
  /** 0 static, 1 dynamic, 3 off. */
  smPowerSave: number;
  shortGi20: boolean;
  shortGi40: boolean;
  /** wlan.ht.ampduparam */
  ampduParameters: number;
  /** Spatial streams received, from the MCS bitmap. */
  rxStreams: number;
  mcsSet: string;
  extended: number;
  beamforming: number;
  antennaSelection: number;
}

export function htCapabilitiesOf(b: Uint8Array, from: number, to: number): HtCapabilitiesRecord | undefined {
  if (from + 26 > to) return undefined;
  const info = u16le(b, from);
  let rxStreams = 0;
  for (let stream = 0; stream < 4; stream++) if (b[from + 3 + stream] !== 0) rxStreams = stream + 1;
  return {
    info,
    ldpc: (info & 0x01) !== 0,
    channelWidth40: (info & 0x02) !== 0,
    smPowerSave: (info >> 2) & 3,
    shortGi20: (info & 0x20) !== 0,
    shortGi40: (info & 0x40) !== 0,
    ampduParameters: b[from + 2],
    rxStreams,
    mcsSet: hex(b, from + 3, from + 19),
    extended: u16le(b, from + 19),
    beamforming: u32le(b, from + 21),
    antennaSelection: b[from + 25],
  };
}

export interface HtOperationRecord {
  /** wlan.ht.info.primarychannel, .secchanoffset (0 none, 1 above, 3 below), .chanwidth */
  primaryChannel: number;
  secondaryOffset: number;
  channelWidthAny: boolean;
  rifs: boolean;
  /** wlan.ht.info.operatingmode */
  protection: number;
  nonGreenfieldPresent: boolean;
}

export const htOperationOf = (b: Uint8Array, from: number, to: number): HtOperationRecord | undefined =>
  from + 22 > to
    ? undefined
    : {
        primaryChannel: b[from],
        secondaryOffset: b[from + 1] & 3,
        channelWidthAny: (b[from + 1] & 0x04) !== 0,
        rifs: (b[from + 1] & 0x08) !== 0,
        protection: b[from + 2] & 3,
        nonGreenfieldPresent: (b[from + 2] & 0x04) !== 0,
      };

/** wlan.secchanoffset */
export const secondaryChannelOf = (
  b: Uint8Array,
  from: number,
  to: number,
): { secondaryOffset: number } | undefined => (from < to ? { secondaryOffset: b[from] } : undefined);

/** Streams of a map of two bits each, 3 meaning none. */
export function streamsOf(map: number): number {
  let streams = 0;
  for (let k = 0; k < 8; k++) if (((map >> (2 * k)) & 3) !== 3) streams = k + 1;
  return streams;
}

export interface VhtCapabilitiesRecord {
  /** wlan.vht.capabilities and bits of it */
  info: number;
  maxMpduLength: number;
  /** 0 neither, 1 160 MHz, 2 160 and 80+80. */
  channelWidthSet: number;
  shortGi80: boolean;
  shortGi160: boolean;
  suBeamformer: boolean;
  suBeamformee: boolean;
  muBeamformer: boolean;
  muBeamformee: boolean;
  /** wlan.vht.mcsset.rxmcsmap, wlan.vht.mcsset.txmcsmap */
  rxMcsMap: number;
  txMcsMap: number;
  rxStreams: number;
  txStreams: number;
}

const MAX_MPDU = [3895, 7991, 11454, 0] as const;

export function vhtCapabilitiesOf(
  b: Uint8Array,
  from: number,
  to: number,
): VhtCapabilitiesRecord | undefined {
  if (from + 12 > to) return undefined;
  const info = u32le(b, from);
  const rxMcsMap = u16le(b, from + 4);
  const txMcsMap = u16le(b, from + 8);
  return {
    info,
    maxMpduLength: MAX_MPDU[info & 3],
    channelWidthSet: (info >> 2) & 3,
    shortGi80: (info & 0x20) !== 0,
    shortGi160: (info & 0x40) !== 0,
    suBeamformer: (info & 0x800) !== 0,
    suBeamformee: (info & 0x1000) !== 0,
    muBeamformer: (info & 0x8_0000) !== 0,
    muBeamformee: (info & 0x10_0000) !== 0,
    rxMcsMap,
    txMcsMap,
    rxStreams: streamsOf(rxMcsMap),
    txStreams: streamsOf(txMcsMap),
  };
}

export interface VhtOperationRecord {
  /** wlan.vht.op.channelwidth (0 is 20 or 40 MHz, 1 is 80 and more), .channelcenter0, .channelcenter1 */
  channelWidth: number;
  channelCenter0: number;
  channelCenter1: number;
  basicMcsMap: number;
}

export const vhtOperationOf = (b: Uint8Array, from: number, to: number): VhtOperationRecord | undefined =>
  from + 5 > to
    ? undefined
    : {
        channelWidth: b[from],
        channelCenter0: b[from + 1],
        channelCenter1: b[from + 2],
        basicMcsMap: u16le(b, from + 3),
      };

/** 9.4.2.160; also the subelement of channel switch wrappers and neighbour reports. */
export const wideBandwidthSwitchOf = (
  b: Uint8Array,
  from: number,
  to: number,
): { channelWidth: number; channelCenter0: number; channelCenter1: number } | undefined =>
  from + 3 > to
    ? undefined
    : { channelWidth: b[from], channelCenter0: b[from + 1], channelCenter1: b[from + 2] };

/** wlan.vht.tpe.*: powers in half dBm. */
export const transmitPowerEnvelopeOf = (
  b: Uint8Array,
  from: number,
  to: number,
): { count: number; interpretation: number; category: number; powers: string } | undefined =>
  from < to
    ? {
        count: b[from] & 7,
        interpretation: (b[from] >> 3) & 7,
        category: b[from] >> 6,
        powers: hex(b, from + 1, to),
      }
    : undefined;

/** wlan.vht.op_mode_notif */
export const operatingModeOf = (
  b: Uint8Array,
  from: number,
  to: number,
): { channelWidth: number; rxStreams: number; rxStreamsType: boolean } | undefined =>
  from < to
    ? {
        channelWidth: b[from] & 3,
        rxStreams: ((b[from] >> 4) & 7) + 1,
        rxStreamsType: (b[from] & 0x80) !== 0,
      }
    : undefined;
