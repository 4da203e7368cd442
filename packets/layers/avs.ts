import { u32, u64 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

const FIXED = 64;
const MAGIC_PREFIX = 0x80211;

export interface AvsRecord {
  /** wlancap.version, wlancap.length, wlancap.mactime, wlancap.hosttime */
  version: number;
  length: number;
  macTime: string;
  hostTime: string;
  phyType: number;
  channel: number;
  /** Units of 100 kb/s. */
  dataRate: number;
  antenna: number;
  priority: number;
  /** 0 none, 1 normalized, 2 dBm, 3 raw. */
  ssiType: number;
  ssiSignal: number;
  ssiNoise: number;
  preamble: number;
  encoding: number;
}

/** AVS capture header, LINKTYPE_IEEE802_11_AVS; big-endian. */
export const avs: Layer<AvsRecord> = {
  proto: Proto.avs,
  dissect(d: Dissection, start: number, end: number): void {
    const b = d.frame;
    const available = end - start;
    if (available < FIXED) {
      d.truncated(Proto.avs, start, FIXED, available);
      return;
    }
    const length = u32(b, start + 4);
    if (u32(b, start) >>> 12 !== MAGIC_PREFIX) {
      d.malformed(Proto.avs, start, 'no AVS magic');
      return;
    }
    if (length < FIXED) {
      d.malformed(Proto.avs, start + 4, 'length below the fixed part');
      return;
    }
    if (available < length) {
      d.truncated(Proto.avs, start, length, available);
      return;
    }
    d.push(Proto.avs, start, start + length, end);
    d.next(Proto.ieee80211, start + length, end);
  },
  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    return {
      version: u32(b, start) & 0xfff,
      length: u32(b, start + 4),
      macTime: u64(b, start + 8).toString(),
      hostTime: u64(b, start + 16).toString(),
      phyType: u32(b, start + 24),
      channel: u32(b, start + 28),
      dataRate: u32(b, start + 32),
      antenna: u32(b, start + 36),
      priority: u32(b, start + 40),
      ssiType: u32(b, start + 44),
      ssiSignal: u32(b, start + 48) | 0,
      ssiNoise: u32(b, start + 52) | 0,
      preamble: u32(b, start + 56),
      encoding: u32(b, start + 60),
    };
  },
};
