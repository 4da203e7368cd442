import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { evidenceOfParameterList, evidenceOfVendorClass } from '../../../packets/observe/dhcp-fingerprint.ts';
import { combine, type Placed } from '../../../packets/observe/evidence.ts';
import { evidenceOfHostName } from '../../../packets/observe/host-name.ts';
import { loadManufacturers, manufacturerLookup } from '../../../packets/observe/manufacturer.ts';
import { manufacturerIndex } from '../../../packets/observe/manufacturer-index.ts';
import { RssiStatistics } from '../../../packets/observe/rssi.ts';
import { evidenceOfUserAgent } from '../../../packets/observe/user-agent.ts';

describe('manufacturers', () => {
  test('of the registry, by the longest block that holds the address', async () => {
    const of = await loadManufacturers();
    // IEEE MA-L and, below a shared prefix, MA-M: https://standards-oui.ieee.org
    expect(of('00:00:0c:11:22:33')).toBe('Cisco Systems, Inc');
    expect(of('f0:f5:bd:00:00:01')).toBe('Espressif Inc.');
    expect(of('c8:5c:e2:7a:bc:de')).toBe('SYNERGY SYSTEMS AND SOLUTIONS');
  });

  test('a random address has none, nor has a block that was sold on in unknown parts', async () => {
    const of = await loadManufacturers();
    expect(of('02:00:0c:11:22:33')).toBeUndefined();
    const blocks = { AABBCC: 'IEEE Registration Authority\nPiscataway', A8BBCC: 'Private', ACBBCC: 'Maker' };
    const lookup = manufacturerLookup(blocks);
    expect(lookup('a8:bb:cc:00:00:00')).toBeUndefined();
    expect(lookup('ac:bb:cc:00:00:00')).toBe('Maker');
    expect(lookup('ac:bb')).toBeUndefined();
    expect(lookup('')).toBeUndefined();
  });
});

test('the index over the registries’ text finds what a parsed copy has, for every block and between them', async () => {
  const path = createRequire(import.meta.url).resolve('oui-data');
  const text = readFileSync(path);
  const parsed: Record<string, string> = JSON.parse(text.toString('utf8'));
  const index = manufacturerIndex(text);
  // By the longest block that holds the address, asked of the parsed registries in that order.
  const longest = (digits: string): string | undefined => {
    const holder = parsed[digits.slice(0, 9)] ?? parsed[digits.slice(0, 7)] ?? parsed[digits.slice(0, 6)];
    const name = holder?.split('\n')[0];
    const isRandom = (Number.parseInt(digits.slice(0, 2), 16) & 2) !== 0;
    return isRandom || name === 'IEEE Registration Authority' || name === 'Private' ? undefined : name;
  };
  const wrong: string[] = [];
  for (const key of Object.keys(parsed)) {
    for (const filler of ['0', 'F']) {
      const digits = key.padEnd(12, filler);
      if (index(digits.replace(/..(?=.)/g, '$&:')) !== longest(digits)) wrong.push(digits);
    }
  }
  expect(wrong).toEqual([]);
  expect(index('fe:ff:ff:ff:ff:ff')).toBeUndefined();
  expect(index('fc:ff:ff:ff:ff:ff')).toBeUndefined();
});

describe('DHCP fingerprints', () => {
  // What the named systems send, from public packet captures and their own sources.
  test.each([
    ['1,3,6,15,31,33,43,44,46,47,119,121,249,252', 'Windows PC', 'Windows 10/11'],
    ['1,121,3,6,15,108,114,119,252', 'iPhone', 'iOS'],
    ['1,121,3,6,15,108,114,119,252,95,44,46', 'Mac', 'macOS'],
    ['1,3,6,15,26,28,51,58,59,43,114,108', 'Android device', 'Android 11+'],
    ['1,2,6,12,15,26,28,121,3,33,40,41,42,119,249,252,17', 'Linux device', 'Linux (NetworkManager)'],
    ['1,3,6,12,15,28,42', 'Embedded Linux', 'Linux (udhcpc)'],
    ['1,3,28,6', 'IoT device', 'lwIP (ESP8266/ESP32)'],
    ['1,66,6,3,15,150,35', 'IP phone', undefined],
    ['6,3,1,15,66,67,13,44', 'Printer', undefined],
  ])('parameter list %s', (list, family, os) => {
    const evidence = evidenceOfParameterList(list.split(',').map(Number));
    expect(evidence?.family).toBe(family);
    expect(evidence?.os).toBe(os);
    expect(evidence?.confidence).toBeGreaterThan(0);
    expect(evidence?.confidence).toBeLessThan(1);
  });

  test('the order of the list counts', () => {
    expect(
      evidenceOfParameterList([252, 249, 121, 119, 47, 46, 44, 43, 33, 31, 15, 6, 3, 1]),
    ).toBeUndefined();
    expect(evidenceOfParameterList([])).toBeUndefined();
  });

  test.each([
    ['android-dhcp-14', 'Android device', 'Android 14'],
    ['MSFT 5.0', 'Windows PC', 'Windows'],
    ['MSFT 5.0 XBOX', 'Game console', 'Xbox'],
    ['udhcp 1.30.1', 'Embedded Linux', 'Linux (udhcpc)'],
    ['dhcpcd-9.4.1:Linux-6.1.0:x86_64:GenuineIntel', 'Linux device', 'Linux'],
    ['Hewlett-Packard JetDirect', 'Printer', undefined],
    ['Cisco Systems, Inc. IP Phone CP-7960G', 'IP phone', 'Cisco IP Phone'],
    ['AXIS,Network Camera,M3045-V,8.40.1', 'Camera', 'AXIS OS'],
  ])('vendor class %s', (vendorClass, family, os) => {
    const evidence = evidenceOfVendorClass(vendorClass);
    expect([evidence?.family, evidence?.os]).toEqual([family, os]);
  });

  test('an unknown vendor class says nothing', () => {
    expect(evidenceOfVendorClass('quux')).toBeUndefined();
    expect(evidenceOfVendorClass('x'.repeat(100_000))).toBeUndefined();
  });
});

