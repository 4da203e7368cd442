/** Generic advertisement service (IEEE 802.11-2020 9.6.7.12 to 15) and the ANQP inside (9.4.5). */
import { hex } from '../bytes.ts';
import { u16le } from '../little-endian.ts';

const INITIAL_REQUEST = 10;
const COMEBACK_REQUEST = 12;
const COMEBACK_RESPONSE = 13;
const ADVERTISEMENT_PROTOCOL = 108;
const ANQP = 0;
const QUERY_LIST = 256;
const CAPABILITY_LIST = 257;
const MORE_FRAGMENTS = 0x80;
const ELEMENT_HEADER = 4;

export interface AnqpElement {
  /** wlan.fixed.anqp.info_id, wlan.fixed.anqp.info_length */
  id: number;
  length: number;
  /** Of a query list, what is asked for (wlan.fixed.anqp.query_id); of a capability list, what can be. */
  ids?: number[];
  /** Of all others, hexadecimal. */
  data?: string;
}

export interface GasRecord {
  /** Time units of 1024 µs (wlan.fixed.gas_comeback_delay). */
  comebackDelayTu?: number;
  /** wlan.fixed.gas_fragment_id, without the bit below. */
  fragmentId?: number;
  moreFragments?: boolean;
  /** Of the first protocol: 0 ANQP, 221 a vendor's (table 9-233). */
  advertisementProtocol?: number;
  /** wlan.fixed.query_request_length or wlan.fixed.query_response_length; bytes. */
  queryBytes?: number;
  anqp?: AnqpElement[];
  /** Something announced more than there is; what stands before it is good. */
  truncated?: boolean;
}

function anqpElements(record: GasRecord, b: Uint8Array, start: number, end: number): AnqpElement[] {
  const elements: AnqpElement[] = [];
  for (let at = start; at < end; ) {
    const body = at + ELEMENT_HEADER;
    const next = body <= end ? body + u16le(b, at + 2) : end + 1;
    if (next > end) {
      record.truncated = true;
      break;
    }
    const id = u16le(b, at);
    const element: AnqpElement = { id, length: next - body };
    if (id === QUERY_LIST || id === CAPABILITY_LIST) {
      element.ids = [];
      for (let i = body; i + 2 <= next; i += 2) element.ids.push(u16le(b, i));
    } else element.data = hex(b, body, next);
    elements.push(element);
    at = next;
  }
  return elements;
}

/** The public action `action`, 10 to 13, whose fields behind the dialog token begin at `at`. */
export function gasRecord(b: Uint8Array, action: number, at: number, end: number): GasRecord {
  const record: GasRecord = {};
  if (action === COMEBACK_REQUEST) return record;
  let i = at;
  if (action !== INITIAL_REQUEST) {
    i += 2; // The status code.
    if (action === COMEBACK_RESPONSE) {
      record.fragmentId = b[i] & ~MORE_FRAGMENTS;
      record.moreFragments = (b[i] & MORE_FRAGMENTS) !== 0;
      i++;
    }
    record.comebackDelayTu = u16le(b, i);
    i += 2;
  }
  const isWhole = i + 4 <= end && b[i] === ADVERTISEMENT_PROTOCOL && b[i + 1] >= 2;
  const query = isWhole ? i + 2 + b[i + 1] : end;
  if (query + 2 > end) {
    record.truncated = true;
    return record;
  }
  record.advertisementProtocol = b[i + 3];
  record.queryBytes = u16le(b, query);
  const queryEnd = query + 2 + record.queryBytes;
  if (queryEnd > end) record.truncated = true;
  const isFragment = record.moreFragments === true || (record.fragmentId ?? 0) > 0;
  if (record.advertisementProtocol === ANQP && !isFragment) {
    record.anqp = anqpElements(record, b, query + 2, Math.min(queryEnd, end));
  }
  return record;
}
