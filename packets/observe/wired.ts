import { u16 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import { SOURCE } from '../layers/ethernet.ts';
import { vlanIdOf } from '../layers/vlan.ts';
import { Proto } from '../protocols.ts';
import type { Derive, FrameMeta } from './frame-meta.ts';
import type { HostTable } from './host-table.ts';
import { observeUpper } from './upper.ts';

/** Offsets of the "cooked" headers of Linux captures (LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2). */
const SLL_HARDWARE_TYPE = 2;
const SLL_ADDRESS_LENGTH = 4;
const SLL_ADDRESS = 6;
const SLL2_HARDWARE_TYPE = 8;
const SLL2_ADDRESS_LENGTH = 11;
const SLL2_ADDRESS = 12;
const ARPHRD_ETHER = 1;
const MAC_BYTES = 6;

/** Offset of the sender's MAC address in layer 0, or −1 where its header has none. */
export function senderOffset(d: Dissection): number {
  const start = d.start[0];
  const b = d.frame;
  switch (d.proto[0]) {
    case Proto.ethernet:
      return start + SOURCE;
    case Proto.linuxSll:
      return u16(b, start + SLL_HARDWARE_TYPE) === ARPHRD_ETHER &&
        u16(b, start + SLL_ADDRESS_LENGTH) === MAC_BYTES
        ? start + SLL_ADDRESS
        : -1;
    case Proto.linuxSll2:
      return u16(b, start + SLL2_HARDWARE_TYPE) === ARPHRD_ETHER &&
        b[start + SLL2_ADDRESS_LENGTH] === MAC_BYTES
        ? start + SLL2_ADDRESS
        : -1;
    default:
      return -1;
  }
}

/** A frame on a wire: its sender is a host on that port. VLAN is that of the outermost tag. */
export function observeWired(
  hosts: HostTable,
  derive: Derive,
  d: Dissection,
  source: number,
  meta: FrameMeta,
): void {
  const host = hosts.transmitter(d.frame, source, meta.number, meta.timeMs);
  if (host === null) return;
  const isTagged = d.count > 1 && d.proto[1] === Proto.vlan;
  // VID 0 is a priority tag without a VLAN (IEEE 802.1Q 9.6).
  const vlan = (isTagged && vlanIdOf(d.frame, d.start[1])) || -1;
  host.seenOn(meta.interfaceName, vlan, meta.number, meta.timeMs);
  if (d.count > 1) observeUpper(hosts, derive, d, 1, host, source, meta);
}
