/** SSDP: UPnP Device Architecture 2.0 §1; its messages are HTTP heads in one datagram. */
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';
import { HeadKind, type HeadRecord, headEnd, headFields, headKind } from './http-head.ts';

export const ssdp: Layer<HeadRecord> = {
  proto: Proto.ssdp,

  dissect(d, start, end) {
    if (headKind(d.frame, start, end) === HeadKind.none) return;
    d.push(Proto.ssdp, start, headEnd(d.frame, start, end), end);
  },

  record: (d, i) => headFields(d.frame, d.start[i], d.headerEnd[i]),
};
