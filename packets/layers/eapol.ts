import { u16 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';
import { type EapolKeyRecord, eapolKeyFixedLength, eapolKeyRecord } from './eapol-key.ts';

/** Packet types, IEEE 802.1X-2020 11.3.2. */
export const EapolType = {
  eap: 0,
  start: 1,
  logoff: 2,
  key: 3,
  asfAlert: 4,
  mka: 5,
  announcementGeneric: 6,
  announcementSpecific: 7,
  announcementRequest: 8,
} as const;

export const EAPOL_HEADER = 4;

export const eapolType = (b: Uint8Array, start: number): number => b[start + 1];

export interface EapolRecord {
  /** eapol.version, eapol.type, eapol.len */
  version: number;
  type: number;
  len: number;
  key?: EapolKeyRecord;
}

/** EAP over LANs (IEEE 802.1X-2020 clause 11); EAP itself is the next layer. */
export const eapol: Layer<EapolRecord> = {
  proto: Proto.eapol,
  dissect(d: Dissection, start: number, end: number): void {
    const b = d.frame;
    const available = end - start;
    if (available < EAPOL_HEADER) {
      d.truncated(Proto.eapol, start, EAPOL_HEADER, available);
      return;
    }
    const body = start + EAPOL_HEADER;
    const bodyEnd = body + u16(b, start + 2);
    const declared = Math.min(end, bodyEnd);
    const type = eapolType(b, start);
    d.push(Proto.eapol, start, body, declared);
    if (type === EapolType.eap) {
      // A frame cut short still names code, identifier and type: EAP itself reports how much is missing.
      d.next(Proto.eap, body, declared);
      return;
    }
    const needed = type === EapolType.key ? eapolKeyFixedLength(b, body, declared) : 0;
    if (body + needed > declared) d.truncated(Proto.eapol, body, needed, declared - body);
    else if (bodyEnd > end) d.truncated(Proto.eapol, body, bodyEnd - body, end - body);
  },
  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const record: EapolRecord = { version: b[start], type: eapolType(b, start), len: u16(b, start + 2) };
    if (record.type === EapolType.key) record.key = eapolKeyRecord(b, start + EAPOL_HEADER, d.end[i]);
    return record;
  },
};
