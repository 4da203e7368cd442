import { u16, u24 } from '../bytes.ts';
import { Cut, type Walk, Zeroed } from './walk.ts';

const HEADER = 2;
const ORGANISATION = 4;
const UNSTATED_FCS = 4;

const Type = {
  end: 0,
  chassis: 1,
  port: 2,
  ttl: 3,
  portDescription: 4,
  systemName: 5,
  systemDescription: 6,
  capabilities: 7,
  managementAddress: 8,
  organisation: 127,
} as const;

const OUI_802_1 = 0x0080c2;
const OUI_802_3 = 0x00120f;

/** LLDP (IEEE 802.1AB clause 8): headers of all TLVs, bodies of those that are topology and not text. */
export function lldp(w: Walk, start: number, end: number): void {
  const b = w.b;
  const fieldsEnd = w.fcsUnstated && end === w.wire ? end - UNSTATED_FCS : end;
  for (let i = start; ; ) {
    if (!w.has(i, HEADER, end)) return;
    const header = u16(b, i);
    const type = header >> 9;
    const body = i + HEADER;
    const next = body + (header & 0x1ff);
    if (type === Type.end) {
      if (next === body && w.keepTo(next)) w.stop(next < end ? Cut.payload : Cut.none);
      else w.stop(Cut.malformed);
      return;
    }
    if (next > fieldsEnd) {
      w.stop(Cut.malformed);
      return;
    }
    if (!w.has(i, next - i, end)) return;
    const keptEnd = bodyKept(w, type, body, next);
    w.zero(keptEnd, next, Zeroed.tlvs);
    if (!w.keepTo(next)) return;
    i = next;
  }
}

/** Where the part of a body that may be kept ends. */
function bodyKept(w: Walk, type: number, body: number, next: number): number {
  const length = next - body;
  switch (type) {
    case Type.chassis:
    case Type.port:
      return next;
    case Type.ttl:
      return length === 2 ? next : body;
    case Type.capabilities:
      return length === 4 ? next : body;
    case Type.portDescription:
    case Type.systemName:
    case Type.systemDescription:
    case Type.managementAddress:
      return w.controlLldp ? next : body;
    case Type.organisation: {
      if (length < ORGANISATION) return body;
      const oui = u24(w.b, body);
      const subtype = w.b[body + 3];
      const portVlan = oui === OUI_802_1 && subtype === 1 && length === ORGANISATION + 2;
      const macPhy = oui === OUI_802_3 && subtype === 1 && length === ORGANISATION + 5;
      return portVlan || macPhy ? next : body + ORGANISATION;
    }
    default:
      return body;
  }
}
