/** UDP-Lite: RFC 3828. What is behind it is not told by its ports: media streams choose theirs. */
import { u16 } from '../bytes.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';
import { udpDestinationPort, udpSourcePort } from './udp.ts';

const BYTES = 8;

/** Bytes from the header's start that the checksum covers; a coverage of 0 is all of them (3.1). */
export function udpLiteCoverage(b: Uint8Array, start: number, end: number): number {
  const coverage = u16(b, start + 4);
  return coverage === 0 ? end - start : coverage;
}

export interface UdpLiteRecord {
  sourcePort: number;
  destinationPort: number;
  /** As sent: bytes from the header's start that the checksum covers, 0 for all. */
  checksumCoverage: number;
  checksum: number;
}

export const udpLite: Layer<UdpLiteRecord> = {
  proto: Proto.udpLite,

  dissect(d, start, end) {
    if (end - start < BYTES) return d.truncated(Proto.udpLite, start, BYTES, end - start);
    const coverage = u16(d.frame, start + 4);
    if (coverage !== 0 && coverage < BYTES)
      return d.malformed(Proto.udpLite, start + 4, 'checksum coverage below 8');
    d.push(Proto.udpLite, start, start + BYTES, end);
  },

  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    return {
      sourcePort: udpSourcePort(b, start),
      destinationPort: udpDestinationPort(b, start),
      checksumCoverage: u16(b, start + 4),
      checksum: u16(b, start + 6),
    };
  },
};
