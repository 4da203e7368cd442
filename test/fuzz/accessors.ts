/** The field accessors that observations call without a record, on one layer, as comparable values. */
import { checksumVerdict } from '../../packets/checksum.ts';
import type { Dissection } from '../../packets/dissection.ts';
import { dhcpv4MessageType } from '../../packets/layers/dhcpv4.ts';
import { clientFqdn, Dhcpv4Option, dhcpv4Option } from '../../packets/layers/dhcpv4-options.ts';
import { dhcpv6Option } from '../../packets/layers/dhcpv6.ts';
import { Dhcpv6Option, dhcpv6Fqdn, dhcpv6OptionEnd } from '../../packets/layers/dhcpv6-options.ts';
import { dnsFields } from '../../packets/layers/dns-message.ts';
import { dnsNameEnd } from '../../packets/layers/dns-name.ts';
import { headerValue, requestLine } from '../../packets/layers/http-head.ts';
import { ndpLinkLayerAddress } from '../../packets/layers/icmpv6.ts';
import { ja4 } from '../../packets/layers/ja4.ts';
import { mdnsHostNames } from '../../packets/layers/mdns.ts';
import { NdpOption } from '../../packets/layers/ndp-options.ts';
import { quicClientHello } from '../../packets/layers/quic-initial.ts';
import { RadiusAttribute, radiusText } from '../../packets/layers/radius.ts';
import { tlsClientHello } from '../../packets/layers/tls.ts';
import { Proto } from '../../packets/protocols.ts';

export function accessed(d: Dissection, i: number): unknown[] {
  const b = d.frame;
  const start = d.start[i];
  const end = d.end[i];
  switch (d.proto[i]) {
    case Proto.ipv4:
    case Proto.tcp:
    case Proto.udp:
    case Proto.udpLite:
    case Proto.icmp:
    case Proto.igmp:
    case Proto.sctp:
      return [checksumVerdict(d, i)];
    case Proto.icmpv6:
      return [
        checksumVerdict(d, i),
        ndpLinkLayerAddress(b, start, end, NdpOption.sourceLinkLayer),
        ndpLinkLayerAddress(b, start, end, NdpOption.targetLinkLayer),
      ];
    case Proto.dhcpv4: {
      const fqdn = dhcpv4Option(b, start, end, Dhcpv4Option.clientFqdn);
      const host = dhcpv4Option(b, start, end, Dhcpv4Option.hostName);
      return [dhcpv4MessageType(b, start, end), fqdn && clientFqdn(fqdn), host && Array.from(host)];
    }
    case Proto.dhcpv6: {
      const at = dhcpv6Option(b, start, end, Dhcpv6Option.clientFqdn);
      return at < 0 ? [] : [dhcpv6Fqdn(b, at + 4, dhcpv6OptionEnd(b, at, end))];
    }
    case Proto.dns:
    case Proto.mdns:
      return [dnsNameEnd(b, start + 12, end), ...mdnsHostNames(dnsFields(b, start, end))];
    case Proto.http:
    case Proto.ssdp: {
      const fields = ['host', 'user-agent', 'server'].map((name) => headerValue(b, start, end, name));
      return [requestLine(b, start, end), ...fields];
    }
    case Proto.radius:
      return Object.values(RadiusAttribute).map((type) => radiusText(b, start, end, type));
    case Proto.tls: {
      const hello = tlsClientHello(b, start, end);
      return [hello && ja4(hello, 'tcp')];
    }
    case Proto.quic: {
      const hello = quicClientHello(b, start, end);
      return [hello && ja4(hello, 'quic')];
    }
    default:
      return [];
  }
}
