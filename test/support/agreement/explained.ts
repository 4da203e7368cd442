import type { Difference } from './compare.ts';

/**
 * Why our records and tshark's fields may differ. Whatever no entry covers is a bug and fails the test; so does
 * an entry that covers nothing.
 */
export interface Explanation {
  protocol: string;
  /** Which of the protocol's differences it covers. */
  covers(difference: Difference): boolean;
  why: string;
}

const isPrefix = ({ ours, theirs }: Difference): boolean =>
  ours.length < theirs.length && ours.every((value, i) => value === theirs[i]);
const isFile = (name: string) => (difference: Difference) => difference.capture.endsWith(`/${name}`);
const isQuote = ({ stack }: Difference): boolean => /:icmp(v6)?:ip(v6)?/.test(stack);
/** A frame of the built capture, made to be refused or to be quoted. */
const isBuilt = ({ capture, frame }: Difference, number: number): boolean =>
  capture === 'ip-and-up.pcap' && frame === number;

export const EXPLAINED: readonly Explanation[] = [
  {
    protocol: '*',
    covers: (x) => x.isFaulty && isPrefix(x),
    why: 'The header is cut off or malformed: tshark prints the fields in front of that place, we report the fault and no record.',
  },
  {
    protocol: 'radiotap',
    covers: (x) => x.field === 'radiotap.datarate' && x.ours.length === 0,
    why: 'tshark computes the rate of HT, VHT and HE frames into the field of legacy rates; we keep the MCS.',
  },
  {
    protocol: 'radiotap',
    covers: (x) =>
      x.capture === 'radiotap-checks.pcap' && x.theirs.length === 2 && x.theirs.includes(x.ours[0]),
    why: 'A field that stands in two presence words: tshark lists both, our record has one.',
  },
  {
    protocol: '*',
    covers: (x) => x.capture === 'synthetic-802.11.pcap' && x.stack === 'wlan:llc:arp:llc:arp' && isPrefix(x),
    why: 'The subframes of an A-MSDU behind the first: tshark takes them apart, we count them.',
  },
  {
    protocol: '*',
    covers: (x) => isQuote(x) && /^(tcp|udp)\./.test(x.field) && !x.field.endsWith('port') && isPrefix(x),
    why: 'Of a packet quoted in an ICMP error we read the ports only.',
  },
  {
    protocol: '*',
    covers: (x) => isBuilt(x, 43) && isPrefix(x),
    why: 'A reserved bit of the VXLAN header is set: tshark goes on into what it takes for a frame, we stop at UDP, since a port number proves nothing.',
  },
  {
    protocol: 'QUIC',
    covers: (x) => isBuilt(x, 68) && x.theirs.length === 0,
    why: 'A version negotiation packet alone, which tshark takes for QUIC only behind another packet of the connection.',
  },
  {
    protocol: 'MLD',
    covers: (x) => isFile('icmp6-mldv2.pcap')(x) && x.malformed && x.field === 'icmpv6.mldr.mar.nb_sources',
    why: 'The report announces three sources and holds two: tshark prints the announcement, we count what is there.',
  },
  {
    protocol: 'DNS',
    covers: (x) => isQuote(x) && isPrefix(x),
    why: 'tshark decodes DNS in a packet quoted in an ICMP error; we read its ports only.',
  },
  {
    protocol: 'DNS',
    covers: (x) =>
      (x.capture.endsWith('ipv6-fragmented-dns.pcap') || isBuilt(x, 2) || isBuilt(x, 24)) && isPrefix(x),
    why: 'A first fragment: tshark reads the beginning of the message in it, we leave a datagram that is not whole alone.',
  },
  {
    protocol: '*',
    covers: (x) => isQuote(x) && /^ipv6\.(hopopts|dstopts|opt)\./.test(x.field) && isPrefix(x),
    why: 'tshark lists the extension headers of a quoted packet; we step over them to its ports.',
  },
  {
    protocol: 'AH',
    covers: isFile('ipv6_zero_len_ah.pcap'),
    why: 'The header says that it is 8 bytes long: tshark reads the sequence number from behind its end, and an AH in a quoted packet.',
  },
  {
    protocol: 'ICMPv6 and NDP',
    covers: (x) => isFile('ipv6_zero_len_ah.pcap')(x) && isPrefix(x),
    why: 'tshark decodes the ICMPv6 message inside a packet quoted in an ICMPv6 error.',
  },
  {
    protocol: '*',
    covers: (x) => x.field.startsWith('tls.') && x.stack.includes('eapol') && x.ours.length === 0,
    why: 'TLS inside EAP-TLS and PEAP: tshark reassembles EAP fragments and decodes it, we do not.',
  },
  {
    protocol: 'TCP',
    covers: (x) => x.field === 'tcp.option_kind' && x.theirs.at(-1) === '0' && isPrefix(x),
    why: 'tshark prints every byte of padding behind End of Options as another End of Options; RFC 9293 3.1 ends the list at the first.',
  },
  {
    protocol: 'VLAN',
    covers: (x) => x.stack.includes('ieee8021ad') && x.theirs.length === 0,
    why: 'tshark has other field names (ieee8021ad.*) for service tags.',
  },
  {
    protocol: 'ARP',
    covers: (x) => isFile('arp-oobr.pcap')(x) && x.stack.includes('atmarp'),
    why: 'Hardware type 19 is ATM, whose ARP has a layout of its own (RFC 2225) that we do not read.',
  },
  {
    protocol: 'DHCPv4',
    covers: (x) => isFile('test012.pcapng')(x) && x.theirs.length === 0,
    why: 'The capture kept 315 of 342 bytes: tshark gives the message up, we read the options that are there.',
  },
  {
    protocol: 'LLDP',
    covers: (x) => isFile('med-loc-malformed.pcap')(x) && x.malformed && x.theirs.length === 0,
    why: 'tshark stops at a malformed location TLV; we note it and read the TLVs behind it, as IEEE 802.1AB 9.2.7.7 says.',
  },
  {
    protocol: 'HTTP',
    covers: (x) => x.capture.endsWith('fragmented-4.pcap') && isPrefix(x),
    why: 'The request line is in the first of several IP fragments, which we leave alone.',
  },
  {
    protocol: 'HTTP',
    covers: (x) =>
      isFile('mixed-vlan-mpls.pcap')(x) && x.ours.length === 0 && ['GET', '/'].includes(x.theirs[0]),
    why: 'An HTTP/0.9 request, a line without a version: RFC 9112 knows it no more, and neither do we.',
  },
  {
    protocol: 'EAP',
    covers: (x) => x.field === 'eap.identity' && isFile('eapon1.pcap')(x) && x.ours.length === 0,
    why: 'The AT_IDENTITY attribute of EAP-SIM and EAP-AKA, which tshark prints under the same name; we report the EAP identity only.',
  },
];
