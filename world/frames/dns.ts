/** DNS messages (RFC 1035) and multicast DNS (RFC 6762), names uncompressed. */
import { EtherType, ethernet } from './ethernet.ts';
import { udp4 } from './ip.ts';
import { be16, be32, ipv4Bytes, type Octets, octets, utf8 } from './octets.ts';

const TYPE = { a: 1, ptr: 12, txt: 16, srv: 33 } as const;
const IN = 1;
/** The owner alone has this record (RFC 6762 10.2). */
const CACHE_FLUSH = 0x8000;

export const dnsName = (name: string): Uint8Array =>
  octets(
    ...name.split('.').map((label) => {
      const bytes = utf8(label);
      return octets([bytes.length], bytes);
    }),
    [0],
  );

interface Counts {
  questions: number;
  answers: number;
}

const head = (id: number, flags: number, { questions, answers }: Counts): Uint8Array =>
  octets(be16(id), be16(flags), be16(questions), be16(answers), [0, 0, 0, 0]);

const question = (name: string, type: number): Uint8Array => octets(dnsName(name), be16(type), be16(IN));

const record = (name: string, type: number, ttlS: number, data: Octets, flags = 0): Uint8Array =>
  octets(dnsName(name), be16(type), be16(IN | flags), be32(ttlS), be16(data.length), data);

export const dnsQuery = (id: number, name: string): Uint8Array =>
  octets(head(id, 0x0100, { questions: 1, answers: 0 }), question(name, TYPE.a));

/** The answer with one address. */
export const dnsAnswer = (id: number, name: string, address: string): Uint8Array =>
  octets(
    head(id, 0x8180, { questions: 1, answers: 1 }),
    question(name, TYPE.a),
    record(name, TYPE.a, 300, ipv4Bytes(address)),
  );

/** `rcode` 2 is SERVFAIL, 3 NXDOMAIN. */
export const dnsFailure = (id: number, name: string, rcode: number): Uint8Array =>
  octets(head(id, 0x8180 | rcode, { questions: 1, answers: 0 }), question(name, TYPE.a));

const MDNS_GROUP = ipv4Bytes('224.0.0.251');
const MDNS_MAC = [0x01, 0x00, 0x5e, 0x00, 0x00, 0xfb];
const MDNS_PORT = 5353;

export interface MdnsHost {
  mac: Uint8Array;
  ipv4: string;
  /** Without `.local`. */
  hostName: string;
  /** As `_ipp._tcp`; null announces only the address. */
  service: { type: string; port: number } | null;
}

/** An unsolicited response with the host's records (RFC 6762 8.3). */
export function mdnsAnnouncement({ mac, ipv4, hostName, service }: MdnsHost): Uint8Array {
  const host = `${hostName}.local`;
  const records = [record(host, TYPE.a, 120, ipv4Bytes(ipv4), CACHE_FLUSH)];
  if (service !== null) {
    const type = `${service.type}.local`;
    const instance = `${hostName}.${type}`;
    records.push(
      record(type, TYPE.ptr, 4500, dnsName(instance)),
      record(instance, TYPE.srv, 120, octets([0, 0, 0, 0], be16(service.port), dnsName(host)), CACHE_FLUSH),
      record(instance, TYPE.txt, 4500, [0], CACHE_FLUSH),
    );
  }
  const message = octets(head(0, 0x8400, { questions: 0, answers: records.length }), ...records);
  const ends = { from: ipv4Bytes(ipv4), to: MDNS_GROUP };
  const packet = udp4(ends, { from: MDNS_PORT, to: MDNS_PORT }, message, { ttl: 255 });
  return ethernet(MDNS_MAC, mac, EtherType.ipv4, packet);
}
