import { describe, expect, it } from 'vitest';
import { dissect } from '../../../packets/dissect.ts';
import { Dissection } from '../../../packets/dissection.ts';
import { type Ieee80211Record, ieee80211 } from '../../../packets/layers/ieee80211.ts';
import * as header from '../../../packets/layers/ieee80211-header.ts';
import { LinkType } from '../../../packets/linktype.ts';
import { Proto, protoName } from '../../../packets/protocols.ts';
import { be16, cat, hex, le16 } from '../../support/build-frames.ts';
import { AP, control, data, FOURTH, management, STATION } from '../../support/build-ieee80211.ts';
import { differences } from '../../support/compare-with-tshark.ts';

const QOS_DATA = 8;
const TO_DS = 1;
const FROM_DS = 2;
const PROTECTED = 0x40;
const ORDER = 0x80;
const arp = hex('aaaa03 000000 0806 0001 0800 06 04 0001 020000000002 0a000001 000000000000 0a000002');

const names = (d: Dissection): string[] => Array.from(d.proto.subarray(0, d.count), protoName);
function dissected(frame: Uint8Array): Dissection {
  const d = new Dissection();
  dissect(d, frame, LinkType.ieee80211);
  return d;
}
const recordOf = (frame: Uint8Array): Ieee80211Record => {
  const d = dissected(frame);
  return ieee80211.record(d, d.find(Proto.ieee80211));
};

const common = {
  'wlan.fc.version': (r: Ieee80211Record) => r.version,
  'wlan.fc.type': (r: Ieee80211Record) => r.type,
  'wlan.fc.subtype': (r: Ieee80211Record) => r.subtype,
  'wlan.fc.frag': (r: Ieee80211Record) => r.moreFragments,
  'wlan.fc.retry': (r: Ieee80211Record) => r.retry,
  'wlan.fc.pwrmgt': (r: Ieee80211Record) => r.powerManagement,
  'wlan.fc.moredata': (r: Ieee80211Record) => r.moreData,
  'wlan.fc.protected': (r: Ieee80211Record) => r.protected,
  'wlan.fc.order': (r: Ieee80211Record) => r.order,
  'wlan.ra': (r: Ieee80211Record) => r.ra,
  'wlan.ta': (r: Ieee80211Record) => r.ta,
};

