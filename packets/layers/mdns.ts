/** Multicast DNS: RFC 6762, with the service names of RFC 6763. */
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';
import { DNS_HEADER_BYTES, type DnsRecord, DnsType, dnsFields } from './dns-message.ts';

export const mdns: Layer<DnsRecord> = {
  proto: Proto.mdns,

  dissect(d, start, end) {
    if (end - start < DNS_HEADER_BYTES) {
      return d.truncated(Proto.mdns, start, DNS_HEADER_BYTES, end - start);
    }
    d.push(Proto.mdns, start, start + DNS_HEADER_BYTES, end);
  },

  record: (d, i) => dnsFields(d.frame, d.start[i], d.end[i]),
};

/**
 * Names of hosts under `.local` that the sender of a response claims: owners of its address records. A probe
 * claims its name in the authority section (RFC 6762 §8.2).
 */
export function mdnsHostNames(record: DnsRecord): string[] {
  const names = new Set<string>();
  const claimed = record.response ? [...record.answers, ...record.additionals] : record.authorities;
  for (const { type, name } of claimed) {
    const isAddress = type === DnsType.a || type === DnsType.aaaa;
    if (isAddress && name.toLowerCase().endsWith('.local')) names.add(name);
  }
  return [...names];
}
