import { describe, expect, it } from 'vitest';
import { dissect } from '../../../packets/dissect.ts';
import { Dissection } from '../../../packets/dissection.ts';
import { type Ieee80211Record, ieee80211 } from '../../../packets/layers/ieee80211.ts';
import { LinkType } from '../../../packets/linktype.ts';
import { cat, hex, le16 } from '../../support/build-frames.ts';
import { beacon, element, management, OTHER, STATION } from '../../support/build-ieee80211.ts';
import { differences, type Getters } from '../../support/compare-with-tshark.ts';
import { withFrameFile } from '../../support/frame-file.ts';
import { tsharkFields } from '../../support/tshark.ts';

const ssid = element(0, Buffer.from('Campus'));
const rates = element(1, hex('82848b96 0c12'));
const compare = (frames: Uint8Array[], getters: Getters<Ieee80211Record>): Promise<string[]> =>
  differences(LinkType.ieee80211, frames, ieee80211, getters);
const action = (r: Ieee80211Record) => r.management?.action;

describe('802.11 management', () => {
  it('reads the fixed fields of every subtype as tshark reads them', async () => {
    const frames = [
      management(0, cat(le16(0x0431), le16(10), ssid, rates)),
      management(1, cat(le16(0x0431), le16(0), le16(0xc001), rates)),
      management(1, cat(le16(0x0431), le16(17), le16(0xc000), rates)),
      management(2, cat(le16(0x1431), le16(10), OTHER, ssid, rates)),
      management(3, cat(le16(0x0431), le16(53), le16(0xc002), rates)),
      management(4, cat(ssid, rates)),
      management(5, cat(hex('8877665544332211 6400 3104'), ssid, rates)),
      beacon(ssid, rates),
      management(9, new Uint8Array(0)),
      management(10, le16(8)),
      management(12, le16(15)),
      management(11, cat(le16(0), le16(1), le16(0))),
      management(11, cat(le16(0), le16(2), le16(30))),
    ];
    expect(
      await compare(frames, {
        'wlan.fixed.capabilities': (r) => r.management?.capabilities?.value,
        'wlan.fixed.capabilities.ess': (r) => r.management?.capabilities?.ess,
        'wlan.fixed.capabilities.privacy': (r) => r.management?.capabilities?.privacy,
        'wlan.fixed.capabilities.short_slot_time': (r) => r.management?.capabilities?.shortSlotTime,
        'wlan.fixed.capabilities.radio_measurement': (r) => r.management?.capabilities?.radioMeasurement,
        'wlan.fixed.listen_ival': (r) => r.management?.listenInterval,
        'wlan.fixed.current_ap': (r) => r.management?.currentAp,
        'wlan.fixed.status_code': (r) => r.management?.statusCode,
        'wlan.fixed.aid': (r) => r.management?.aid,
        'wlan.fixed.reason_code': (r) => r.management?.reasonCode,
        'wlan.fixed.auth.alg': (r) => r.management?.auth?.alg,
        'wlan.fixed.auth_seq': (r) => r.management?.auth?.seq,
        'wlan.fixed.timestamp': (r) => r.management?.timestamp,
        'wlan.fixed.beacon': (r) => r.management?.beacon,
        'wlan.tag.number': (r) => r.management?.elements.map((one) => one.number),
        'wlan.tag.length': (r) => r.management?.elements.map((one) => one.length),
      }),
    ).toEqual([]);
  });

  it('reads a timing advertisement, which tshark takes for a beacon', async () => {
    // IEEE 802.11-2020 9.3.3.15: time stamp, capabilities, elements; no beacon interval.
    const d = new Dissection();
    const frame = management(6, cat(hex('8877665544332211 3104'), rates));
    dissect(d, frame, LinkType.ieee80211);
    expect(d.fault).toBeNull();
    const record = ieee80211.record(d, 0).management;
    const [[timestamp]] = await withFrameFile(LinkType.ieee80211, [frame], (path) =>
      tsharkFields(path, ['wlan.fixed.timestamp']),
    );
    // Up to there a beacon has the same.
    expect([record?.timestamp]).toEqual(timestamp);
    expect(record?.capabilities?.value).toBe(0x0431);
    expect(record?.elements.map(({ number }) => number)).toEqual([1]);
  });

  it('reads SAE without mistaking scalars for elements', async () => {
    const commit = cat(
      le16(3),
      le16(1),
      le16(0),
      le16(19),
      new Uint8Array(32).fill(7),
      new Uint8Array(64).fill(9),
    );
    const confirm = cat(le16(3), le16(2), le16(0), le16(1), new Uint8Array(32).fill(5));
    expect(
      await compare([management(11, commit), management(11, confirm)], {
        'wlan.fixed.finite_cyclic_group': (r) => r.management?.auth?.sae?.groupId,
        'wlan.fixed.send_confirm': (r) => r.management?.auth?.sae?.sendConfirm,
      }),
    ).toEqual([]);
  });

  it('reads block ack agreements', async () => {
    const frames = [
      management(13, cat(hex('03 00 07'), le16(0x1016), le16(5000), le16(100 << 4))),
      management(13, cat(hex('03 01 07'), le16(37), le16(0x1016), le16(5000))),
      management(13, cat(hex('03 02'), le16(0x5800), le16(39))),
      // An action that nobody acknowledges.
      management(14, cat(hex('03 02'), le16(0x5800), le16(1))),
    ];
    expect(
      await compare(frames, {
        'wlan.fixed.category_code': (r) => action(r)?.category,
        'wlan.fixed.action_code': (r) => action(r)?.action,
        'wlan.fixed.dialog_token': (r) => action(r)?.dialogToken,
        'wlan.fixed.status_code': (r) => action(r)?.statusCode,
        'wlan.fixed.reason_code': (r) => action(r)?.reasonCode,
        'wlan.fixed.batimeout': (r) => action(r)?.blockAck?.timeout,
        'wlan.fixed.ssc': (r) => action(r)?.blockAck?.startingSequenceControl,
      }),
    ).toEqual([]);
  });

  it('reads fast BSS transition over the distribution system', async () => {
    const mobility = element(54, hex('3412 01'));
    const frames = [
      management(13, cat(hex('06 01'), STATION, OTHER, mobility)),
      management(13, cat(hex('06 02'), STATION, OTHER, le16(53), mobility)),
    ];
    expect(
      await compare(frames, {
        'wlan.fixed.sta_address': (r) => action(r)?.staAddress,
        'wlan.fixed.target_ap_address': (r) => action(r)?.targetApAddress,
        'wlan.fixed.status_code': (r) => action(r)?.statusCode,
        'wlan.mobility_domain.mdid': (r) =>
          r.management?.elements.map((one) => Reflect.get(one.fields ?? {}, 'mdid') as number),
      }),
    ).toEqual([]);
  });

  it('reads BSS transition with its candidates', async () => {
    const candidate = element(52, cat(OTHER, hex('8f000000 73 24 09'), element(3, [200])));
    const frames = [
      // Candidates, and disassociation imminent; and with termination duration and URL.
      management(13, cat(hex('0a 07 21 05 1e00 ff'), candidate)),
      management(
        13,
        cat(
          hex('0a 07 22 1d 1e00 ff'),
          hex('04 0a 0102030405060708 0a00'),
          [4],
          Buffer.from('a.bc'),
          candidate,
        ),
      ),
      management(13, cat(hex('0a 08 21 00 00'), OTHER)),
      management(13, hex('0a 08 21 06 02')),
    ];
    expect(
      await compare(frames, {
        'wlan.fixed.dialog_token': (r) => action(r)?.dialogToken,
        'wlan.fixed.disassoc_timer': (r) => action(r)?.btm?.disassociationTimer,
        'wlan.fixed.validity_interval': (r) => action(r)?.btm?.validityInterval,
        'wlan.fixed.bss_transition_status_code': (r) => action(r)?.btm?.statusCode,
        'wlan.fixed.bss_transition_target_bss': (r) => action(r)?.btm?.targetBss,
        'wlan.nreport.bssid': (r) =>
          r.management?.elements.map((one) => Reflect.get(one.fields ?? {}, 'bssid') as string),
      }),
    ).toEqual([]);
  });

  it('reads GAS and the ANQP elements inside', async () => {
    const protocol = element(108, hex('7f 00'));
    const list = cat(le16(256), le16(6), le16(257), le16(258), le16(263));
    const capabilities = cat(le16(257), le16(4), le16(257), le16(258));
    const venue = cat(le16(258), le16(14), hex('02 08'), [11], Buffer.from('engCampus 1'));
    const addresses = cat(le16(262), le16(1), hex('0d'));
    const body = cat(capabilities, venue, addresses);
    const frames = [
      management(13, cat(hex('04 0a 21'), protocol, le16(list.length), list)),
      management(13, cat(hex('04 0b 21'), le16(0), le16(0), protocol, le16(body.length), body)),
      // To be asked for again later: nothing in it yet.
      management(13, cat(hex('04 0b 22'), le16(95), le16(10), protocol, le16(0))),
      management(13, hex('04 0c 22')),
      management(13, cat(hex('04 0d 22'), le16(0), hex('00'), le16(0), protocol, le16(body.length), body)),
    ];
    const gas = (r: Ieee80211Record) => action(r)?.gas;
    const ids = (id: number) => (r: Ieee80211Record) =>
      gas(r)?.anqp?.flatMap((one) => (one.id === id ? (one.ids ?? []) : []));
    expect(
      await compare(frames, {
        'wlan.fixed.dialog_token': (r) => action(r)?.dialogToken,
        'wlan.fixed.status_code': (r) => action(r)?.statusCode,
        'wlan.fixed.gas_comeback_delay': (r) => gas(r)?.comebackDelayTu,
        'wlan.fixed.gas_fragment_id': (r) => gas(r)?.fragmentId,
        'wlan.fixed.query_request_length': (r) => (action(r)?.action === 10 ? gas(r)?.queryBytes : undefined),
        'wlan.fixed.query_response_length': (r) =>
          action(r)?.action === 10 ? undefined : gas(r)?.queryBytes,
        'wlan.fixed.anqp.info_id': (r) => gas(r)?.anqp?.map((one) => one.id),
        'wlan.fixed.anqp.info_length': (r) => gas(r)?.anqp?.map((one) => one.length),
        'wlan.fixed.anqp.query_id': ids(256),
        'wlan.fixed.anqp.capability': ids(257),
      }),
    ).toEqual([]);
  });

  it('reads a security association query', async () => {
    expect(
      await compare([management(13, hex('08 00 3412'))], {
        // Two bytes, which tshark shows as they stand.
        'wlan.fixed.transaction_id': (r) => action(r)?.transactionId,
      }),
    ).toEqual([]);
  });

  it('keeps the elements before one that does not fit', () => {
    const d = new Dissection();
    dissect(d, beacon(ssid, hex('03 05 01')), LinkType.ieee80211);
    expect(d.fault).toEqual({
      kind: 'truncated',
      layer: 'ieee80211',
      offset: 24 + 12 + ssid.length,
      needed: 7,
      available: 3,
      message: 'ends early',
    });
    expect(ieee80211.record(d, 0).management?.elements).toEqual([
      { number: 0, length: 6, fields: { ssid: 'Campus', hidden: false } },
    ]);
  });

  it('leaves protected management alone', () => {
    const d = new Dissection();
    dissect(d, management(12, cat(hex('0100002000000000'), new Uint8Array(10)), 0x40), LinkType.ieee80211);
    const record = ieee80211.record(d, 0);
    expect(d.headerEnd[0]).toBe(32);
    expect(record).toMatchObject({ protected: true, cipher: 'ccmp' });
    expect(record.management).toBeUndefined();
  });
});