describe('802.11 data', () => {
  const frames = [
    data(0, 0, arp),
    data(0, TO_DS | 0x08, arp),
    data(0, FROM_DS | 0x10, arp),
    data(0, TO_DS | FROM_DS, cat(FOURTH, arp)),
    data(QOS_DATA, FROM_DS, cat(le16(0x0016), arp)),
    data(QOS_DATA, TO_DS | FROM_DS, cat(FOURTH, le16(5), arp)),
    data(QOS_DATA, TO_DS | ORDER, cat(le16(6), hex('03000000'), arp)),
    data(4, TO_DS, hex('')),
    data(12, TO_DS, le16(7)),
  ];

  it('has the addresses that its DS bits say', async () => {
    expect(
      await differences(LinkType.ieee80211, frames, ieee80211, {
        ...common,
        'wlan.fc.tods': (r) => r.toDs,
        'wlan.fc.fromds': (r) => r.fromDs,
        'wlan.da': (r) => r.da,
        'wlan.sa': (r) => r.sa,
        'wlan.bssid': (r) => r.bssid,
        'wlan.seq': (r) => r.seq,
        'wlan.frag': (r) => r.frag,
        'wlan.qos.tid': (r) => r.qos?.tid,
        'wlan.qos.ack': (r) => r.qos?.ack,
        'wlan.htc': (r) => r.htc,
      }),
    ).toEqual([]);
  });

  it('goes on to what it carries', () => {
    for (const frame of frames.slice(0, 7))
      expect(names(dissected(frame))).toEqual(['ieee80211', 'llc', 'arp']);
    for (const frame of frames.slice(7)) expect(names(dissected(frame))).toEqual(['ieee80211']);
  });

  it('names the station from either side, and none in four-address frames', () => {
    const mac = (frame: Uint8Array): string => {
      const at = header.stationOffset(frame, 0);
      return at < 0 ? 'none' : Buffer.from(frame.subarray(at, at + 6)).toString('hex');
    };
    expect(frames.slice(0, 4).map(mac)).toEqual(['none', '020000000002', '020000000001', 'none']);
    expect(mac(management(0, hex('1104 0a00 0000')))).toBe('020000000002');
    expect(mac(control(13, AP))).toBe('none');
  });

  it('stops at the header of each cipher', () => {
    // IEEE 802.11-2020 12.3.2, 12.5.2.2 and 12.5.3.2: TKIP's second byte follows from its first.
    const ciphers = {
      wep: hex('010203 40'),
      tkip: hex('11 31 05 20 00000000'),
      ccmp: hex('11 22 00 20 00000000'),
    };
    for (const [cipher, head] of Object.entries(ciphers)) {
      const frame = data(0, TO_DS | PROTECTED, cat(head, new Uint8Array(24).fill(0x5a)));
      const d = dissected(frame);
      expect(names(d)).toEqual(['ieee80211']);
      expect(d.headerEnd[0]).toBe(24 + head.length);
      expect(recordOf(frame).cipher).toBe(cipher);
    }
    expect(dissected(data(0, TO_DS | PROTECTED, hex('1122 0020 00'))).fault).toMatchObject({
      kind: 'truncated',
      offset: 24,
      needed: 8,
      available: 5,
    });
  });

  it('takes the first subframe of an A-MSDU and counts the others', async () => {
    const subframe = (last: boolean): Uint8Array => {
      const whole = cat(AP, STATION, be16(arp.length), arp);
      return last ? whole : cat(whole, new Uint8Array(-whole.length & 3));
    };
    const frame = data(QOS_DATA, TO_DS, cat(le16(0x0080), subframe(false), subframe(false), subframe(true)));
    const d = dissected(frame);
    expect(names(d)).toEqual(['ieee80211', 'llc', 'arp']);
    expect(d.headerEnd[0]).toBe(26 + 14);
    expect(recordOf(frame).amsdu).toMatchObject({
      subframes: 3,
      da: '02:00:00:00:00:01',
      length: arp.length,
    });
    expect(
      await differences(LinkType.ieee80211, [frame], ieee80211, {
        'wlan_aggregate.a_mdsu.length': (r) =>
          Array<number>(r.amsdu?.subframes ?? 0).fill(r.amsdu?.length ?? 0),
      }),
    ).toEqual([]);
  });

  it('reads mesh control in four-address frames only', async () => {
    const meshControl = hex('01 1f 78563412 020000000009');
    const frame = data(QOS_DATA, TO_DS | FROM_DS, cat(FOURTH, le16(0x0100), meshControl, arp));
    const d = dissected(frame);
    expect(names(d)).toEqual(['ieee80211', 'llc', 'arp']);
    expect(d.headerEnd[0]).toBe(32 + meshControl.length);
    expect(
      await differences(LinkType.ieee80211, [frame], ieee80211, {
        'wlan.fixed.mesh_flags': (r) => r.mesh?.flags,
        'wlan.fixed.mesh_ttl': (r) => r.mesh?.ttl,
        'wlan.fixed.mesh_sequence': (r) => r.mesh?.seq,
      }),
    ).toEqual([]);
    const infrastructure = data(QOS_DATA, TO_DS, cat(le16(0x0100), arp));
    expect(names(dissected(infrastructure))).toEqual(['ieee80211', 'llc', 'arp']);
  });

  it('does not read a later fragment as a header', () => {
    const frame = data(0, TO_DS, arp);
    frame[22] |= 1;
    expect(names(dissected(frame))).toEqual(['ieee80211']);
    const first = data(0, TO_DS | 0x04, arp);
    const d = dissected(first);
    expect(d.firstFragment).toBe(true);
  });
});

