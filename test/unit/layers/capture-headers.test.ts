import { describe, expect, it } from 'vitest';
import { dissect } from '../../../packets/dissect.ts';
import { Dissection } from '../../../packets/dissection.ts';
import { avs } from '../../../packets/layers/avs.ts';
import { type LinuxSllRecord, linuxSll, linuxSll2 } from '../../../packets/layers/linux-sll.ts';
import { nullLoopback } from '../../../packets/layers/null-loopback.ts';
import { ppi } from '../../../packets/layers/ppi.ts';
import { prism } from '../../../packets/layers/prism.ts';
import { LinkType } from '../../../packets/linktype.ts';
import { protoName } from '../../../packets/protocols.ts';
import { cat, hex, ipv4Packet, le16 } from '../../support/build-frames.ts';
import { AP, control } from '../../support/build-ieee80211.ts';
import { differences } from '../../support/compare-with-tshark.ts';

const ack = control(13, AP);
const arp = hex('0001 0800 06 04 0001 020000000002 0a000001 000000000000 0a000002');
const le32 = (n: number): number[] => [...le16(n & 0xffff), ...le16(n >>> 16)];
const run = (frame: Uint8Array, linkType: number): Dissection => {
  const d = new Dissection();
  dissect(d, frame, linkType);
  return d;
};
const names = (d: Dissection): string[] => Array.from(d.proto.subarray(0, d.count), protoName);

describe('PPI', () => {
  // CACE PPI 1.0.7, 4.1.2: TSF, flags, rate, frequency, channel flags, hopping, signal, noise.
  const common = (flags: number): Uint8Array =>
    cat(hex('0200 1400 8877665544332211'), le16(flags), hex('1600 8509 a000 00 00 ba a1'));
  const frame = (flags: number, rest: Uint8Array): Uint8Array =>
    cat(hex('00 00 2000 69000000'), common(flags), rest);

  it('reads as tshark reads it', async () => {
    expect(
      await differences(LinkType.ppi, [frame(0, ack)], ppi, {
        'ppi.version': (r) => r.version,
        'ppi.length': (r) => r.length,
        'ppi.dlt': (r) => r.dlt,
        'ppi.80211-common.tsft': (r) => r.common?.tsft,
        'ppi.80211-common.flags': (r) => r.common?.flags,
        // tshark shows kb/s.
        'ppi.80211-common.rate': (r) => 1000 * (r.common?.rate ?? 0),
        'ppi.80211-common.chan.freq': (r) => r.common?.chanFreq,
        'ppi.80211-common.chan.flags': (r) => r.common?.chanFlags,
        'ppi.80211-common.dbm.antsignal': (r) => r.common?.dbmAntSignal,
        'ppi.80211-common.dbm.antnoise': (r) => r.common?.dbmAntNoise,
      }),
    ).toEqual([]);
  });

  it('takes the check sequence off and stops when it failed', () => {
    expect(run(frame(1, cat(ack, [1, 2, 3, 4])), LinkType.ppi).end[1]).toBe(32 + ack.length);
    const deauthentication = hex('c000 0000 020000000001 020000000002 020000000001 0000 08');
    expect(run(frame(0, deauthentication), LinkType.ppi).fault?.needed).toBe(2);
    expect(run(frame(4, deauthentication), LinkType.ppi).fault).toBeNull();
  });
});

