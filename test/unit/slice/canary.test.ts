import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LinkType } from '../../../packets/linktype.ts';
import { Slicer } from '../../../packets/slice/slicer.ts';
import {
  be16,
  cat,
  dataFrame,
  ethernetFrame,
  hex,
  internetChecksum,
  ipv4Packet,
  le16,
  MAC_A,
  MAC_B,
  managementFrame,
  radiotap,
  snap,
  tcpSegment,
  udpDatagram,
} from '../../support/build-frames.ts';
import { captureOf } from '../../support/recorded-frames.ts';

/** Sixteen bytes that stand nowhere else; any four of them in a row in a slice are a leak. */
const canary = (round: number): Uint8Array =>
  Uint8Array.from({ length: 16 }, (_, i) => 0xc3 ^ ((i * 29 + round * 101) & 0xff));

interface Case {
  name: string;
  linkType?: number;
  /** A protocol that tshark has to see in the whole frame, so that the case is what its name says. */
  seen: string;
  build: (secret: Uint8Array) => Uint8Array;
}

const inTcp = (secret: Uint8Array): Uint8Array =>
  ethernetFrame(0x0800, ipv4Packet(6, tcpSegment(0x18, secret)));
const overUdp = (port: number, payload: Uint8Array): Uint8Array =>
  ethernetFrame(0x0800, ipv4Packet(17, udpDatagram(50000, port, payload)));
const element = (id: number, ...body: (Uint8Array | readonly number[])[]): Uint8Array => {
  const bytes = cat(...body);
  return cat([id, bytes.length], bytes);
};
const icmp = (type: number, body: Uint8Array): Uint8Array => {
  const message = cat([type, 0, 0, 0, 0, 1, 0, 1], body);
  message.set(be16(internetChecksum(message)), 2);
  return ethernetFrame(0x0800, ipv4Packet(1, message));
};
const beacon = (...elements: Uint8Array[]): Uint8Array =>
  radiotap(
    managementFrame(
      8,
      hex('ffffffffffff'),
      MAC_B,
      MAC_B,
      cat(hex('0000000000000000 6400 1104'), ...elements),
    ),
  );