describe('user agents', () => {
  test.each([
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15', 'iPhone', 'iOS 17.5'],
    ['Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15', 'iPad', 'iPadOS 16.6'],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15',
      'Mac',
      'macOS',
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.13; rv:115.0) Gecko/20100101 Firefox/115.0',
      'Mac',
      'macOS 10.13',
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0',
      'Windows PC',
      'Windows 10/11',
    ],
    ['Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko', 'Windows PC', 'Windows 7'],
    [
      'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile',
      'Android device',
      'Android',
    ],
    ['Dalvik/2.1.0 (Linux; U; Android 13; Pixel 7 Build/TQ3A.230805.001)', 'Android device', 'Android 13'],
    ['Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36', 'Chromebook', 'ChromeOS'],
    [
      'Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0',
      'Linux device',
      'Ubuntu',
    ],
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0.0.0', 'Linux device', 'Linux'],
    ['Microsoft NCSI', 'Windows PC', 'Windows 10/11'],
    ['CaptiveNetworkSupport-443.120.2 wispr', 'Apple device', undefined],
    ['Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36', 'Television', 'Tizen'],
    ['Mozilla/5.0 (PlayStation 4 11.00) AppleWebKit/605.1.15', 'Game console', 'PlayStation'],
  ])('%s', (userAgent, family, os) => {
    const evidence = evidenceOfUserAgent(userAgent);
    expect([evidence?.family, evidence?.os]).toEqual([family, os]);
  });

  test.each(['curl/8.5.0', 'Wget/1.21', 'python-requests/2.31', '', 'x'.repeat(1_000_000)])(
    'says nothing: %.20s',
    (userAgent) => {
      expect(evidenceOfUserAgent(userAgent)).toBeUndefined();
    },
  );
});

test.each([
  ['DESKTOP-4F2KQ1A', 'Windows PC'],
  ['Annas-iPhone', 'iPhone'],
  ['NPI1A2B3C', 'Printer'],
  ['SEP0011223344AA', 'IP phone'],
  ['alice-laptop', undefined],
])('host name %s', (name, family) => {
  expect(evidenceOfHostName(name)?.family).toBe(family);
});

describe('combining evidence', () => {
  const placed = (platform: Placed['platform'], confidence: number, frame: number, os?: string): Placed => ({
    platform,
    family: `${platform} family`,
    os,
    confidence,
    frame,
  });

  test('nothing says nothing', () => {
    expect(combine([])).toBeUndefined();
  });

  test('sources that agree support each other: 1 − (1 − 0.8)(1 − 0.5)', () => {
    const verdict = combine([placed('windows', 0.8, 3, 'Windows 10/11'), placed('windows', 0.5, 9)]);
    expect(verdict).toEqual({
      family: 'windows family',
      os: 'Windows 10/11',
      confidence: 0.9,
      familyFrame: 3,
      frames: [3, 9],
      osFrame: 3,
    });
  });

  test('what speaks for another platform is held against the winner: 0.75 × (1 − 0.6)', () => {
    const verdict = combine([placed('linux', 0.6, 1), placed('windows', 0.75, 2)]);
    expect(verdict).toMatchObject({ family: 'windows family', confidence: 0.3, familyFrame: 2 });
  });

  test('the system may come from a less sure source than the family', () => {
    const verdict = combine([placed('apple', 0.85, 1), placed('apple', 0.6, 2, 'iOS')]);
    expect(verdict).toMatchObject({ familyFrame: 1, os: 'iOS', osFrame: 2 });
  });
});

test('signal statistics are those of all samples, without keeping them', () => {
  const samples = Array.from({ length: 5000 }, (_, i) => -40 - ((i * i * 7) % 53));
  const statistics = new RssiStatistics();
  samples.forEach((dbm, i) => {
    statistics.add(dbm, i + 1);
  });
  const mean = samples.reduce((sum, dbm) => sum + dbm, 0) / samples.length;
  const variance = samples.reduce((sum, dbm) => sum + (dbm - mean) ** 2, 0) / samples.length;
  const summary = statistics.summary();
  expect(summary).toMatchObject({
    last: samples.at(-1),
    min: Math.min(...samples),
    max: Math.max(...samples),
    count: samples.length,
  });
  expect(summary.mean).toBeCloseTo(mean, 9);
  expect(summary.variance).toBeCloseTo(variance, 6);
  // The frames that had these values first, and last.
  expect(statistics.frames()).toEqual({
    last: samples.length,
    min: samples.indexOf(summary.min) + 1,
    max: samples.indexOf(summary.max) + 1,
  });
});
