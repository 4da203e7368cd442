import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { ipv4Text, ipv6Text } from '../../../packets/bytes.ts';
import { ipv4 } from '../../../packets/layers/ipv4.ts';
import { ipv6 } from '../../../packets/layers/ipv6.ts';
import { tcp } from '../../../packets/layers/tcp.ts';
import { udp } from '../../../packets/layers/udp.ts';
import { LinkType } from '../../../packets/linktype.ts';
import { Proto } from '../../../packets/protocols.ts';
import { bytesOf, dissected, dissectedFrame, layerNames, recordOf } from '../../support/dissected.ts';

const BUILT = 'fixtures/built/ip-and-up.pcap';
const ADDRESSES = '0a000001 0a000002';
const UDP = '1234 5678 0008 0000';
const V6 = `${'fe80'.padEnd(31, '0')}1 ${'fe80'.padEnd(31, '0')}2`;

describe('IPv4', () => {
  it('bounds its payload by the total length: Ethernet padding is not payload', () => {
    const d = dissectedFrame(BUILT, 71);
    expect(d.frame.length).toBe(60);
    expect(recordOf(d, tcp).payloadBytes).toBe(0);
    expect(d.end[d.find(Proto.tcp)]).toBe(54);
  });

  it('takes total length 0, left by segmentation offload, for all that was captured', () => {
    const d = dissected(bytesOf(`4500 0000 0001 0000 4011 0000 ${ADDRESSES} ${UDP} aabb`), LinkType.ipv4);
    expect(layerNames(d)).toEqual(['ipv4', 'udp']);
    expect(d.end[0]).toBe(30);
  });

  it('stops behind its header in a later fragment, and behind the transport header in a first one', () => {
    expect(layerNames(dissectedFrame(BUILT, 2))).toEqual(['ethernet', 'ipv4', 'udp']);
    expect(layerNames(dissectedFrame(BUILT, 3))).toEqual(['ethernet', 'ipv4']);
    expect(recordOf(dissectedFrame(BUILT, 3), ipv4)).toMatchObject({
      fragmentOffset: 24,
      moreFragments: false,
    });
  });

  it('says which bytes are missing', () => {
    const d = dissected(bytesOf('4600 0018 0001 0000 4011 0000 0a000001 0a000002'), LinkType.ipv4);
    expect(d.fault).toEqual({
      kind: 'truncated',
      layer: 'ipv4',
      offset: 0,
      needed: 24,
      available: 20,
      message: 'ends early',
    });
  });

  it.each([
    ['another version', '6500 0014 0001 0000 4011 0000', 0],
    ['a header of 16 bytes', '4400 0014 0001 0000 4011 0000', 0],
    ['a total length below the header', '4500 0013 0001 0000 4011 0000', 2],
  ])('refuses %s', (_name, head, offset) => {
    const d = dissected(bytesOf(`${head} ${ADDRESSES}`), LinkType.ipv4);
    expect(d.fault).toMatchObject({ kind: 'malformed', layer: 'ipv4', offset });
    expect(d.count).toBe(0);
  });

  it('reads the addresses of a record route option', () => {
    const [route] = recordOf(dissectedFrame(BUILT, 1), ipv4).options;
    expect(route).toMatchObject({ name: 'recordRoute', addresses: ['192.0.2.1', '0.0.0.0'] });
  });
});

describe('IPv6', () => {
  const packet = (length: string, next: string, rest: string) =>
    dissected(bytesOf(`6000 0000 ${length} ${next} 40 ${V6} ${rest}`), LinkType.ipv6);

  it('reads a jumbogram, whose UDP length is 0 (RFC 2675)', () => {
    const d = packet('0000', '00', `1100 c204 0001 0010 1234 5678 0000 0000 ${'ab'.repeat(64)}`);
    expect(layerNames(d)).toEqual(['ipv6', 'ipv6Hop', 'udp']);
    expect(recordOf(d, ipv6).payloadLength).toBe(0);
    expect(recordOf(d, udp).length).toBe(0);
    expect(d.end[2]).toBe(d.frame.length);
  });

  it.each([
    ['missing', '1100 0104 0000 0000'],
    ['below 65,536', '1100 c204 0000 ffff'],
  ])('refuses payload length 0 with a jumbo payload that is %s', (_name, hop) => {
    const d = packet('0000', '00', `${hop} ${UDP}`);
    expect(d.fault).toMatchObject({ kind: 'malformed', layer: 'ipv6Hop', offset: 40 });
    expect(layerNames(d)).toEqual(['ipv6']);
  });

  it('ends at No Next Header without a fault', () => {
    const d = packet('0008', '3b', UDP);
    expect(layerNames(d)).toEqual(['ipv6']);
    expect(d.fault).toBeNull();
  });

  it('has Hop-by-Hop options directly behind its header only', () => {
    const d = packet('0018', '3c', `0000 0104 00000000 1100 0104 00000000 ${UDP}`);
    expect(layerNames(d)).toEqual(['ipv6', 'ipv6Dest']);
  });

  it('reads on through an atomic fragment (RFC 6946)', () => {
    expect(layerNames(dissectedFrame(BUILT, 26))).toEqual(['ethernet', 'ipv6', 'ipv6Fragment', 'udp', 'dns']);
    expect(layerNames(dissectedFrame(BUILT, 24))).toEqual(['ethernet', 'ipv6', 'ipv6Fragment', 'udp']);
    expect(layerNames(dissectedFrame(BUILT, 25))).toEqual(['ethernet', 'ipv6', 'ipv6Fragment']);
  });
});

describe('address texts', () => {
  it('are those of ipaddr.js', () => {
    // Many zero groups, so that runs to shorten are common.
    const group = fc.oneof(fc.constant(0), fc.constant(0), fc.nat(0xffff));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const bytes = Uint8Array.from(groups.flatMap((n) => [n >> 8, n & 255]));
        expect(ipv6Text(bytes, 0)).toBe(new ipaddr.IPv6(Array.from(bytes)).toRFC5952String());
        expect(ipv4Text(bytes, 4)).toBe(new ipaddr.IPv4(Array.from(bytes.subarray(4, 8))).toString());
      }),
    );
  });
});
