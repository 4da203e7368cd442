import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dissect } from '../../../packets/dissect.ts';
import { Dissection } from '../../../packets/dissection.ts';
import {
  RadiotapReading,
  type RadiotapReading as Reading,
  radiotap,
  radiotapFlags,
  readRadiotap,
} from '../../../packets/layers/radiotap.ts';
import { type RadiotapRecord, radiotapRecord } from '../../../packets/layers/radiotap-record.ts';
import { LinkType } from '../../../packets/linktype.ts';
import { protoName } from '../../../packets/protocols.ts';
import { cat, hex, le16 } from '../../support/build-frames.ts';
import { AP, control } from '../../support/build-ieee80211.ts';
import { differences } from '../../support/compare-with-tshark.ts';

const CHECKS = 'fixtures/captures/radiotap/check';

/**
 * The library's own check prints a header's fields one a line. `0fcs` reads bit 14 as a frame check sequence,
 * which radiotap.org has given to RX flags since; it is left out.
 */
const checks = readdirSync(CHECKS)
  .filter((name) => name.endsWith('.bin') && name !== '0fcs.bin')
  .map((name) => name.slice(0, -'.bin'.length));

const plain = (digits: string): string => digits.replace(/[^0-9a-f]/g, '');

/** Our record in the words of the check. */
function printed(record: RadiotapRecord): string[] {
  const lines: string[] = [];
  if (record.mactime !== undefined) lines.push(`TSFT: ${record.mactime}`);
  if (record.flags !== undefined) lines.push(`flags: ${record.flags.toString(16)}`);
  if (record.datarate !== undefined) lines.push(`rate: ${record.datarate.toFixed(6)}`);
  if (record.rxFlags !== undefined) lines.push(`RX flags: ${record.rxFlags.toString(16).padStart(4, '0')}`);
  return lines;
}

describe('the checks of the radiotap library', () => {
  it.each(checks)('%s', (name) => {
    const frame = Uint8Array.from(readFileSync(join(CHECKS, `${name}.bin`)));
    const expected = readFileSync(join(CHECKS, `${name}.out`), 'utf8').split('\n');
    const record = radiotapRecord(frame, 0, frame.length);
    const fields = expected
      .map((line) => line.trim())
      .filter((line) => /^(TSFT|flags|rate|RX flags):/.test(line));
    // A field that comes again in a later namespace: the first TSFT and the last rate are the record's.
    const once = fields.filter((line, at) => {
      const key = line.split(':')[0];
      const same = fields.flatMap((other, k) => (other.startsWith(`${key}:`) ? [k] : []));
      return key === 'rate' ? at === same.at(-1) : at === same[0];
    });
    expect(printed(record)).toEqual(expect.arrayContaining(once));
    expect(printed(record)).toHaveLength(once.length);
    const vendor = expected.find((line) => line.includes('vendor NS'));
    if (vendor !== undefined) {
      const [, oui, subNamespace, length] = /\((.*):(\d+), (\d+) bytes\)/.exec(vendor) ?? [];
      const data = expected[expected.indexOf(vendor) + 1].trim();
      expect(record.vendors).toHaveLength(1);
      expect(plain(record.vendors[0].oui)).toBe(plain(oui));
      expect(record.vendors[0].subNamespace).toBe(Number(subNamespace));
      expect(record.vendors[0].data).toBe(plain(data));
      expect(record.vendors[0].data).toHaveLength(2 * Number(length));
    }
    const d = new Dissection();
    dissect(d, frame, LinkType.radiotap);
    const isMalformed = expected.some((line) => line.includes('malformed'));
    expect(d.fault?.layer).toBe(isMalformed ? 'radiotap' : 'ieee80211');
  });
});

const ack = control(13, AP);
/** Header with these presence words, fields and (with its own FCS flag) no check sequence. */
function header(words: number[], fields: Uint8Array): Uint8Array {
  const present = words.flatMap((word) => [
    word & 0xff,
    (word >>> 8) & 0xff,
    (word >>> 16) & 0xff,
    word >>> 24,
  ]);
  return cat([0, 0], le16(4 + present.length + fields.length), present, fields);
}
const bits = (...numbers: number[]): number => numbers.reduce((word, bit) => word + 2 ** bit, 0);