describe('802.11 control', () => {
  it('reads every subtype as tshark reads it', async () => {
    const frames = [
      control(11, cat(AP, STATION)),
      control(12, AP),
      control(13, AP),
      control(15, cat(AP, STATION)),
      // Block ack request and block ack, compressed: TID 5, sequence 100.
      control(8, cat(AP, STATION, le16(0x5004), le16(100 << 4))),
      control(9, cat(AP, STATION, le16(0x5004), le16(100 << 4), hex('ff01000000000080'))),
      // 256-bit bitmap: fragment number 4 (802.11ax table 9-30a).
      control(9, cat(AP, STATION, le16(0x5004), le16((100 << 4) | 4), new Uint8Array(32).fill(3))),
    ];
    expect(
      await differences(LinkType.ieee80211, frames, ieee80211, {
        ...common,
        'wlan.duration': (r) => r.duration,
        'wlan.fixed.ssc.sequence': (r) => r.control?.blockAck?.entries[0]?.sequence,
        'wlan.fixed.ssc.fragment': (r) => r.control?.blockAck?.entries[0]?.fragment,
        'wlan.ba.bm': (r) => r.control?.blockAck?.entries[0]?.bitmap,
      }),
    ).toEqual([]);
  });

  it('reads the end of a contention-free period', async () => {
    // Its second address is BSSID and transmitter in one (9.3.1.6); tshark shows it as the former only.
    expect(
      await differences(LinkType.ieee80211, [control(14, cat(AP, STATION))], ieee80211, {
        'wlan.ra': (r) => r.ra,
        'wlan.bssid': (r) => r.bssid,
      }),
    ).toEqual([]);
  });

  it('reads a PS-Poll', async () => {
    const frame = control(10, cat(AP, STATION));
    frame.set([0x05, 0xc0], 2);
    expect(
      await differences(LinkType.ieee80211, [frame], ieee80211, {
        'wlan.aid': (r) => r.aid,
        'wlan.bssid': (r) => r.bssid,
        'wlan.ta': (r) => r.ta,
      }),
    ).toEqual([]);
  });

  it('reads an announcement of null data packets', async () => {
    const frame = control(5, cat(AP, STATION, [9 << 2], le16(0x2005), le16(0x1006)));
    expect(
      await differences(LinkType.ieee80211, [frame], ieee80211, {
        'wlan.vht_ndp.token.number': (r) => r.control?.ndpAnnouncement?.token,
        'wlan.vht_ndp.sta_info.aid12': (r) => r.control?.ndpAnnouncement?.stations,
      }),
    ).toEqual([]);
  });

  it('reads a trigger', async () => {
    // 802.11ax 9.3.1.22: basic trigger, length 1000, 80 MHz; one user of AID 5.
    const commonInfo = 1000 * 16 + 2 * 2 ** 18;
    const bytes = [0, 8, 16, 24].map((shift) => (commonInfo >>> shift) & 0xff);
    const frame = control(2, cat(AP, STATION, bytes, hex('00000000'), hex('05 00 00 00 00 00')));
    expect(
      await differences(LinkType.ieee80211, [frame], ieee80211, {
        'wlan.trigger.he.trigger_type': (r) => r.control?.trigger?.type,
        'wlan.trigger.he.ul_length': (r) => r.control?.trigger?.ulLength,
        'wlan.trigger.he.ul_bw': (r) => r.control?.trigger?.ulBandwidth,
      }),
    ).toEqual([]);
  });

  it('says what a short one lacks', () => {
    expect(dissected(control(9, cat(AP, STATION, le16(0x5004), le16(0), hex('ff')))).fault).toMatchObject({
      kind: 'truncated',
      layer: 'ieee80211',
      offset: 16,
      needed: 12,
      available: 5,
    });
  });

  it('reads block acks for several stations', () => {
    // 802.11ax 9.3.1.8.6: AID 1 TID 2 with a 64-bit bitmap, AID 3 acknowledged without one.
    const frame = control(
      9,
      cat(
        AP,
        STATION,
        le16(11 << 1),
        le16(0x2001),
        le16(50 << 4),
        new Uint8Array(8).fill(0xf0),
        le16(0xe803),
      ),
    );
    expect(recordOf(frame).control?.blockAck?.entries).toEqual([
      { aid: 1, tid: 2, sequence: 50, fragment: 0, bitmap: 'f0f0f0f0f0f0f0f0' },
      { aid: 3, tid: 14 },
    ]);
  });
});
