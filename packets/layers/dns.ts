/** DNS over UDP and TCP (RFC 1035 §4.2), and LLMNR (RFC 4795), whose messages look the same. */
import { u16 } from '../bytes.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';
import { DNS_HEADER_BYTES, type DnsRecord, dnsFields } from './dns-message.ts';

export const dns: Layer<DnsRecord> = {
  proto: Proto.dns,

  dissect(d, start, end) {
    let messageStart = start;
    let messageEnd = end;
    if (d.count > 0 && d.proto[d.count - 1] === Proto.tcp) {
      // Two length bytes. Only a message that lies whole in its segment is read: nothing here reassembles,
      // and the middle of a stream looks like any length at all.
      if (end - start < 2) return;
      messageStart = start + 2;
      messageEnd = messageStart + u16(d.frame, start);
      if (messageEnd > end || messageEnd - messageStart < DNS_HEADER_BYTES) return;
    }
    const available = messageEnd - messageStart;
    if (available < DNS_HEADER_BYTES) {
      return d.truncated(Proto.dns, messageStart, DNS_HEADER_BYTES, available);
    }
    d.push(Proto.dns, messageStart, messageStart + DNS_HEADER_BYTES, messageEnd);
  },

  record: (d, i) => dnsFields(d.frame, d.start[i], d.end[i]),
};
