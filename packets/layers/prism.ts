import { text, u32 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import type { Layer } from '../layer.ts';
import { u16le, u32le } from '../little-endian.ts';
import { Proto } from '../protocols.ts';

/** Message code, length, device name; then ten items of 12 bytes. */
const FIXED = 24;
const ITEM = 12;
const PRISM_LENGTH = 144;
const AVS_MAGIC = 0x80211001;
const AVS_MAGIC_MASK = 0xfffff000;

/** Items in the order of their numbers, which count from 1. */
const ITEMS = [
  'hostTime',
  'macTime',
  'channel',
  'rssi',
  'signalQuality',
  'signal',
  'noise',
  'rate',
  'isTx',
  'frameLength',
] as const;

export type PrismRecord = {
  /** prism.msgcode, prism.msglen, prism.devname */
  messageCode: number;
  messageLength: number;
  device: string;
} & {
  /** prism.did.* of the items that are marked as supplied; signed. Rate is in units of 500 kb/s. */
  [name in (typeof ITEMS)[number]]?: number;
};

/** The number stands in the upper half of the identifier (wlan-ng), or in its fourth digit (hostap). */
const itemIndex = (id: number): number => (id >= 0x1_0000 ? id >>> 16 : id >>> 12) - 1;

/** Prism II driver header, LINKTYPE_IEEE802_11_PRISM; some drivers write AVS' header there instead. */
export const prism: Layer<PrismRecord> = {
  proto: Proto.prism,
  dissect(d: Dissection, start: number, end: number): void {
    const b = d.frame;
    const available = end - start;
    if (available < 8) {
      d.truncated(Proto.prism, start, 8, available);
      return;
    }
    // Same test as that of the tcpdump registry's note on this link type.
    if ((u32(b, start) & AVS_MAGIC_MASK) >>> 0 === (AVS_MAGIC & AVS_MAGIC_MASK) >>> 0) {
      d.next(Proto.avs, start, end);
      return;
    }
    const length = u32le(b, start + 4);
    if (length < FIXED) {
      d.malformed(Proto.prism, start + 4, 'length below the fixed part');
      return;
    }
    if (available < length) {
      d.truncated(Proto.prism, start, length, available);
      return;
    }
    d.push(Proto.prism, start, start + length, end);
    d.next(Proto.ieee80211, start + length, end);
  },
  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const record: PrismRecord = {
      messageCode: u32le(b, start),
      messageLength: u32le(b, start + 4),
      device: text(b, start + 8, start + FIXED),
    };
    const end = Math.min(d.headerEnd[i], start + PRISM_LENGTH);
    for (let at = start + FIXED; at + ITEM <= end; at += ITEM) {
      const index = itemIndex(u32le(b, at));
      // Status 0 means supplied.
      if (index >= 0 && index < ITEMS.length && u16le(b, at + 4) === 0)
        record[ITEMS[index]] = u32le(b, at + 8) | 0;
    }
    return record;
  },
};