const cases: Case[] = [
  { name: 'TCP payload', seen: 'tcp', build: inTcp },
  {
    name: 'fast open cookie and SYN data',
    seen: 'tcp',
    build: (s) => ethernetFrame(0x0800, ipv4Packet(6, tcpSegment(2, s, [34, 18, ...s, 1, 1]))),
  },
  {
    name: 'MD5, TCP-AO and unknown options',
    seen: 'tcp',
    build: (s) => ethernetFrame(0x0800, ipv4Packet(6, tcpSegment(16, cat(), [19, 18, ...s, 1, 1]))),
  },
  { name: 'UDP payload', seen: 'udp', build: (s) => overUdp(9999, s) },
  { name: 'port 4789 without VXLAN', seen: 'udp', build: (s) => overUdp(4789, cat(s, s, s)) },
  {
    name: 'bytes behind the IP packet',
    seen: 'tcp',
    build: (s) => cat(ethernetFrame(0x0800, ipv4Packet(6, tcpSegment(16, cat()))), s),
  },
  {
    name: 'second IPv4 fragment',
    seen: 'ip',
    build: (s) => ethernetFrame(0x0800, ipv4Packet(17, s, { fragment: 0x2003 })),
  },
  {
    name: 'IPv4 record route and unknown options',
    seen: 'ip',
    build: (s) =>
      ethernetFrame(0x0800, ipv4Packet(17, udpDatagram(1, 2, s), { options: [7, 19, 20, ...s, 0] })),
  },
  { name: 'ICMP echo', seen: 'icmp', build: (s) => icmp(8, s) },
  {
    name: 'ICMP error that quotes payload',
    seen: 'icmp',
    build: (s) => icmp(3, ipv4Packet(17, cat(udpDatagram(4000, 53, s), s))),
  },
  {
    name: 'ICMP error that quotes a later fragment',
    seen: 'icmp',
    build: (s) => icmp(11, ipv4Packet(17, s, { fragment: 0x0010 })),
  },
  {
    name: 'VXLAN',
    seen: 'vxlan',
    build: (s) => overUdp(4789, cat(hex('0800000000002a00'), inTcp(s))),
  },
  {
    name: 'GENEVE options and payload',
    seen: 'geneve',
    build: (s) => overUdp(6081, cat([5, 0], be16(0x6558), [0, 0, 42, 0], hex('01020304'), s, inTcp(s))),
  },
  {
    name: 'GTP-U',
    seen: 'gtp',
    build: (s) => {
      const packet = ipv4Packet(6, tcpSegment(0x18, s));
      return overUdp(2152, cat([0x30, 0xff], be16(packet.length), [0, 0, 0, 7], packet));
    },
  },
  {
    name: 'CAPWAP with 802.3 inside',
    seen: 'capwap.data',
    build: (s) => overUdp(5247, cat(hex('0010 0200 00000000'), inTcp(s))),
  },
  {
    name: 'GRE with checksum and key',
    seen: 'gre',
    build: (s) => {
      const inner = ipv4Packet(6, tcpSegment(0x18, s));
      const head = cat(be16(0xa000), be16(0x0800), [0, 0, 0, 0, 0, 0, 0, 9]);
      head.set(be16(internetChecksum(head, inner)), 4);
      return ethernetFrame(0x0800, ipv4Packet(47, cat(head, inner)));
    },
  },
  {
    name: 'IP in IP',
    seen: 'tcp',
    build: (s) => ethernetFrame(0x0800, ipv4Packet(4, ipv4Packet(6, tcpSegment(0x18, s)))),
  },
  {
    name: 'SCTP data and INIT parameters',
    seen: 'sctp',
    build: (s) =>
      ethernetFrame(
        0x0800,
        ipv4Packet(
          132,
          cat(
            hex('13881389 00000001 00000000'),
            [9, 0],
            be16(20),
            s,
            [0, 3],
            be16(32),
            hex('00000001 0001 0001 00000000'),
            s,
          ),
        ),
      ),
  },
  {
    name: 'PAP password in PPPoE',
    seen: 'pap',
    build: (s) => {
      const pap = cat([1, 1], be16(5 + 16 + 1), [16], s, [0]);
      return ethernetFrame(0x8864, cat([0x11, 0, 0, 1], be16(2 + pap.length), be16(0xc023), pap));
    },
  },
  {
    name: 'PPPoE discovery tags',
    seen: 'pppoed',
    build: (s) => ethernetFrame(0x8863, cat([0x11, 9, 0, 0], be16(20), be16(0x0103), be16(16), s)),
  },
  {
    name: 'LLDP names and inventory',
    seen: 'lldp',
    build: (s) =>
      ethernetFrame(
        0x88cc,
        cat(
          hex('0207 04 021122334455 0404 05 673031 0602 0078'),
          be16((5 << 9) | 16),
          s,
          be16((127 << 9) | 20),
          hex('0012bb08'),
          s,
          [0, 0],
          s,
        ),
      ),
  },
  {
    name: 'EAP identity',
    seen: 'eapol',
    build: (s) => ethernetFrame(0x888e, cat([2, 0], be16(21), [2, 7], be16(21), [1], s)),
  },
  {
    name: 'EAPOL-Key nonce, MIC and PMKID',
    seen: 'eapol',
    build: (s) =>
      ethernetFrame(
        0x888e,
        cat(
          [2, 3],
          be16(95 + 22),
          hex('02 008a 0010 0000000000000001'),
          s,
          s,
          s,
          hex('0000000000000000 0000000000000000'),
          s,
          be16(22),
          hex('dd14000fac04'),
          s,
        ),
      ),
  },
  {
    name: 'ARP padding',
    seen: 'arp',
    build: (s) =>
      ethernetFrame(
        0x0806,
        cat(hex('0001080006040001'), MAC_A, [10, 1, 0, 1], hex('000000000000'), [10, 1, 0, 2], s),
      ),
  },
  {
    name: 'LLC of an unknown access point',
    seen: 'llc',
    build: (s) => ethernetFrame(3 + 16, cat(hex('e0e003'), s)),
  },
  {
    name: 'network name, vendor elements and a PMKID',
    linkType: LinkType.radiotap,
    seen: 'wlan',
    build: (s) =>
      beacon(
        element(0, s),
        element(1, hex('82848b96')),
        element(48, hex('0100 000fac04 0100 000fac04 0100 000fac02 0000 0100'), s),
        element(221, hex('0050f204'), s),
        element(200, s),
      ),
  },
  {
    name: 'SAE commit',
    linkType: LinkType.radiotap,
    seen: 'wlan',
    build: (s) =>
      radiotap(managementFrame(11, MAC_B, MAC_A, MAC_B, cat(hex('0300 0100 0000 1300'), s, s, s))),
  },
  {
    name: 'action frame',
    linkType: LinkType.radiotap,
    seen: 'wlan',
    build: (s) => radiotap(managementFrame(13, MAC_B, MAC_A, MAC_B, cat([4, 10], s))),
  },
  {
    name: 'CCMP ciphertext',
    linkType: LinkType.radiotap,
    seen: 'wlan',
    build: (s) => radiotap(dataFrame(0x41, MAC_B, MAC_A, MAC_B, cat(hex('0100002000000000'), s, s))),
  },
  {
    name: 'WEP ciphertext',
    linkType: LinkType.radiotap,
    seen: 'wlan',
    build: (s) => radiotap(dataFrame(0x41, MAC_B, MAC_A, MAC_B, cat(hex('01020300'), s))),
  },
  {
    name: 'clear 802.11 data with its FCS',
    linkType: LinkType.radiotap,
    seen: 'tcp',
    build: (s) =>
      radiotap(
        cat(
          dataFrame(1, MAC_B, MAC_A, MAC_B, cat(snap(0x0800), ipv4Packet(6, tcpSegment(0x18, s)))),
          s.subarray(0, 4),
        ),
        0x10,
      ),
  },
  {
    name: '802.11 fragment',
    linkType: LinkType.radiotap,
    seen: 'wlan',
    build: (s) => {
      const frame = dataFrame(1, MAC_B, MAC_A, MAC_B, cat(snap(0x0800), s, s));
      frame[22] |= 1;
      return radiotap(frame);
    },
  },
  {
    name: 'A-MSDU',
    linkType: LinkType.radiotap,
    seen: 'udp',
    build: (s) => {
      const msdu = cat(snap(0x0800), ipv4Packet(17, udpDatagram(7, 9, s)));
      const padding = new Uint8Array((4 - ((14 + msdu.length) & 3)) & 3);
      const subframe = cat(MAC_B, MAC_A, be16(msdu.length), msdu, padding);
      const header = cat([0x88, 0x01, 0, 0], MAC_B, MAC_A, MAC_B, [0x10, 0], le16(0x80));
      return radiotap(cat(header, subframe, subframe));
    },
  },
  {
    name: 'bad FCS',
    linkType: LinkType.radiotap,
    seen: 'wlan',
    build: (s) =>
      radiotap(
        dataFrame(
          1,
          MAC_B,
          MAC_A,
          MAC_B,
          cat(snap(0x0800), ipv4Packet(6, tcpSegment(0x18, s)), s.subarray(0, 4)),
        ),
        0x50,
      ),
  },
];

