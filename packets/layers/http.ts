/**
 * Heads of HTTP/1 requests and responses: RFC 9112. A segment that starts with neither is the middle of a
 * stream and gets no layer; nothing here reassembles.
 */
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';
import { HeadKind, type HeadRecord, headEnd, headFields, headKind } from './http-head.ts';

export const http: Layer<HeadRecord> = {
  proto: Proto.http,

  dissect(d, start, end) {
    if (headKind(d.frame, start, end) === HeadKind.none) return;
    d.push(Proto.http, start, headEnd(d.frame, start, end), end);
  },

  record: (d, i) => headFields(d.frame, d.start[i], d.headerEnd[i]),
};
