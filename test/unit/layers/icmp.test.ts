import { describe, expect, it } from 'vitest';
import { macText } from '../../../packets/bytes.ts';
import { icmp } from '../../../packets/layers/icmp.ts';
import { icmpv6, ndpLinkLayerAddress } from '../../../packets/layers/icmpv6.ts';
import { NdpOption } from '../../../packets/layers/ndp-options.ts';
import { Proto } from '../../../packets/protocols.ts';
import { framesOf } from '../../support/captures.ts';
import { dissected, dissectedFrame, layerNames, recordOf } from '../../support/dissected.ts';
import { type PdmlProtocol, tsharkTree } from '../../support/tshark-tree.ts';

const BUILT = 'fixtures/built/ip-and-up.pcap';
const ZEEK = 'fixtures/captures/zeek/testing/btest/Traces/icmp';

const shown = (protocol: PdmlProtocol | undefined, field: string) => protocol?.fields.get(field)?.[0];

describe('packets quoted in ICMP errors', () => {
  const captures = [
    'icmp-destunreach-ip',
    'icmp-destunreach-udp',
    'icmp-timeexceeded',
    'icmp6-destunreach-ip6ext-udp',
    'icmp6-toobig',
    'icmp6-timeexceeded',
    'icmp6-paramprob',
  ].map((name) => `${ZEEK}/${name}.pcap`);

  it.each([...captures, BUILT])('%s quotes what tshark says', (path) => {
    const packets = tsharkTree(path);
    let compared = 0;
    for (const { number, bytes, linkType } of framesOf(path)) {
      const error = packets[number - 1].find(({ name }) => name === 'icmp' || name === 'icmpv6');
      const ip = error?.nested.find(({ name }) => name === 'ip' || name === 'ipv6');
      if (error === undefined || ip === undefined) continue;
      const udp = error.nested.find(({ name }) => name === 'udp' || name === 'tcp');
      const d = dissected(bytes, linkType);
      const { quoted } = error.name === 'icmp' ? recordOf(d, icmp) : recordOf(d, icmpv6);
      expect(quoted?.ipv4?.source ?? quoted?.ipv6?.source).toBe(shown(ip, `${ip.name}.src`));
      expect(quoted?.ipv4?.destination ?? quoted?.ipv6?.destination).toBe(shown(ip, `${ip.name}.dst`));
      if (udp !== undefined) {
        expect(String(quoted?.sourcePort)).toBe(shown(udp, `${udp.name}.srcport`));
        expect(String(quoted?.destinationPort)).toBe(shown(udp, `${udp.name}.dstport`));
      }
      expect(layerNames(d).at(-1)).toMatch(/^icmp/);
      compared++;
    }
    expect(compared).toBeGreaterThan(0);
  });

  it('are followed by the MPLS labels of RFC 4950', () => {
    const record = recordOf(dissectedFrame(BUILT, 11), icmp);
    expect(record.extensions).toEqual([
      {
        class: 1,
        type: 1,
        data: '00064709',
        labels: [{ label: 100, trafficClass: 3, bottom: true, ttl: 9 }],
      },
    ]);
    expect(record.quoted?.destinationPort).toBe(9999);
  });

  it('are read behind extension headers and AH', () => {
    // tshark -V: the quoted AH has length 0, the ICMPv6 behind it is an echo request.
    const path = 'fixtures/captures/zeek/testing/btest/Traces/ipv6_zero_len_ah.pcap';
    expect(recordOf(dissectedFrame(path, 6), icmpv6).quoted).toMatchObject({
      protocol: 58,
      icmpType: 128,
      icmpCode: 0,
    });
  });

  it('may be missing', () => {
    const record = recordOf(dissectedFrame(`${ZEEK}/icmp-destunreach-no-context.pcap`, 1), icmp);
    expect(record.quoted).toBeUndefined();
  });
});

describe('Neighbor Discovery', () => {
  it('gives the target and the link-layer address of an advertisement', () => {
    const d = dissectedFrame(BUILT, 30);
    const i = d.find(Proto.icmpv6);
    const at = ndpLinkLayerAddress(d.frame, d.start[i], d.end[i], NdpOption.targetLinkLayer);
    expect(macText(d.frame, at)).toBe('02:00:00:00:00:01');
    expect(ndpLinkLayerAddress(d.frame, d.start[i], d.end[i], NdpOption.sourceLinkLayer)).toBe(-1);
    expect(recordOf(d, icmpv6)).toMatchObject({ target: '2001:db8::1', solicited: true, override: true });
  });

  it('reads the options of a router advertisement', () => {
    const { options, ...advertisement } = recordOf(dissectedFrame(BUILT, 29), icmpv6);
    // Flags 0xc8: managed, other, preference 01.
    expect(advertisement).toMatchObject({ hopLimit: 64, managed: true, otherConfig: true, preference: 1 });
    expect(options?.find(({ type }) => type === NdpOption.recursiveDnsServer)).toMatchObject({
      lifetimeS: 600,
      servers: ['2001:db8::53', '2001:db8::54'],
    });
    expect(options?.find(({ type }) => type === NdpOption.dnsSearchList)?.domains).toEqual([
      'example.com',
      'a',
    ]);
  });
});
