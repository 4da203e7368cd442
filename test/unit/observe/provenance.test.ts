import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Observer } from '../../../packets/observe/observer.ts';
import { capturePath, observeCapture } from '../../support/observe.ts';

/** What follows from the address, and what is counted over all frames. */
const WITHOUT = new Set(['provenance', 'randomized', 'manufacturer', 'frames', 'firstSeenMs', 'lastSeenMs']);

const captures = readdirSync(capturePath(''), { recursive: true, encoding: 'utf8' }).filter((name) =>
  /\.pcap(ng)?$/.test(name),
);

/** Fields of `record` that name no frame between the first and the last, or not one for each value. */
function unfounded(record: object, provenance: object, frames: number): string[] {
  const isFrame = (of: unknown): boolean => Number.isInteger(of) && Number(of) >= 1 && Number(of) <= frames;
  return Object.entries(record).flatMap(([field, value]) => {
    if (WITHOUT.has(field) || value === undefined) return [];
    const from: unknown = Reflect.get(provenance, field);
    const numbers = typeof from === 'object' ? Object.values(from ?? {}) : [from];
    const isForEach = !Array.isArray(value) || numbers.length === value.length;
    return numbers.length > 0 && numbers.every(isFrame) && isForEach ? [] : [field];
  });
}

test('every field of every record of every capture names the frame that it came from', () => {
  const missing: string[] = [];
  const seen = new Set<string>();
  for (const name of captures) {
    const observer = observeCapture(name);
    const { frames } = observer.totals();
    const records = [...observer.clients(), ...observer.wiredHosts(), ...observer.accessPoints()];
    for (const record of records) {
      for (const field of Object.keys(record)) seen.add(field);
      const without = unfounded(record, record.provenance, frames);
      if (without.length > 0) missing.push(`${name}: ${without.join(', ')} of ${JSON.stringify(record)}`);
    }
    for (const { provenance } of observer.neighbours()) {
      expect(provenance.frame).toBeGreaterThanOrEqual(1);
      expect(provenance.frame).toBeLessThanOrEqual(frames);
    }
  }
  expect(missing).toEqual([]);
  for (const field of [
    'ip4',
    'ip6',
    'hostName',
    'userName',
    'userAgent',
    'vlan',
    'os',
    'confidence',
    'rssi',
    'band',
  ])
    expect(seen).toContain(field);
});

test('so does every field of a BLE device', () => {
  const observer = new Observer();
  const data = [
    '020106 05096c616d70',
    '05ff590001 02',
    '17 16 aafe 00ee 00112233445566778899aabbccddeeff0000',
  ];
  data.forEach((digits, i) => {
    observer.advertisement({
      address: 'c1:02:03:04:05:06',
      addressType: 'random-static',
      advertisingData: Buffer.from(digits.replaceAll(' ', ''), 'hex'),
      rssiDbm: -60 - i,
      timeMs: i,
      number: i + 1,
    });
  });
  const [device] = observer.bleDevices();
  expect(device).toMatchObject({ localName: 'lamp', companyId: 0x59, format: 'eddystone-uid' });
  expect(unfounded(device, device.provenance, data.length)).toEqual([]);
  expect(device.provenance).toMatchObject({
    localName: 1,
    companyId: 2,
    format: 3,
    rssi: { last: 3, min: 3, max: 1 },
  });
});