const legacy = header(
  [bits(0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 14)],
  hex('8877665544332211 00 0c 8509 a000 ba a1 4000 0300 0400 14 02 0000 0200'.replaceAll(' ', '')),
);
const ht = header(
  [bits(1, 3, 5, 11, 18, 19, 20)],
  hex('00 00 a415 4001 b6 01 40010100 a415 6c 22 1f 0d 07 00 01000000 0000 00 00'),
);
const vht = header([bits(3, 21)], hex('a415 4001 c401 04 04 92 00 00 00 00 20 0500'.replaceAll(' ', '')));
const he = header([bits(3, 23)], hex('a415 4001 c4c0 4600 a512 0000 1200 021f'));

describe('radiotap fields', () => {
  it('read as tshark reads them', async () => {
    const frames = [legacy, ht, vht, he].map((head) => cat(head, ack));
    expect(
      await differences<RadiotapRecord>(LinkType.radiotap, frames, radiotap, {
        'radiotap.length': (r) => r.length,
        'radiotap.mactime': (r) => r.mactime,
        'radiotap.flags': (r) => r.flags,
        // tshark adds the rate that an MCS stands for: 7 at 40 MHz with the short guard interval is 150 Mb/s.
        'radiotap.datarate': (r) => r.datarate ?? (r.mcs?.index === 7 ? 150 : undefined),
        'radiotap.channel.freq': (r) => r.channel?.freq,
        'radiotap.channel.flags': (r) => r.channel?.flags,
        'radiotap.dbm_antsignal': (r) => r.antennas[0]?.dbmAntSignal,
        'radiotap.dbm_antnoise': (r) => r.antennas[0]?.dbmAntNoise,
        'radiotap.quality': (r) => r.quality,
        'radiotap.txattenuation': (r) => r.txAttenuation,
        'radiotap.db_txattenuation': (r) => r.dbTxAttenuation,
        'radiotap.txpower': (r) => r.txPower,
        'radiotap.antenna': (r) => r.antennas[0]?.antenna,
        'radiotap.rxflags': (r) => r.rxFlags,
        'radiotap.xchannel.flags': (r) => r.xchannel?.flags,
        'radiotap.xchannel.freq': (r) => r.xchannel?.freq,
        'radiotap.xchannel.channel': (r) => r.xchannel?.channel,
        'radiotap.mcs.index': (r) => r.mcs?.index,
        'radiotap.mcs.bw': (r) => r.mcs?.bw,
        'radiotap.mcs.gi': (r) => r.mcs?.gi,
        'radiotap.mcs.format': (r) => r.mcs?.format,
        'radiotap.ampdu.reference': (r) => r.ampdu?.reference,
        'radiotap.vht.bw': (r) => r.vht?.bw,
        'radiotap.vht.mcs.0': (r) => r.vht?.users[0]?.mcs,
        'radiotap.vht.nss.0': (r) => r.vht?.users[0]?.nss,
        'radiotap.vht.gid': (r) => r.vht?.gid,
        'radiotap.vht.paid': (r) => r.vht?.pAid,
        'radiotap.he.data_1.ppdu_format': (r) => r.he?.ppduFormat,
        'radiotap.he.data_3.bss_color': (r) => r.he?.bssColor,
        'radiotap.he.data_5.data_bw_ru_allocation': (r) => r.he?.bandwidthOrRu,
        'radiotap.he.data_5.gi': (r) => r.he?.gi,
        'radiotap.he.data_6.nsts': (r) => r.he?.nsts,
        'radiotap.he.data_6.txop_value': (r) => r.he?.txop,
      }),
    ).toEqual([]);
  });
});

/** As Linux writes it for two chains: the frame's own signal, then a word for each antenna. */
const chains = header(
  [bits(3, 5, 29, 31), bits(5, 11, 29, 31), bits(5, 11)],
  hex('8509 a000 c4 c3 00 bf 01'),
);

