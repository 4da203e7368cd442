import { describe, expect, it } from 'vitest';
import { dissect } from '../../../packets/dissect.ts';
import { Dissection } from '../../../packets/dissection.ts';
import { arp } from '../../../packets/layers/arp.ts';
import { type EthernetRecord, ethernet } from '../../../packets/layers/ethernet.ts';
import { llc } from '../../../packets/layers/llc.ts';
import { mpls } from '../../../packets/layers/mpls.ts';
import { ppp } from '../../../packets/layers/ppp.ts';
import { pppoe } from '../../../packets/layers/pppoe.ts';
import { vlan } from '../../../packets/layers/vlan.ts';
import { LinkType } from '../../../packets/linktype.ts';
import { Proto, protoName } from '../../../packets/protocols.ts';
import { be16, cat, ethernetFrame, hex, ipv4Packet } from '../../support/build-frames.ts';
import { framesOf } from '../../support/captures.ts';
import { differences } from '../../support/compare-with-tshark.ts';

const TRACES = 'fixtures/captures/zeek/testing/btest/Traces';
const d = new Dissection();
const stack = (frame: Uint8Array): string[] => {
  dissect(d, frame, LinkType.ethernet);
  return Array.from(d.proto.subarray(0, d.count), protoName);
};
/** Frames of these captures with a layer of `proto`. */
const recorded = (proto: number, ...names: string[]): Uint8Array[] =>
  names
    .flatMap((name) => framesOf(`${TRACES}/${name}`))
    .map((frame) => frame.bytes)
    .filter((bytes) => {
      dissect(d, bytes, LinkType.ethernet);
      return d.find(proto) >= 0 && d.fault === null;
    });
const packet = ipv4Packet(253, new Uint8Array(8));

describe('Ethernet', () => {
  it('tells lengths from types', async () => {
    const frames = [
      ethernetFrame(0x0800, packet),
      ethernetFrame(7, hex('424203 00000080 0000000000')),
      ethernetFrame(0x9999, new Uint8Array(46)),
    ];
    expect(
      await differences<EthernetRecord>(LinkType.ethernet, frames, ethernet, {
        'eth.dst': (r) => r.dst,
        'eth.src': (r) => r.src,
        'eth.type': (r) => r.type,
        'eth.len': (r) => r.len,
      }),
    ).toEqual([]);
  });

  it('cuts padding off at the length', () => {
    expect(stack(ethernetFrame(7, hex('424203 00000080 4141414141')))).toEqual(['ethernet', 'llc', 'stp']);
    expect(d.end[0]).toBe(14 + 7);
  });

  it('refuses what is neither', () => {
    expect(stack(ethernetFrame(0x05ff, new Uint8Array(60)))).toEqual(['ethernet']);
    expect(d.fault).toMatchObject({ kind: 'malformed', layer: 'ethernet', offset: 12 });
  });
});

describe('VLAN tags', () => {
  it('read as tshark reads them, the outermost first', async () => {
    const frames = recorded(Proto.vlan, 'http-vlan-0.pcap', 'icmp_dot1q.pcap').concat([
      ethernetFrame(0x8100, cat(be16(0xb064), be16(0x0800), packet)),
    ]);
    expect(
      await differences(LinkType.ethernet, frames, vlan, {
        'vlan.id': (r) => r.id,
        'vlan.priority': (r) => r.priority,
        'vlan.dei': (r) => r.dei,
        'vlan.etype': (r) => r.etype,
      }),
    ).toEqual([]);
  });

  it('nest, whichever of their types is used', () => {
    for (const type of [0x8100, 0x88a8, 0x9100]) {
      const inner = cat(be16(17), be16(0x0800), packet);
      expect(stack(ethernetFrame(type, cat(be16(100), be16(0x8100), inner)))).toEqual([
        'ethernet',
        'vlan',
        'vlan',
        'ipv4',
      ]);
    }
    expect(stack(framesOf(`${TRACES}/http-qinq-0.pcap`)[0].bytes)).toEqual([
      'ethernet',
      'vlan',
      'vlan',
      'ipv4',
      'tcp',
    ]);
  });

  it('end at the limit of nesting', () => {
    const tags = cat(...Array.from({ length: 10_000 }, () => hex('0001 8100')));
    stack(ethernetFrame(0x8100, tags));
    expect(d.fault).toMatchObject({ kind: 'limit', layer: 'vlan' });
  });
});

