import { hex, macText, text, u16, u32 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

/** BPDU types and protocol versions, IEEE 802.1Q-2018 14.4. */
const TYPE_CONFIGURATION = 0x00;
const TYPE_RAPID = 0x02;
const TYPE_TOPOLOGY_CHANGE = 0x80;
const VERSION_MSTP = 3;

const TCN_LENGTH = 4;
const CONFIGURATION_LENGTH = 35;
const RAPID_LENGTH = 36;
/** Version 1 and 3 lengths, then MST configuration, internal root and bridge, hops. */
const MST_FIXED = 102;
const MSTI_LENGTH = 16;

export interface BridgeId {
  /** stp.root.prio, stp.root.ext, stp.root.hw */
  priority: number;
  extension: number;
  mac: string;
}

export interface StpRecord {
  /** stp.protocol, stp.version, stp.type */
  protocol: number;
  version: number;
  type: number;
  /** stp.flags: 0x01 topology change, 0x3c role, learning, forwarding, 0x40 agreement, 0x80 acknowledgement. */
  flags?: number;
  root?: BridgeId;
  rootPathCost?: number;
  bridge?: BridgeId;
  /** stp.port */
  port?: number;
  /** stp.msg_age, stp.max_age, stp.hello, stp.forward in seconds */
  messageAge?: number;
  maxAge?: number;
  hello?: number;
  forward?: number;
  mst?: {
    configName: string;
    revision: number;
    digest: string;
    internalRootPathCost: number;
    bridge: BridgeId;
    remainingHops: number;
    instances: { flags: number; regionalRoot: BridgeId; rootPathCost: number; remainingHops: number }[];
  };
  /** Cisco's per-VLAN trees: the VLAN that the sender means. */
  originatingVlan?: number;
}

const bridgeIdOf = (b: Uint8Array, at: number): BridgeId => ({
  priority: u16(b, at) & 0xf000,
  extension: u16(b, at) & 0x0fff,
  mac: macText(b, at + 2),
});

/** Times are in units of 1/256 s. */
const seconds = (b: Uint8Array, at: number): number => u16(b, at) / 256;

function neededLength(b: Uint8Array, start: number, available: number): number {
  if (available < TCN_LENGTH) return TCN_LENGTH;
  switch (b[start + 3]) {
    case TYPE_TOPOLOGY_CHANGE:
      return TCN_LENGTH;
    case TYPE_RAPID:
      return RAPID_LENGTH;
    default:
      return CONFIGURATION_LENGTH;
  }
}

const isMst = (b: Uint8Array, start: number, end: number): boolean =>
  b[start + 3] === TYPE_RAPID && b[start + 2] >= VERSION_MSTP && start + MST_FIXED <= end;

/** Offset of the per-VLAN TLV (type 0, length 2) behind a configuration or rapid BPDU, or −1. */
function pvstVlan(b: Uint8Array, start: number, end: number): number {
  const tlv = start + (b[start + 3] === TYPE_RAPID ? RAPID_LENGTH : CONFIGURATION_LENGTH);
  // Configuration BPDUs are padded by a byte, whose place rapid ones use for the version 1 length.
  for (let at = tlv; at <= tlv + 1; at++) {
    if (at + 6 <= end && u16(b, at) === 0 && u16(b, at + 2) === 2) return at + 4;
  }
  return -1;
}

/** Spanning tree, rapid and multiple (IEEE 802.1D-2004 clause 9, 802.1Q-2018 clause 14). */
export const stp: Layer<StpRecord> = {
  proto: Proto.stp,
  dissect(d: Dissection, start: number, end: number): void {
    const b = d.frame;
    const available = end - start;
    const needed = neededLength(b, start, available);
    if (available < needed) {
      d.truncated(Proto.stp, start, needed, available);
      return;
    }
    if (u16(b, start) !== 0) {
      d.malformed(Proto.stp, start, 'protocol identifier is not 0');
      return;
    }
    const type = b[start + 3];
    if (type !== TYPE_CONFIGURATION && type !== TYPE_RAPID && type !== TYPE_TOPOLOGY_CHANGE) {
      d.malformed(Proto.stp, start + 3, 'no such type');
      return;
    }
    let bpduEnd = start + needed;
    if (isMst(b, start, end)) {
      // The version 3 length counts from the MST configuration on.
      const declared = start + RAPID_LENGTH + 2 + u16(b, start + RAPID_LENGTH);
      bpduEnd = Math.min(end, Math.max(declared, start + MST_FIXED));
    } else if (type !== TYPE_TOPOLOGY_CHANGE) {
      const vlan = pvstVlan(b, start, end);
      if (vlan >= 0) bpduEnd = vlan + 2;
    }
    d.push(Proto.stp, start, bpduEnd, bpduEnd);
  },
  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const end = d.end[i];
    const record: StpRecord = { protocol: u16(b, start), version: b[start + 2], type: b[start + 3] };
    if (record.type === TYPE_TOPOLOGY_CHANGE) return record;
    record.flags = b[start + 4];
    record.root = bridgeIdOf(b, start + 5);
    record.rootPathCost = u32(b, start + 13);
    record.bridge = bridgeIdOf(b, start + 17);
    record.port = u16(b, start + 25);
    record.messageAge = seconds(b, start + 27);
    record.maxAge = seconds(b, start + 29);
    record.hello = seconds(b, start + 31);
    record.forward = seconds(b, start + 33);
    if (isMst(b, start, end)) record.mst = mstOf(b, start, end);
    else {
      const vlan = pvstVlan(b, start, end);
      if (vlan >= 0) record.originatingVlan = u16(b, vlan);
    }
    return record;
  },
};

function mstOf(b: Uint8Array, start: number, end: number): StpRecord['mst'] {
  const instances: NonNullable<StpRecord['mst']>['instances'] = [];
  for (let at = start + MST_FIXED; at + MSTI_LENGTH <= end; at += MSTI_LENGTH) {
    instances.push({
      flags: b[at],
      regionalRoot: bridgeIdOf(b, at + 1),
      rootPathCost: u32(b, at + 9),
      remainingHops: b[at + 15],
    });
  }
  return {
    configName: text(b, start + 39, start + 71),
    revision: u16(b, start + 71),
    digest: hex(b, start + 73, start + 89),
    internalRootPathCost: u32(b, start + 89),
    bridge: bridgeIdOf(b, start + 93),
    remainingHops: b[start + 101],
    instances,
  };
}
