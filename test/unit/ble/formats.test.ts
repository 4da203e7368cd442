import { describe, expect, it } from 'vitest';
import { advertisingRecord } from '../../../packets/ble/ad-structure.ts';
import { bleAddressType } from '../../../packets/ble/address.ts';
import { altBeaconOf } from '../../../packets/ble/altbeacon.ts';
import { eddystoneOf } from '../../../packets/ble/eddystone.ts';
import { bleFormat } from '../../../packets/ble/format.ts';
import { iBeaconOf } from '../../../packets/ble/ibeacon.ts';
import { cat, hex } from '../../support/build-frames.ts';

const structure = (type: number, value: Uint8Array): Uint8Array => cat([value.length + 1, type], value);
const flags = structure(1, hex('06'));
const eddystone = (frame: Uint8Array): Uint8Array =>
  cat(flags, structure(3, hex('aafe')), structure(0x16, cat(hex('aafe'), frame)));

describe('AD structures', () => {
  it('are all read, and end at a length of 0', () => {
    // Core Specification Supplement, part A: one of each kind that an observer reports.
    const data = cat(
      flags,
      structure(3, hex('0f18 0a18')),
      structure(7, hex('9ecadc240ee5a9e093f3a3b50100406e')),
      structure(9, new TextEncoder().encode('tag 7')),
      structure(0x0a, hex('f4')),
      structure(0x19, hex('4102')),
      structure(0x16, hex('0f18 64')),
      structure(0xff, hex('5900 0102')),
      structure(0x2a, hex('aa')),
      hex('00 ff'),
    );
    expect(advertisingRecord(data)).toEqual({
      flags: 6,
      serviceUuids: ['180f', '180a', '6e400001-b5a3-f393-e0a9-e50e24dcca9e'],
      localName: 'tag 7',
      nameComplete: true,
      txPowerDbm: -12,
      appearance: 0x0241,
      serviceData: [{ uuid: '180f', data: '64' }],
      manufacturerData: [{ companyId: 0x59, data: '0102' }],
      other: [{ type: 0x2a, data: 'aa' }],
    });
  });

  it('keep those before one that does not fit', () => {
    expect(advertisingRecord(cat(flags, hex('09 09 41')))).toMatchObject({ flags: 6, malformedAt: 3 });
  });
});

describe('beacons', () => {
  // Apple, "Proximity Beacon Specification" R1, figure 1.
  const apple = cat(flags, structure(0xff, hex('4c00 0215 e2c56db5dffb48d2b060d0f5a71096e0 0001 0203 c5')));
  // AltBeacon 1.0, "Protocol Definition".
  const alt = cat(flags, structure(0xff, hex('1801 beac 0102030405060708090a0b0c0d0e0f1011121314 c5 07')));
  // Eddystone specification: eddystone-uid, -url, -tlm (plain and encrypted) and -eid.
  const uid = eddystone(hex('00 ee 00010203040506070809 0a0b0c0d0e0f 0000'));
  const url = eddystone(cat(hex('10 f0 03'), new TextEncoder().encode('go'), hex('07 78')));
  const telemetry = eddystone(hex('20 00 0bb8 1680 00000064 00000960'));
  const encrypted = eddystone(hex('20 01 000102030405060708090a0b 0c0d 0e0f'));
  const ephemeral = eddystone(hex('30 f0 0001020304050607'));

  it('of every format are told apart', () => {
    expect(
      [apple, alt, uid, url, telemetry, encrypted, ephemeral, flags].map((data) => bleFormat(data)),
    ).toEqual([
      'ibeacon',
      'altbeacon',
      'eddystone-uid',
      'eddystone-url',
      'eddystone-tlm',
      'eddystone-tlm',
      'eddystone-eid',
      'other',
    ]);
  });

  it('give their fields', () => {
    expect(iBeaconOf(apple)).toEqual({
      uuid: 'e2c56db5-dffb-48d2-b060-d0f5a71096e0',
      major: 1,
      minor: 0x203,
      measuredPowerDbm: -59,
    });
    expect(altBeaconOf(alt)).toEqual({
      companyId: 0x0118,
      id: '0102030405060708090a0b0c0d0e0f1011121314',
      referenceRssiDbm: -59,
      manufacturerReserved: 7,
    });
    expect(eddystoneOf(uid)).toEqual({
      frame: 'uid',
      txPowerDbm: -18,
      namespace: '00010203040506070809',
      instance: '0a0b0c0d0e0f',
    });
    expect(eddystoneOf(url)).toEqual({ frame: 'url', txPowerDbm: -16, url: 'https://go.comx' });
    expect(eddystoneOf(telemetry)).toEqual({
      frame: 'tlm',
      version: 0,
      batteryMv: 3000,
      temperatureC: 22.5,
      advertisements: 100,
      upTimeS: 240,
    });
    expect(eddystoneOf(encrypted)).toEqual({
      frame: 'tlm',
      version: 1,
      encrypted: '000102030405060708090a0b0c0d0e0f',
    });
    expect(eddystoneOf(ephemeral)).toEqual({
      frame: 'eid',
      txPowerDbm: -16,
      ephemeralId: '0001020304050607',
    });
  });

  it('without a battery or a thermometer leave those out', () => {
    expect(eddystoneOf(eddystone(hex('20 00 0000 8000 00000001 00000001')))).toEqual({
      frame: 'tlm',
      version: 0,
      advertisements: 1,
      upTimeS: 0.1,
    });
  });

  it('that are cut short are of no format', () => {
    for (const whole of [apple, alt, uid, url, telemetry, encrypted, ephemeral]) {
      for (let length = 0; length < whole.length; length++) {
        expect(bleFormat(whole.subarray(0, length))).toBe('other');
      }
      const surrounded = cat(new Uint8Array(64).fill(0xaa), whole, new Uint8Array(64).fill(0xaa));
      expect(bleFormat(surrounded, 64, 64 + whole.length)).toBe(bleFormat(whole));
    }
  });
});

describe('addresses', () => {
  it('are of the kind that their top bits say', () => {
    // Core 5.4, volume 6, part B, 1.3.2.
    expect(bleAddressType('c0:00:00:00:00:01', true)).toBe('random-static');
    expect(bleAddressType('40:00:00:00:00:01', true)).toBe('random-resolvable');
    expect(bleAddressType('00:00:00:00:00:01', true)).toBe('random-non-resolvable');
    expect(bleAddressType('c0:00:00:00:00:01', false)).toBe('public');
  });
});