describe('readRadiotap', () => {
  const read = (frame: Uint8Array): [Reading, boolean] => {
    const reading = new RadiotapReading();
    return [reading, readRadiotap(reading, frame, 0, frame.length)];
  };

  it('gives the signal of the frame and of each antenna', () => {
    const [r, good] = read(chains);
    expect(good).toBe(true);
    expect(r).toMatchObject({ frequencyMhz: 2437, signalDbm: -60, antennaCount: 2 });
    expect([...r.antennaId.subarray(0, 2)]).toEqual([0, 1]);
    expect([...r.antennaSignalDbm.subarray(0, 2)]).toEqual([-61, -65]);
    expect(radiotapRecord(chains, 0, chains.length).antennas).toEqual([
      { dbmAntSignal: -60 },
      { dbmAntSignal: -61, antenna: 0 },
      { dbmAntSignal: -65, antenna: 1 },
    ]);
  });

  it('forgets the frame before', () => {
    const r = new RadiotapReading();
    readRadiotap(r, legacy, 0, legacy.length);
    expect(r).toMatchObject({ signalDbm: -70, noiseDbm: -95, rate500Kbps: 12, antennaCount: 1 });
    readRadiotap(r, header([bits(21)], new Uint8Array(12)), 0, 20);
    expect(r).toMatchObject({ hasVht: true, rate500Kbps: 0, frequencyMhz: 0, antennaCount: 0 });
    expect(r.signalDbm).toBeNaN();
    expect(r.tsftUs).toBeNaN();
  });

  it('reads the fields that come as TLVs', () => {
    // radiotap.org/fields/TLV, U-SIG (33) and EHT (34): PHY version 0, 320 MHz, colour 5; one user, MCS 11, 2 streams.
    const uSig = hex('2100 0c00 0b002a00 00000000 00000000');
    const eht = cat(hex('2200 2c00 04000000 80000000'), new Uint8Array(32), hex('17 34 b2 02'));
    const frame = header([bits(1, 28)], cat(hex('00 000000'), uSig, eht));
    const record = radiotapRecord(frame, 0, frame.length);
    expect(record.uSig).toMatchObject({ phyVersion: 0, bw: 4, bssColor: 5 });
    expect(record.eht).toMatchObject({ gi: 1, users: [{ staId: 0x234, mcs: 11, nss: 2, coding: 0 }] });
    expect(read(frame)[0].hasEht).toBe(true);
  });

  it('says where a header breaks and keeps what came before', () => {
    const short = legacy.slice(0, legacy.length - 3);
    short[2] -= 3;
    const [r, good] = read(short);
    expect(good).toBe(false);
    expect(r.signalDbm).toBe(-70);
    const d = new Dissection();
    dissect(d, short, LinkType.radiotap);
    expect(d.fault).toMatchObject({ layer: 'radiotap', kind: 'truncated' });
    expect(radiotap.record(d, 0).channel).toEqual({ freq: 2437, flags: 160 });
  });
});

describe('flags', () => {
  const flagged = (flags: number, rest: Uint8Array): Uint8Array =>
    cat(header([bits(1)], Uint8Array.of(flags)), rest);
  const run = (frame: Uint8Array, originalLength = frame.length): Dissection => {
    const d = new Dissection();
    dissect(d, frame, LinkType.radiotap, originalLength);
    return d;
  };
  const names = (d: Dissection): string[] => Array.from(d.proto.subarray(0, d.count), protoName);

  it('take the check sequence from the frame, what the capture left of it', () => {
    const frame = flagged(0x10, cat(ack, [1, 2, 3, 4]));
    expect(radiotapFlags(frame, 0)).toBe(0x10);
    expect(run(frame).end[1]).toBe(frame.length - 4);
    expect(run(frame, frame.length + 3).end[1]).toBe(frame.length - 1);
    expect(run(frame, frame.length + 40).end[1]).toBe(frame.length);
  });

  it('stop at the addresses when the check failed', () => {
    const deauthentication = hex('c000 0000 020000000001 020000000002 020000000001 0000 0800');
    const good = run(flagged(0, deauthentication));
    const bad = run(flagged(0x40, deauthentication));
    expect(names(bad)).toEqual(names(good));
    expect(bad.fault).toBeNull();
    expect(bad.headerEnd[1]).toBe(9 + 24);
    const short = run(flagged(0x40, deauthentication.subarray(0, 20)));
    expect(short.fault).toMatchObject({ layer: 'ieee80211', needed: 24, available: 20 });
  });

  it('skip the padding of the MAC header', () => {
    const qos = hex('8801 0000 020000000001 020000000002 020000000003 0000 0000');
    const arp = hex('aaaa03 000000 0806 0001 0800 06 04 0001 020000000002 0a000001 000000000000 0a000002');
    expect(names(run(flagged(0x20, cat(qos, [0, 0], arp))))).toEqual(['radiotap', 'ieee80211', 'llc', 'arp']);
  });
});
