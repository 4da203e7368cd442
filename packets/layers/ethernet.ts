import { macText, u16 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import { FIRST_ETHERTYPE, MAX_802_3_LENGTH, protocolOfEtherType } from '../ethertype.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

export const ETHERNET_HEADER = 14;

/** Where the addresses stand, from the start of the layer; `macText(frame, start + DESTINATION)` prints one. */
export const DESTINATION = 0;
export const SOURCE = 6;
export const etherTypeOf = (b: Uint8Array, start: number): number => u16(b, start + 12);

export interface EthernetRecord {
  /** eth.dst, eth.src */
  dst: string;
  src: string;
  /** eth.type; absent in an 802.3 frame. */
  type?: number;
  /** eth.len of an 802.3 frame, bytes of LLC and payload. */
  len?: number;
}

/** Ethernet II and 802.3 (IEEE 802.3 3.2). */
export const ethernet: Layer<EthernetRecord> = {
  proto: Proto.ethernet,
  dissect(d: Dissection, start: number, end: number): void {
    if (end - start < ETHERNET_HEADER) {
      d.truncated(Proto.ethernet, start, ETHERNET_HEADER, end - start);
      return;
    }
    const payload = start + ETHERNET_HEADER;
    const typeOrLength = etherTypeOf(d.frame, start);
    if (typeOrLength >= FIRST_ETHERTYPE) {
      d.push(Proto.ethernet, start, payload, end);
      d.next(protocolOfEtherType(typeOrLength), payload, end);
      return;
    }
    // 1501..1535 is neither a length nor a type.
    if (typeOrLength > MAX_802_3_LENGTH) {
      d.push(Proto.ethernet, start, payload, end);
      d.malformed(Proto.ethernet, start + 12, 'neither a length nor a type');
      return;
    }
    const declared = Math.min(end, payload + typeOrLength);
    d.push(Proto.ethernet, start, payload, declared);
    d.next(Proto.llc, payload, declared);
  },
  record(d, i) {
    const start = d.start[i];
    const addresses = { dst: macText(d.frame, start + DESTINATION), src: macText(d.frame, start + SOURCE) };
    const typeOrLength = etherTypeOf(d.frame, start);
    return typeOrLength >= FIRST_ETHERTYPE
      ? { ...addresses, type: typeOrLength }
      : { ...addresses, len: typeOrLength };
  },
};
