import { macText, u16 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

/** Slow protocols subtypes, IEEE 802.3-2018 annex 57A. */
export const SlowSubtype = { lacp: 1, marker: 2, oam: 3, organisational: 10 } as const;

const LACP_LENGTH = 110;
const MARKER_LENGTH = 110;
/** Subtype, version and the two participants: reserved bytes and padding behind them say nothing. */
const LACP_USED = 58;
const MARKER_USED = 18;

const TLV_ACTOR = 1;
const TLV_PARTNER = 2;
const TLV_COLLECTOR = 3;
const PARTICIPANT_LENGTH = 20;

export interface LacpParticipant {
  /** lacp.actor.sys_priority, .sysid, .key, .port_priority, .port, .state */
  systemPriority: number;
  system: string;
  key: number;
  portPriority: number;
  port: number;
  /** Bits: activity, short timeout, aggregation, synchronization, collecting, distributing, defaulted, expired. */
  state: number;
}

export interface LacpRecord {
  /** slow.subtype */
  subtype: number;
  version?: number;
  actor?: LacpParticipant;
  partner?: LacpParticipant;
  /** lacp.collector.max_delay, tens of microseconds */
  collectorMaxDelay?: number;
  /** marker.requesterPort, marker.requesterSystem, marker.requesterTransId */
  marker?: { type: number; port: number; system: string; transactionId: number };
}

/** Link aggregation control and marker (IEEE 802.1AX-2014 6.4.2, 6.5.3). */
export const lacp: Layer<LacpRecord> = {
  proto: Proto.lacp,
  dissect(d: Dissection, start: number, end: number): void {
    const b = d.frame;
    const available = end - start;
    if (available < 1) {
      d.truncated(Proto.lacp, start, 1, available);
      return;
    }
    const subtype = b[start];
    if (subtype !== SlowSubtype.lacp && subtype !== SlowSubtype.marker) {
      d.push(Proto.lacp, start, start + 1, end);
      return;
    }
    const used = subtype === SlowSubtype.lacp ? LACP_USED : MARKER_USED;
    if (available < used) {
      d.truncated(Proto.lacp, start, used, available);
      return;
    }
    if (subtype === SlowSubtype.lacp && !hasParticipants(b, start)) {
      d.push(Proto.lacp, start, start + 2, end);
      d.malformed(Proto.lacp, start + 2, 'actor and partner information are not where they belong');
      return;
    }
    const length = subtype === SlowSubtype.lacp ? LACP_LENGTH : MARKER_LENGTH;
    d.push(Proto.lacp, start, start + used, Math.min(end, start + length));
  },
  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const record: LacpRecord = { subtype: b[start] };
    if (d.headerEnd[i] - start < 2) return record;
    record.version = b[start + 1];
    if (record.subtype === SlowSubtype.marker) {
      record.marker = {
        type: b[start + 2],
        port: u16(b, start + 4),
        system: macText(b, start + 6),
        transactionId: u16(b, start + 12) * 65536 + u16(b, start + 14),
      };
      return record;
    }
    if (d.headerEnd[i] - start < LACP_USED) return record;
    record.actor = participantOf(b, start + 4);
    record.partner = participantOf(b, start + 4 + PARTICIPANT_LENGTH);
    if (b[start + 42] === TLV_COLLECTOR) record.collectorMaxDelay = u16(b, start + 44);
    return record;
  },
};

const hasParticipants = (b: Uint8Array, start: number): boolean =>
  b[start + 2] === TLV_ACTOR &&
  b[start + 3] === PARTICIPANT_LENGTH &&
  b[start + 22] === TLV_PARTNER &&
  b[start + 23] === PARTICIPANT_LENGTH;

const participantOf = (b: Uint8Array, at: number): LacpParticipant => ({
  systemPriority: u16(b, at),
  system: macText(b, at + 2),
  key: u16(b, at + 8),
  portPriority: u16(b, at + 10),
  port: u16(b, at + 12),
  state: b[at + 14],
});
