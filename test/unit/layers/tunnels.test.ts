import { describe, expect, it } from 'vitest';
import { capwap } from '../../../packets/layers/capwap.ts';
import { geneve } from '../../../packets/layers/geneve.ts';
import { gre } from '../../../packets/layers/gre.ts';
import { gtpu } from '../../../packets/layers/gtpu.ts';
import { LinkType } from '../../../packets/linktype.ts';
import { bytesOf, dissected, dissectedFrame, layerNames, recordOf } from '../../support/dissected.ts';

const BUILT = 'fixtures/built/ip-and-up.pcap';
const IPV4 = (protocol: string) => `4500 0000 0001 0000 40 ${protocol} 0000 0a000001 0a000002`;

describe('tunnels', () => {
  it.each([
    [37, ['gre', 'ipv4', 'udp']],
    [38, ['gre', 'ipv6', 'udp', 'dns']],
    [40, ['gre', 'ethernet', 'ipv4', 'icmp']],
    [41, ['udp', 'geneve', 'ethernet', 'ipv4', 'icmp']],
    [42, ['udp', 'vxlan', 'ethernet', 'ipv4', 'icmp']],
    [44, ['udp', 'gtpu', 'ipv4', 'udp']],
    [45, ['udp', 'gtpu', 'ipv4', 'udp']],
    [47, ['udp', 'capwap', 'ethernet', 'ipv4', 'icmp']],
    [50, ['ipv4', 'udp']],
    [51, ['ipv6', 'udp', 'dns']],
    [53, ['ah', 'udp', 'dns']],
  ])('of built frame %i lead to the inner packet', (number, inner) => {
    expect(layerNames(dissectedFrame(BUILT, number)).slice(2)).toEqual(inner);
  });

  it.each([
    ['VXLAN with a reserved bit set', 43, ['udp']],
    ['a GTP-U echo request', 46, ['udp', 'gtpu']],
    ['CAPWAP control', 48, ['udp', 'capwap']],
    ['CAPWAP in DTLS', 49, ['udp', 'capwap']],
    ['ESP', 52, ['esp']],
  ])('are not entered: %s', (_name, number, layers) => {
    const d = dissectedFrame(BUILT, number);
    expect(layerNames(d).slice(2)).toEqual(layers);
    expect(d.fault).toBeNull();
  });

  it('keep the fields of Geneve options, GTP-U extensions and CAPWAP radio information', () => {
    expect(recordOf(dissectedFrame(BUILT, 41), geneve).options).toEqual([
      { class: 0x0102, type: 1, critical: true, data: '7778797a' },
    ]);
    expect(recordOf(dissectedFrame(BUILT, 45), gtpu).extensions).toEqual([{ type: 0x85, data: '1009' }]);
    expect(recordOf(dissectedFrame(BUILT, 47), capwap)).toMatchObject({
      radioMac: '02:00:00:00:00:02',
      rssiDbm: -60,
      snrDb: 30,
    });
    expect(recordOf(dissectedFrame(BUILT, 49), capwap)).toEqual({ dtls: true });
  });

  it.each([
    ['version 2', '0002 0800', 'unknown version'],
    ['a reserved bit', '0010 0800', 'reserved bits set'],
    ['version 1 without a key', '0001 880b', 'version 1 without a key or PPP'],
    ['source routes that do not end', '4000 0800 0000 0000 0001 0000', 'source routes do not end'],
  ])('of GRE refuse %s', (_name, header, message) => {
    const d = dissected(bytesOf(`${IPV4('2f')} ${header}`), LinkType.ipv4);
    expect(d.fault).toMatchObject({ kind: 'malformed', layer: 'gre', message });
    expect(layerNames(d)).toEqual(['ipv4']);
  });

  it('of GRE with source routes (RFC 1701) lead behind the last of them', () => {
    const routes = '0800 0004 c0000201 0000 0000';
    const inner = `${IPV4('11')} 1234 5678 0008 0000`;
    const d = dissected(bytesOf(`${IPV4('2f')} 4000 0800 0000 0000 ${routes} ${inner}`), LinkType.ipv4);
    expect(layerNames(d)).toEqual(['ipv4', 'gre', 'ipv4', 'udp']);
    expect(recordOf(d, gre).routing).toBe('08000004c000020100000000');
  });
});
