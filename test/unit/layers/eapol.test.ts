import { describe, expect, it } from 'vitest';
import { dissect } from '../../../packets/dissect.ts';
import { Dissection } from '../../../packets/dissection.ts';
import { type EapRecord, eap, eapIdentity, eapType } from '../../../packets/layers/eap.ts';
import { type EapolRecord, eapol } from '../../../packets/layers/eapol.ts';
import { messageNumber, micLength, replayCounter } from '../../../packets/layers/eapol-key.ts';
import { LinkType } from '../../../packets/linktype.ts';
import { Proto } from '../../../packets/protocols.ts';
import { be16, cat, ethernetFrame, hex } from '../../support/build-frames.ts';
import { framesOf } from '../../support/captures.ts';
import { differences } from '../../support/compare-with-tshark.ts';

const words = (text: string): Uint8Array => new TextEncoder().encode(text);
const eapolFrame = (type: number, body: Uint8Array): Uint8Array =>
  ethernetFrame(0x888e, cat([2, type], be16(body.length), body));
const eapFrame = (code: number, id: number, body: Uint8Array): Uint8Array =>
  eapolFrame(0, cat([code, id], be16(4 + body.length), body));

describe('EAP', () => {
  const frames = [
    eapFrame(1, 1, cat([1], words('who?'))),
    eapFrame(2, 1, cat([1], words('anna@example.org'))),
    eapFrame(2, 2, hex('03 0d 19 15')),
    eapFrame(1, 3, cat([4, 16], new Uint8Array(16).fill(9), words('srv'))),
    eapFrame(1, 4, hex('0d 20')),
    eapFrame(1, 5, cat(hex('0d c0 00000bb8'), new Uint8Array(40))),
    eapFrame(1, 6, hex('15 20')),
    eapFrame(1, 7, hex('19 21')),
    eapFrame(1, 8, hex('2b 21 0004 0010 00112233445566778899aabbccddeeff')),
    eapFrame(1, 9, hex('fe 00372a 00000001 01 00')),
    eapFrame(3, 10, hex('')),
    eapFrame(4, 11, hex('')),
  ];

  it('reads as tshark reads it', async () => {
    expect(
      await differences<EapRecord>(LinkType.ethernet, frames, eap, {
        'eap.code': (r) => r.code,
        'eap.id': (r) => r.id,
        'eap.len': (r) => r.len,
        'eap.type': (r) => r.type,
        'eap.identity': (r) => r.identity,
        // tshark 4.0 stops at the first of a list (RFC 3748 5.3.1 has one byte for each).
        'eap.desired_type': (r) => r.desiredTypes?.[0],
        'eap.md5.value': (r) => r.md5?.value,
        'eap.tls.flags': (r) => r.tls?.flags,
        'eap.tls.flags.start': (r) => r.tls?.start,
        'eap.tls.flags.more_fragments': (r) => r.tls?.moreFragments,
        'eap.tls.len': (r) => r.tls?.messageLength,
        'eap.ext.vendor_id': (r) => r.expanded?.vendorId,
        'eap.ext.vendor_type': (r) => r.expanded?.vendorType,
      }),
    ).toEqual([]);
  });

  it('reads every method that a Nak would rather have', () => {
    const d = new Dissection();
    dissect(d, frames[2], LinkType.ethernet);
    expect(eap.record(d, d.find(Proto.eap)).desiredTypes).toEqual([13, 25, 21]);
  });

  it('gives the identity of a response only', () => {
    const identity = (frame: Uint8Array): string | undefined => eapIdentity(frame, 18, frame.length);
    expect(frames.slice(0, 3).map(identity)).toEqual([undefined, 'anna@example.org', undefined]);
    expect(frames.slice(-2).map((frame) => eapType(frame, 18, frame.length))).toEqual([0, 0]);
  });

  it('says how much a short one lacks', () => {
    const d = new Dissection();
    dissect(d, frames[1].subarray(0, 26), LinkType.ethernet);
    expect(d.fault).toMatchObject({ kind: 'truncated', layer: 'eap', offset: 18, needed: 21, available: 8 });
    expect(eap.record(d, d.find(Proto.eap))).toMatchObject({ code: 2, type: 1, identity: 'ann' });
  });
});

