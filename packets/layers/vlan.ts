import { u16 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import { FIRST_ETHERTYPE, MAX_802_3_LENGTH, protocolOfEtherType } from '../ethertype.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

/** Tag control information and the EtherType behind it; the tag's own type belongs to the layer before. */
export const VLAN_TAG = 4;

export const vlanIdOf = (b: Uint8Array, start: number): number => u16(b, start) & 0x0fff;

export interface VlanRecord {
  /** vlan.priority, vlan.dei, vlan.id */
  priority: number;
  dei: boolean;
  id: number;
  /** vlan.etype; absent before an 802.3 length. */
  etype?: number;
  /** vlan.len */
  len?: number;
}

/** One tag of IEEE 802.1Q 9.6; QinQ is a layer after a layer. */
export const vlan: Layer<VlanRecord> = {
  proto: Proto.vlan,
  dissect(d: Dissection, start: number, end: number): void {
    if (end - start < VLAN_TAG) {
      d.truncated(Proto.vlan, start, VLAN_TAG, end - start);
      return;
    }
    const payload = start + VLAN_TAG;
    const typeOrLength = u16(d.frame, start + 2);
    if (typeOrLength >= FIRST_ETHERTYPE) {
      d.push(Proto.vlan, start, payload, end);
      d.next(protocolOfEtherType(typeOrLength), payload, end);
      return;
    }
    if (typeOrLength > MAX_802_3_LENGTH) {
      d.push(Proto.vlan, start, payload, end);
      d.malformed(Proto.vlan, start + 2, 'neither a length nor a type');
      return;
    }
    const declared = Math.min(end, payload + typeOrLength);
    d.push(Proto.vlan, start, payload, declared);
    d.next(Proto.llc, payload, declared);
  },
  record(d, i) {
    const tci = u16(d.frame, d.start[i]);
    const typeOrLength = u16(d.frame, d.start[i] + 2);
    const tag = { priority: tci >> 13, dei: (tci & 0x1000) !== 0, id: tci & 0x0fff };
    return typeOrLength >= FIRST_ETHERTYPE ? { ...tag, etype: typeOrLength } : { ...tag, len: typeOrLength };
  },
};