const slicer = new Slicer();
const target = new Uint8Array(4096);
const sliceOf = (frame: Uint8Array, linkType: number): Uint8Array =>
  target.slice(0, slicer.slice(frame, 0, frame.length, frame.length, linkType, target, 0));

const folder = mkdtempSync(join(tmpdir(), 'airherd-canary-'));
let protocols: string[] = [];

beforeAll(() => {
  const path = join(folder, 'canary.pcapng');
  const built = cases.map(({ build, linkType = LinkType.ethernet }) => {
    const bytes = build(canary(1));
    return { bytes, linkType, originalLength: bytes.length };
  });
  writeFileSync(path, captureOf(built));
  const args = ['-r', path, '-o', 'ip.defragment:FALSE', '-T', 'fields', '-e', 'frame.protocols'];
  protocols = execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .trimEnd()
    .split('\n');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each(cases)('keeps nothing of: $name', ({ name, linkType = LinkType.ethernet, seen, build }) => {
  const index = cases.findIndex((of) => of.name === name);
  expect(protocols[index].split(':')).toContain(seen);
  const secret = canary(1);
  const frame = build(secret);
  expect(Buffer.from(frame).includes(Buffer.from(secret.subarray(0, 4)))).toBe(true);
  const slice = sliceOf(frame, linkType);
  for (let i = 0; i + 4 <= secret.length; i++) {
    expect(Buffer.from(slice).includes(Buffer.from(secret.subarray(i, i + 4)))).toBe(false);
  }
  const said = [slicer.cut, slicer.zeroed];
  // Built anew around another secret, with the checksums that go with it.
  expect(Buffer.from(sliceOf(build(canary(2)), linkType)).toString('hex')).toBe(
    Buffer.from(slice).toString('hex'),
  );
  expect([slicer.cut, slicer.zeroed]).toEqual(said);
  expect(slice.length).toBeGreaterThanOrEqual(14);
});

it.each([
  'VXLAN',
  'GENEVE options and payload',
  'GTP-U',
  'CAPWAP with 802.3 inside',
  'GRE with checksum and key',
  'IP in IP',
  'A-MSDU',
])('keeps the ports of the packet inside: %s', (name) => {
  const { build, linkType = LinkType.ethernet } = cases.find((of) => of.name === name)!;
  const frame = build(canary(1));
  const ports = name === 'A-MSDU' ? hex('00070009') : cat(be16(40000), be16(23));
  expect(Buffer.from(sliceOf(frame, linkType)).includes(Buffer.from(ports))).toBe(true);
});
