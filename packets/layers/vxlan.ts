/** VXLAN: RFC 7348 §5. */
import { u24 } from '../bytes.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

const BYTES = 8;
const VNI_VALID = 0x08;

export interface VxlanRecord {
  flags: number;
  vni: number;
}

export const vxlan: Layer<VxlanRecord> = {
  proto: Proto.vxlan,

  dissect(d, start, end) {
    const b = d.frame;
    if (end - start < BYTES) return;
    // Anyone may send to this port: only a header whose reserved bits are all as they must be is a tunnel.
    if (b[start] !== VNI_VALID || u24(b, start + 1) !== 0 || b[start + 7] !== 0) return;
    d.push(Proto.vxlan, start, start + BYTES, end);
    d.next(Proto.ethernet, start + BYTES, end);
  },

  record: (d, i) => ({ flags: d.frame[d.start[i]], vni: u24(d.frame, d.start[i] + 4) }),
};
