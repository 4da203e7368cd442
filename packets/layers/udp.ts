/** UDP: RFC 768; length 0 in an IPv6 jumbogram: RFC 2675 §4. */
import { u16 } from '../bytes.ts';
import type { Layer } from '../layer.ts';
import { protocolOfUdpPorts } from '../ports.ts';
import { Proto } from '../protocols.ts';

const BYTES = 8;

export const udpSourcePort = (b: Uint8Array, start: number): number => u16(b, start);
export const udpDestinationPort = (b: Uint8Array, start: number): number => u16(b, start + 2);

export interface UdpRecord {
  sourcePort: number;
  destinationPort: number;
  /** Header and payload, as sent. */
  length: number;
  /** 0: the sender did not compute one. */
  checksum: number;
}

export const udp: Layer<UdpRecord> = {
  proto: Proto.udp,

  dissect(d, start, end) {
    const b = d.frame;
    if (end - start < BYTES) return d.truncated(Proto.udp, start, BYTES, end - start);
    const length = u16(b, start + 4);
    if (length < BYTES && length !== 0) return d.malformed(Proto.udp, start + 4, 'length below 8');
    const headerEnd = start + BYTES;
    // A length beyond the IP packet is no fault here: first fragments and cut-off captures have it.
    const datagramEnd = length === 0 ? end : Math.min(end, start + length);
    d.push(Proto.udp, start, headerEnd, datagramEnd);
    if (d.firstFragment || headerEnd === datagramEnd) return;
    d.next(protocolOfUdpPorts(u16(b, start), u16(b, start + 2)), headerEnd, datagramEnd);
  },

  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    return {
      sourcePort: udpSourcePort(b, start),
      destinationPort: udpDestinationPort(b, start),
      length: u16(b, start + 4),
      checksum: u16(b, start + 6),
    };
  },
};
