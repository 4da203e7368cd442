/** IPsec ESP: RFC 4303 §2. What follows is encrypted. */
import { u32 } from '../bytes.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

const BYTES = 8;

export interface EspRecord {
  spi: number;
  sequence: number;
}

export const esp: Layer<EspRecord> = {
  proto: Proto.esp,

  dissect(d, start, end) {
    if (end - start < BYTES) return d.truncated(Proto.esp, start, BYTES, end - start);
    d.push(Proto.esp, start, start + BYTES, end);
  },

  record: (d, i) => ({ spi: u32(d.frame, d.start[i]), sequence: u32(d.frame, d.start[i] + 4) }),
};