describe('Prism and AVS', () => {
  /** Identifiers of wlan-ng have the number in the upper half; hostap's have it in the fourth digit. */
  const prismFrame = (unit: number): Uint8Array => {
    const item = (id: number, value: number): Uint8Array =>
      cat(le32(0x44 + unit * id), le16(0), le16(4), le32(value >>> 0));
    return cat(
      le32(0x44),
      le32(144),
      Buffer.from('wlan0'.padEnd(16, '\0')),
      ...[1, 2].map((id) => item(id, 1000 * id)),
      item(3, 11),
      item(4, -60),
      ...[5, 6, 7].map((id) => item(id, id)),
      item(8, 22),
      item(9, 0),
      item(10, 10),
      ack,
    );
  };

  it('Prism reads as tshark reads it', async () => {
    expect(
      await differences(LinkType.prism, [prismFrame(0x10000)], prism, {
        'prism.msgcode': (r) => r.messageCode,
        'prism.msglen': (r) => r.messageLength,
        'prism.devname': (r) => r.device,
        'prism.did.hosttime': (r) => r.hostTime,
        'prism.did.mactime': (r) => r.macTime,
        'prism.did.channel': (r) => r.channel,
        'prism.did.rssi': (r) => r.rssi,
        'prism.did.sq': (r) => r.signalQuality,
        'prism.did.signal': (r) => r.signal,
        'prism.did.noise': (r) => r.noise,
        'prism.did.frmlen': (r) => r.frameLength,
      }),
    ).toEqual([]);
    expect(names(run(prismFrame(0x1000), LinkType.prism))).toEqual(['prism', 'ieee80211']);
    const [ours, hostap] = [0x10000, 0x1000].map((unit) => {
      return prism.record(run(prismFrame(unit), LinkType.prism), 0);
    });
    expect(hostap).toEqual(ours);
  });

  const avsFrame = cat(
    hex('80211001 00000040 0000000000001000 0000000000002000 00000004 0000000b 0000006e 00000001 00000000'),
    hex('00000002 ffffffba ffffffa1 00000001 00000001'),
    ack,
  );

  it('AVS reads as tshark reads it, behind its own link type and behind that of Prism', async () => {
    expect(
      await differences(LinkType.avs, [avsFrame], avs, {
        'wlancap.length': (r) => r.length,
        'wlancap.mactime': (r) => r.macTime,
        'wlancap.hosttime': (r) => r.hostTime,
        'wlancap.phytype': (r) => r.phyType,
        'wlancap.channel': (r) => r.channel,
        'wlancap.antenna': (r) => r.antenna,
        'wlancap.ssi_type': (r) => r.ssiType,
        'wlancap.dbm_antsignal': (r) => r.ssiSignal,
        'wlancap.dbm_antnoise': (r) => r.ssiNoise,
        'wlancap.preamble': (r) => r.preamble,
      }),
    ).toEqual([]);
    expect(names(run(avsFrame, LinkType.prism))).toEqual(['avs', 'ieee80211']);
  });
});

describe('cooked captures', () => {
  const common = {
    'sll.pkttype': (r: LinuxSllRecord) => r.packetType,
    'sll.hatype': (r: LinuxSllRecord) => r.hardwareType,
    'sll.halen': (r: LinuxSllRecord) => r.addressLength,
    'sll.src.eth': (r: LinuxSllRecord) => r.source,
    'sll.etype': (r: LinuxSllRecord) => r.protocol,
  };

  it('of both versions read as tshark reads them', async () => {
    const first = cat(hex('0004 0001 0006 0200000000020000 0806'), arp);
    const second = cat(hex('0806 0000 00000007 0001 01 06 0200000000020000'), arp);
    expect(await differences(LinkType.linuxSll, [first], linuxSll, common)).toEqual([]);
    expect(
      await differences(LinkType.linuxSll2, [second], linuxSll2, {
        ...common,
        'sll.ifindex': (r) => r.interfaceIndex,
      }),
    ).toEqual([]);
    expect(names(run(first, LinkType.linuxSll))).toEqual(['linuxSll', 'arp']);
    expect(names(run(second, LinkType.linuxSll2))).toEqual(['linuxSll2', 'arp']);
  });
});

describe('loopback and raw', () => {
  const packet = ipv4Packet(253, new Uint8Array(4));

  it('find the family in either byte order', async () => {
    const frames = [cat([2, 0, 0, 0], packet), cat([0, 0, 0, 2], packet)];
    expect(
      await differences(LinkType.null, frames, nullLoopback, { 'null.family': (r) => r.family }),
    ).toEqual([]);
    for (const frame of frames) expect(names(run(frame, LinkType.null))).toEqual(['nullLoopback', 'ipv4']);
  });

  it('take the version of the packet for its protocol', () => {
    expect(names(run(packet, LinkType.raw))).toEqual(['rawIp', 'ipv4']);
    expect(run(hex('f000'), LinkType.raw).fault).toMatchObject({ kind: 'malformed', layer: 'rawIp' });
  });
});
