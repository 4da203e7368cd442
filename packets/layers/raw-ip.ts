import type { Dissection } from '../dissection.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

export interface RawIpRecord {
  version: number;
}

/** LINKTYPE_RAW: no header at all, the version of the IP header tells. The layer itself is empty. */
export const rawIp: Layer<RawIpRecord> = {
  proto: Proto.rawIp,
  dissect(d: Dissection, start: number, end: number): void {
    if (end - start < 1) {
      d.truncated(Proto.rawIp, start, 1, end - start);
      return;
    }
    const version = d.frame[start] >> 4;
    if (version !== 4 && version !== 6) {
      d.malformed(Proto.rawIp, start, 'neither IPv4 nor IPv6');
      return;
    }
    d.push(Proto.rawIp, start, start, end);
    d.next(version === 4 ? Proto.ipv4 : Proto.ipv6, start, end);
  },
  record: (d, i) => ({ version: d.frame[d.start[i]] >> 4 }),
};
