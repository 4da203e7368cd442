import type { Dissection } from '../dissection.ts';
import { Proto } from '../protocols.ts';
import { ppiFlags } from './ppi.ts';
import { RADIOTAP_FLAG_BAD_FCS, RADIOTAP_FLAG_DATA_PAD, radiotapFlags } from './radiotap.ts';

/** What the capture header, when there is one, says about the 802.11 frame behind it. */

/** PPI's 802.11-Common flags (CACE PPI 1.0.7, 4.1.2). */
const PPI_FCS_INVALID = 0x04;

/** Whether 802.11 layer `i` is the captured frame itself, behind a header of `proto`; a tunnel's is not. */
const isBehind = (d: Dissection, i: number, proto: number): boolean => i === 1 && d.proto[0] === proto;

export function hasBadFcs(d: Dissection, i: number): boolean {
  if (isBehind(d, i, Proto.radiotap))
    return (radiotapFlags(d.frame, d.start[0]) & RADIOTAP_FLAG_BAD_FCS) !== 0;
  return isBehind(d, i, Proto.ppi) && (ppiFlags(d.frame, d.start[0], d.headerEnd[0]) & PPI_FCS_INVALID) !== 0;
}

/** Some drivers pad the MAC header to four bytes. */
export const hasDataPad = (d: Dissection, i: number): boolean =>
  isBehind(d, i, Proto.radiotap) && (radiotapFlags(d.frame, d.start[0]) & RADIOTAP_FLAG_DATA_PAD) !== 0;
