import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { advertisersIn } from '../../../packets/ble/capture.ts';
import { LinkType } from '../../../packets/linktype.ts';
import { cat, hex } from '../../support/build-frames.ts';
import { withFrameFile } from '../../support/frame-file.ts';
import { FrameFeed, observeCapture } from '../../support/observe.ts';
import { tsharkFields } from '../../support/tshark.ts';

const BTSNOOP = new URL('../../../fixtures/captures/hil-tools-output/btmon.btsnoop', import.meta.url)
  .pathname;
const folder = mkdtempSync(join(tmpdir(), 'airherd-ble-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the recording of btmon, as editcap converts it, has the devices that tshark reads', async () => {
  const path = join(folder, 'btmon.pcapng');
  execFileSync('editcap', ['-F', 'pcapng', BTSNOOP, path]);
  const rows = await tsharkFields(path, ['frame.number', 'bthci_evt.bd_addr', 'bthci_evt.le_num_reports']);
  const reports = rows.filter(([, , count]) => count.length > 0);
  expect(reports.length).toBeGreaterThan(0);
  const devices = observeCapture(path).bleDevices();
  const ofDevice = (address: string): number[] =>
    reports.filter(([, [of]]) => of === address).map(([[number]]) => Number(number));
  expect(devices.map((of) => of.address).sort()).toEqual([...new Set(reports.map(([, [of]]) => of))].sort());
  for (const { address, frames, provenance } of devices) {
    expect(frames).toBe(ofDevice(address).length);
    expect(provenance.address).toBe(ofDevice(address)[0]);
    expect(provenance.advertisingData).toBe(ofDevice(address).at(-1));
  }
});

const DATA = hex('020106 05096c616d70');
/** Core 5.4, volume 4, part E, 7.7.65.2: one report; RSSI −60 dBm. */
const EVENT = cat(
  hex('3e'),
  [12 + DATA.length],
  hex('02 01 00 01 563412000ac0'),
  [DATA.length],
  DATA,
  hex('c4'),
);
const ACCESS_ADDRESS = hex('d6be898e');
const CRC = hex('000000');
/** Volume 6, part B, 2.3: header with TxAdd, and AdvA. */
const pdu = (type: number, ...body: Uint8Array[]): Uint8Array => {
  const bytes = cat(...body);
  return cat(ACCESS_ADDRESS, [0x40 | type, bytes.length], bytes, CRC);
};
const ADDRESS = hex('563412000ac0');
/** Channel 37, −60 dBm, flags as given: dewhitened, signal valid, CRC checked and valid. */
const radio = (flags: string, packet: Uint8Array): Uint8Array =>
  cat(hex('00 c4 00 00 d6be898e'), hex(flags), packet);
const EXTENDED = cat(hex('09 09'), ADDRESS, hex('3412'), DATA);

const FRAMES: Readonly<Record<string, readonly [linkType: number, frames: Uint8Array[]]>> = {
  'HCI over H4': [LinkType.bluetoothHciH4, [cat([4], EVENT)]],
  'HCI over H4 with direction': [LinkType.bluetoothHciH4WithPhdr, [cat(hex('00000001 04'), EVENT)]],
  'Linux monitor': [LinkType.bluetoothLinuxMonitor, [cat(hex('0000 0003'), EVENT)]],
  'the air': [
    LinkType.bluetoothLeLl,
    [
      ...[0, 2, 4, 6].map((type) => pdu(type, ADDRESS, DATA)),
      pdu(1, ADDRESS, hex('010203040506')),
      pdu(7, EXTENDED),
    ],
  ],
  'the air with a radio header': [LinkType.bluetoothLeLlWithPhdr, [radio('130c', pdu(0, ADDRESS, DATA))]],
};

test.each(Object.entries(FRAMES))(
  '%s: addresses, kinds and names are those that tshark reads',
  async (_name, [linkType, frames]) => {
    const fields = ['bthci_evt.bd_addr', 'btle.advertising_address', 'btcommon.eir_ad.entry.device_name'];
    const signal = ['bthci_evt.rssi', 'btle_rf.signal_dbm'];
    const rows = await withFrameFile(linkType, frames, (path) => tsharkFields(path, [...fields, ...signal]));
    for (const [i, frame] of frames.entries()) {
      const feed = new FrameFeed();
      feed.feed(frame, { linkType });
      const [device] = feed.observer.bleDevices();
      const [hci, air, name, rssi, rf] = rows[i];
      expect([device.address]).toEqual([...hci, ...air]);
      expect(device.addressType).toBe('random-static');
      expect([device.localName ?? []].flat()).toEqual(name);
      expect(device.rssi === undefined ? [] : [device.rssi.last]).toEqual([...rssi, ...rf].map(Number));
      expect(device.provenance).toMatchObject({ address: 1, advertisingData: 1 });
    }
  },
);

test('nobody advertises in data, in scan and connection requests, and in what the radio knows to be damaged', () => {
  const nobody: [number, Uint8Array][] = [
    [LinkType.bluetoothHciH4, cat([2], EVENT)],
    [LinkType.bluetoothLinuxMonitor, cat(hex('0000 0002'), EVENT)],
    [LinkType.bluetoothLeLl, pdu(3, ADDRESS, ADDRESS)],
    [LinkType.bluetoothLeLl, pdu(5, ADDRESS, ADDRESS, new Uint8Array(22))],
    [LinkType.bluetoothLeLl, cat(hex('11223344'), pdu(0, ADDRESS, DATA).subarray(4))],
    [LinkType.bluetoothLeLl, pdu(7, hex('01 00'), DATA)],
    [LinkType.bluetoothLeLlWithPhdr, radio('1304', pdu(0, ADDRESS, DATA))],
    [LinkType.bluetoothLeLlWithPhdr, radio('120c', pdu(0, ADDRESS, DATA))],
    [LinkType.ethernet, EVENT],
  ];
  for (const [linkType, frame] of nobody) expect(advertisersIn(frame, 0, frame.length, linkType)).toEqual([]);
});

test('no prefix and no changed byte throws or is read beyond', () => {
  const around = new Uint8Array(256);
  const advertisers = (frame: Uint8Array, linkType: number, fill: number): string => {
    around.fill(fill);
    around.set(frame, 64);
    return JSON.stringify(advertisersIn(around, 64, 64 + frame.length, linkType));
  };
  for (const [linkType, frames] of Object.values(FRAMES)) {
    for (const frame of frames) {
      const hostile = Array.from(frame, (_, length) => frame.subarray(0, length));
      for (let at = 0; at < frame.length; at++) {
        for (let value = 0; value < 256; value++) hostile.push(frame.with(at, value));
      }
      for (const one of hostile) expect(advertisers(one, linkType, 0)).toBe(advertisers(one, linkType, 0xff));
    }
  }
});
