import type { Dissection } from '../dissection.ts';
import { ElementId, findElement } from '../layers/ieee80211-elements.ts';
import { frameSubtype } from '../layers/ieee80211-header.ts';
import { elementsAt, fixedLength } from '../layers/ieee80211-management.ts';

/** First element of the management frame at layer `i`, whose fixed fields start at `body`; −1 without. */
export function elementsOf(d: Dissection, i: number, body: number): number {
  const subtype = frameSubtype(d.frame, d.start[i]);
  if (body + fixedLength(d.frame, body, d.end[i], subtype) > d.end[i]) return -1;
  return elementsAt(d.frame, body, d.end[i], subtype);
}

/** Offset of the SSID element, or −1. */
export function ssidOf(d: Dissection, i: number, body: number): number {
  const elements = elementsOf(d, i, body);
  return elements < 0 ? -1 : findElement(d.frame, elements, d.end[i], ElementId.ssid);
}
