import { describe, expect, it } from 'vitest';
import { text } from '../../../packets/bytes.ts';
import { dhcpv4, dhcpv4MessageType, dhcpv4Op, dhcpv4Xid } from '../../../packets/layers/dhcpv4.ts';
import {
  clientFqdn,
  Dhcpv4Option,
  dhcpv4Option,
  dhcpv4Options,
} from '../../../packets/layers/dhcpv4-options.ts';
import { dhcpv6, dhcpv6Option } from '../../../packets/layers/dhcpv6.ts';
import { Dhcpv6Option, dhcpv6Fqdn, dhcpv6OptionEnd } from '../../../packets/layers/dhcpv6-options.ts';
import { Proto } from '../../../packets/protocols.ts';
import { bytesOf, dissectedFrame, recordOf } from '../../support/dissected.ts';

const BUILT = 'fixtures/built/ip-and-up.pcap';

/** A BOOTP request with `options` behind the magic cookie (RFC 2131 §3). */
function message(options: string, file = ''): Uint8Array {
  const body = Buffer.alloc(240);
  body.set([1, 1, 6, 0]);
  body.set(bytesOf(file), 108);
  body.set(bytesOf('63825363'), 236);
  return Uint8Array.from(Buffer.concat([body, bytesOf(options)]));
}

const optionText = (bytes: Uint8Array, code: number): string | null => {
  const data = dhcpv4Option(bytes, 0, bytes.length, code);
  return data === null ? null : text(data, 0, data.length);
};

describe('DHCPv4', () => {
  it('gives the fields that observation reads, without a record', () => {
    const d = dissectedFrame(BUILT, 54);
    const i = d.find(Proto.dhcpv4);
    expect(dhcpv4Op(d.frame, d.start[i])).toBe(1);
    expect(dhcpv4Xid(d.frame, d.start[i])).toBe(0x3903f326);
    expect(dhcpv4MessageType(d.frame, d.start[i], d.end[i])).toBe(1);
    const host = dhcpv4Option(d.frame, d.start[i], d.end[i], Dhcpv4Option.hostName);
    expect(Buffer.from(host ?? []).toString()).toBe('laptop');
    expect(dhcpv4Option(d.frame, d.start[i], d.end[i], Dhcpv4Option.leaseTime)).toBeNull();
  });

  it('joins the parts of an option that is split (RFC 3396 §5)', () => {
    expect(optionText(message('0c02 6162 3501 01 0c03 636465 ff'), 12)).toBe('abcde');
  });

  it('reads options in the file field when option 52 says so, and not otherwise', () => {
    expect(optionText(message('3401 01 ff', '0f03 616263 ff'), 15)).toBe('abc');
    expect(optionText(message('3501 01 ff', '0f03 616263 ff'), 15)).toBeNull();
    expect(recordOf(dissectedFrame(BUILT, 56), dhcpv4).options.find(({ code }) => code === 15)?.value).toBe(
      'example.com',
    );
  });

  it('keeps the options before one whose length lies', () => {
    const options = dhcpv4Options(message('3501 03 0c40 6162'), 0, 246);
    expect(options.map(({ code }) => code)).toEqual([53]);
  });

  it('reads names of option 81 in both encodings (RFC 4702 §2.3)', () => {
    expect(clientFqdn(bytesOf('05 00 00 04686f7374 07 6578616d706c65 03 636f6d 00'))).toBe(
      'host.example.com',
    );
    expect(clientFqdn(bytesOf('04 00 00 04686f7374'))).toBe('host');
    expect(clientFqdn(bytesOf('01 00 00 686f7374'))).toBe('host');
    expect(clientFqdn(bytesOf('01 00 00'))).toBeNull();
  });

  it('names the relay sub-options', () => {
    const { options } = recordOf(dissectedFrame(BUILT, 55), dhcpv4);
    expect(options.find(({ code }) => code === 82)?.value).toEqual([
      { code: 1, data: Buffer.from('port7').toString('hex') },
      { code: 2, data: Buffer.from('switch1').toString('hex') },
    ]);
  });
});

describe('DHCPv6', () => {
  it('reads what a relay carries', () => {
    const relay = recordOf(dissectedFrame(BUILT, 58), dhcpv6);
    const direct = recordOf(dissectedFrame(BUILT, 57), dhcpv6);
    expect(relay).toMatchObject({ messageType: 12, hopCount: 0, peerAddress: 'fe80::1' });
    expect(relay.options.map(({ code }) => code)).toEqual([Dhcpv6Option.interfaceId]);
    expect(relay.relayed).toEqual(direct);
    expect(direct.options.find(({ code }) => code === Dhcpv6Option.vendorClass)).toMatchObject({
      enterprise: 311,
      value: ['MSFT 5.0'],
    });
  });

  it('finds one option without a record', () => {
    const d = dissectedFrame(BUILT, 57);
    const i = d.find(Proto.dhcpv6);
    const at = dhcpv6Option(d.frame, d.start[i], d.end[i], Dhcpv6Option.clientFqdn);
    expect(dhcpv6Fqdn(d.frame, at + 4, dhcpv6OptionEnd(d.frame, at, d.end[i]))).toBe('host.example.com');
    expect(dhcpv6Option(d.frame, d.start[i], d.end[i], Dhcpv6Option.statusCode)).toBe(-1);
  });
});
