import { u16, u24 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import { FIRST_ETHERTYPE, protocolOfEtherType } from '../ethertype.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

/** Service access points (IEEE 802.2 annex B and the registration authority). */
const SAP_STP = 0x42;
const SAP_IP = 0x06;
const SAP_SNAP = 0xaa;
const SAP_RAW_IPX = 0xff;

const UNNUMBERED_INFORMATION = 0x03;

const OUI_ETHERTYPE = 0x000000;
/** RFC 1042's other reading: 802.1H bridge tunnel encapsulation. */
const OUI_BRIDGE_TUNNEL = 0x0000f8;
const OUI_CISCO = 0x00000c;
const OUI_EXTREME = 0x00e02b;
const OUI_802_1 = 0x0080c2;

const PID_CDP = 0x2000;
const PID_PVST = 0x010b;
const PID_EDP = 0x00bb;
const PID_BRIDGED_ETHERNET_WITHOUT_FCS = 0x0007;
const PID_BRIDGED_BPDU = 0x000e;

const LLC_UNNUMBERED = 3;
const LLC_NUMBERED = 4;
const LLC_SNAP = 8;

export interface LlcRecord {
  /** llc.dsap, llc.ssap, llc.control (two bytes in I and S frames, little-endian) */
  dsap: number;
  ssap: number;
  control: number;
  /** llc.oui and llc.pid, or llc.type where the organisation is 00-00-00. */
  oui?: number;
  pid?: number;
  type?: number;
}

const isSnap = (b: Uint8Array, start: number): boolean =>
  b[start] === SAP_SNAP && b[start + 1] === SAP_SNAP && b[start + 2] === UNNUMBERED_INFORMATION;

function protocolOfSnap(oui: number, pid: number): number {
  switch (oui) {
    case OUI_ETHERTYPE:
    case OUI_BRIDGE_TUNNEL:
      return pid >= FIRST_ETHERTYPE ? protocolOfEtherType(pid) : Proto.none;
    case OUI_CISCO:
      return pid === PID_CDP ? Proto.cdp : pid === PID_PVST ? Proto.stp : Proto.none;
    case OUI_EXTREME:
      return pid === PID_EDP ? Proto.edp : Proto.none;
    case OUI_802_1:
      if (pid === PID_BRIDGED_ETHERNET_WITHOUT_FCS) return Proto.ethernet;
      return pid === PID_BRIDGED_BPDU ? Proto.stp : Proto.none;
    default:
      return Proto.none;
  }
}

/** Logical link control (IEEE 802.2 clause 3) and the sub-network access protocol (IEEE 802 clause 9.2). */
export const llc: Layer<LlcRecord> = {
  proto: Proto.llc,
  dissect(d: Dissection, start: number, end: number): void {
    const b = d.frame;
    const available = end - start;
    if (available < LLC_UNNUMBERED) {
      d.truncated(Proto.llc, start, LLC_UNNUMBERED, available);
      return;
    }
    if (b[start] === SAP_RAW_IPX && b[start + 1] === SAP_RAW_IPX) {
      // Novell's raw 802.3 has no LLC at all; what looks like SAPs is IPX's checksum field.
      d.malformed(Proto.llc, start, 'raw IPX without LLC');
      return;
    }
    if (isSnap(b, start)) {
      if (available < LLC_SNAP) {
        d.truncated(Proto.llc, start, LLC_SNAP, available);
        return;
      }
      d.push(Proto.llc, start, start + LLC_SNAP, end);
      d.next(protocolOfSnap(u24(b, start + 3), u16(b, start + 6)), start + LLC_SNAP, end);
      return;
    }
    const header = (b[start + 2] & 3) === 3 ? LLC_UNNUMBERED : LLC_NUMBERED;
    if (available < header) {
      d.truncated(Proto.llc, start, header, available);
      return;
    }
    d.push(Proto.llc, start, start + header, end);
    if (b[start + 2] !== UNNUMBERED_INFORMATION) return;
    if (b[start] === SAP_STP) d.next(Proto.stp, start + header, end);
    else if (b[start] === SAP_IP) d.next(Proto.ipv4, start + header, end);
  },
  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const dsap = b[start];
    const ssap = b[start + 1];
    const control = (b[start + 2] & 3) === 3 ? b[start + 2] : b[start + 2] | (b[start + 3] << 8);
    if (!isSnap(b, start)) return { dsap, ssap, control };
    const oui = u24(b, start + 3);
    const pid = u16(b, start + 6);
    return oui === OUI_ETHERTYPE
      ? { dsap, ssap, control, oui, type: pid }
      : { dsap, ssap, control, oui, pid };
  },
};