const keyFrame = (info: number, mic: number, keyData: Uint8Array, nonce = 7): Uint8Array =>
  eapolFrame(
    3,
    cat(
      [2],
      be16(info),
      be16(16),
      hex('0000000000000102'),
      new Uint8Array(32).fill(nonce),
      new Uint8Array(32),
      new Uint8Array(mic).fill(1),
      be16(keyData.length),
      keyData,
    ),
  );
const rsn = hex('3014 0100 000fac04 0100 000fac04 0100 000fac02 0000');
const wrapped = new Uint8Array(56).fill(0x5a);
/** Start of the key descriptor in those frames. */
const BODY = 18;

describe('EAPOL-Key', () => {
  // IEEE 802.11-2020 12.7.6.2 to 12.7.6.5 and 12.7.7: information fields of each message.
  const frames = [
    keyFrame(0x008a, 16, hex('')),
    keyFrame(0x010a, 16, rsn),
    keyFrame(0x13ca, 16, wrapped),
    keyFrame(0x030a, 16, hex(''), 0),
  ];

  it('is numbered as tshark numbers it', async () => {
    expect(
      await differences<EapolRecord>(LinkType.ethernet, frames, eapol, {
        'eapol.version': (r) => r.version,
        'eapol.type': (r) => r.type,
        'eapol.len': (r) => r.len,
        'eapol.keydes.type': (r) => r.key?.descriptorType,
        'wlan_rsna_eapol.keydes.msgnr': (r) => r.key?.messageNumber,
        'wlan_rsna_eapol.keydes.key_info': (r) => r.key?.keyInfo,
        'eapol.keydes.key_len': (r) => r.key?.keyLength,
        'eapol.keydes.replay_counter': (r) => r.key?.replayCounter,
        'wlan_rsna_eapol.keydes.nonce': (r) => r.key?.nonce,
        'wlan_rsna_eapol.keydes.mic': (r) => r.key?.mic,
        'wlan_rsna_eapol.keydes.data_len': (r) => r.key?.dataLength,
      }),
    ).toEqual([]);
  });

  it('knows message 2 of a rekey, which some stations mark secure', () => {
    const frame = keyFrame(0x030a, 16, rsn);
    expect(messageNumber(frame, BODY, frame.length)).toBe(2);
  });

  it('tells the group key handshake and requests apart', () => {
    const numbers = [
      keyFrame(0x1382, 16, wrapped),
      keyFrame(0x0302, 16, hex('')),
      keyFrame(0x0d0a, 16, hex('')),
    ].map((frame) => messageNumber(frame, BODY, frame.length));
    expect(numbers).toEqual([5, 6, 0]);
  });

  it('finds the length of the MIC from that of the key data', () => {
    // 12.7.2: 24 bytes with the 384-bit AKMs, none with FILS, whose messages have no MIC bit either.
    for (const mic of [0, 16, 24]) {
      const frame = keyFrame(0x13ca, mic, wrapped);
      expect(micLength(frame, BODY, frame.length)).toBe(mic);
    }
    const aead = [
      keyFrame(0x0088, 0, hex('')),
      keyFrame(0x1008, 0, wrapped),
      keyFrame(0x13c8, 0, wrapped),
      keyFrame(0x1308, 0, wrapped, 0),
    ];
    expect(aead.map((frame) => messageNumber(frame, BODY, frame.length))).toEqual([1, 2, 3, 4]);
    expect(replayCounter(aead[0], BODY)).toBe(0x0102);
  });

  it('recorded from hostapd and wpa_supplicant is numbered as tshark numbers it', async () => {
    const frames = framesOf('fixtures/captures/hil/hwsim-wpa2eap-radiotap.pcap').map((frame) => frame.bytes);
    const d = new Dissection();
    const keys = frames.filter((frame) => {
      dissect(d, frame, LinkType.radiotap);
      return d.find(Proto.eapol) >= 0 && d.find(Proto.eap) < 0;
    });
    expect(
      await differences<EapolRecord>(LinkType.radiotap, keys, eapol, {
        'wlan_rsna_eapol.keydes.msgnr': (r) => r.key?.messageNumber,
        'eapol.keydes.replay_counter': (r) => r.key?.replayCounter,
      }),
    ).toEqual([]);
  });
});
