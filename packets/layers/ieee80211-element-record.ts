import { hex } from '../bytes.ts';
import { ELEMENT_DECODERS, EXTENSION_DECODERS } from './ieee80211-element-table.ts';
import { ElementId } from './ieee80211-elements.ts';

const HEADER = 2;

export interface ElementRecord {
  /** wlan.tag.number, wlan.ext_tag.number, wlan.tag.length */
  number: number;
  extension?: number;
  length: number;
  /** The decoded body; its keys are described where its decoder stands. */
  fields?: object;
  /** Set when the body is shorter than its own fields say. */
  malformed?: true;
  /** The body in hexadecimal, where no decoder could read it. */
  data?: string;
}

/** All whole elements between `from` and `to`. */
export function elementRecords(b: Uint8Array, from: number, to: number): ElementRecord[] {
  const records: ElementRecord[] = [];
  for (let at = from; at + HEADER <= to; ) {
    const body = at + HEADER;
    const end = body + b[at + 1];
    if (end > to) break;
    records.push(elementRecord(b, at, body, end));
    at = end;
  }
  return records;
}

function elementRecord(b: Uint8Array, at: number, body: number, end: number): ElementRecord {
  const record: ElementRecord = { number: b[at], length: b[at + 1] };
  let from = body;
  let decode = ELEMENT_DECODERS[b[at]];
  if (b[at] === ElementId.extension && end > body) {
    record.extension = b[body];
    decode = EXTENSION_DECODERS[b[body]];
    from = body + 1;
  }
  if (decode === undefined) {
    record.data = hex(b, from, end);
    return record;
  }
  const fields = decode(b, from, end);
  if (fields !== undefined) record.fields = fields;
  else {
    record.malformed = true;
    record.data = hex(b, from, end);
  }
  return record;
}