describe('LLC', () => {
  it('reads as tshark reads it', async () => {
    const frames = [
      ethernetFrame(7, hex('424203 00000080')),
      ethernetFrame(8 + packet.length, cat(hex('aaaa03 000000 0800'), packet)),
      ethernetFrame(10, hex('aaaa03 001122 0104 0102')),
      ethernetFrame(6, hex('d4d4 0a02 0000')),
    ];
    expect(
      await differences(LinkType.ethernet, frames, llc, {
        'llc.dsap': (r) => r.dsap,
        'llc.control': (r) => r.control,
        'llc.oui': (r) => r.oui,
        'llc.type': (r) => r.type,
      }),
    ).toEqual([]);
  });
});

describe('ARP', () => {
  it('reads as tshark reads it', async () => {
    const frames = recorded(Proto.arp, 'icmp_dot1q.pcap').concat([
      ethernetFrame(0x0806, hex('0001 0800 06 04 0002 020000000002 0a000001 020000000003 0a000001')),
    ]);
    expect(
      await differences(LinkType.ethernet, frames, arp, {
        'arp.opcode': (r) => r.opcode,
        'arp.hw.type': (r) => r.hwType,
        'arp.proto.type': (r) => r.protoType,
        'arp.src.hw_mac': (r) => r.srcHw,
        'arp.src.proto_ipv4': (r) => r.srcProto,
        'arp.dst.hw_mac': (r) => r.dstHw,
        'arp.dst.proto_ipv4': (r) => r.dstProto,
      }),
    ).toEqual([]);
  });

  it('is as long as its address sizes say', () => {
    const [frame] = framesOf('fixtures/captures/tcpdump/tests/arp-too-long-tha.pcap');
    const layers = stack(frame.bytes);
    expect(layers.at(-1)).toBe('arp');
    const lying = ethernetFrame(0x0806, hex('0001 0800 ff ff 0001 00'));
    stack(lying);
    expect(d.fault).toMatchObject({ kind: 'truncated', layer: 'arp', needed: 8 + 2 * 510, available: 9 });
  });
});

describe('MPLS', () => {
  it('reads as tshark reads it', async () => {
    const frames = recorded(Proto.mpls, 'mixed-vlan-mpls.pcap').filter((frame) => {
      stack(frame);
      return d.find(Proto.mpls, d.find(Proto.mpls) + 1) < 0;
    });
    expect(
      await differences(LinkType.ethernet, frames, mpls, {
        'mpls.label': (r) => r.label,
        'mpls.exp': (r) => r.exp,
        'mpls.bottom': (r) => r.bottom,
        'mpls.ttl': (r) => r.ttl,
      }),
    ).toEqual([]);
  });

  it('takes only IP for IP', () => {
    const label = hex('00065 1 40'.replaceAll(' ', ''));
    expect(stack(ethernetFrame(0x8847, cat(label, packet)))).toEqual(['ethernet', 'mpls', 'ipv4']);
    expect(stack(ethernetFrame(0x8847, cat(label, hex('00000000'), packet)))).toEqual(['ethernet', 'mpls']);
  });
});

describe('PPPoE and PPP', () => {
  it('discovery reads as tshark reads it', async () => {
    const tag = (type: number, text: string): Uint8Array =>
      cat(be16(type), be16(text.length), new TextEncoder().encode(text));
    const tags = cat(tag(0x0101, 'internet'), tag(0x0102, 'bras1'), hex('0000 0000'));
    const made = ethernetFrame(0x8863, cat(hex('11 07 0000'), be16(tags.length), tags, new Uint8Array(6)));
    expect(
      await differences(LinkType.ethernet, [...recorded(Proto.pppoe, 'pppoe.pcap'), made], pppoe, {
        'pppoe.code': (r) => r.code,
        'pppoe.session_id': (r) => r.sessionId,
        'pppoe.payload_length': (r) => r.payloadLength,
        'pppoed.tags.ac_name': (r) => r.acName,
      }),
    ).toEqual([]);
  });

  it('sessions read as tshark reads them', async () => {
    expect(
      await differences(LinkType.ethernet, recorded(Proto.ppp, 'pppoe.pcap'), ppp, {
        'ppp.protocol': (r) => r.protocol,
        'ppp.code': (r) =>
          r.protocol === 0xc021 || r.protocol === 0x8021 || r.protocol === 0x8057
            ? r.control?.code
            : undefined,
      }),
    ).toEqual([]);
  });
});
