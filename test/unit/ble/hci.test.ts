import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { advertisingRecord } from '../../../packets/ble/ad-structure.ts';
import { advertisingReports } from '../../../packets/ble/hci.ts';
import { iBeaconOf } from '../../../packets/ble/ibeacon.ts';
import { cat, hex } from '../../support/build-frames.ts';
import { withFrameFile } from '../../support/frame-file.ts';
import { tsharkFields } from '../../support/tshark.ts';

const BTSNOOP = 'fixtures/captures/hil-tools-output/btmon.btsnoop';
const LINKTYPE_BLUETOOTH_HCI_H4 = 187;
const EVENT_PACKET = 3;

/** HCI events of a btsnoop file in the monitor format: 16 bytes of head, then records of 24 bytes and their data. */
function monitorEvents(): Uint8Array[] {
  const file = readFileSync(BTSNOOP);
  const events: Uint8Array[] = [];
  for (let at = 16; at < file.length; ) {
    const length = file.readUInt32BE(at + 4);
    const body = at + 24;
    if ((file.readUInt32BE(at + 8) & 0xffff) === EVENT_PACKET) {
      events.push(Uint8Array.from(file.subarray(body, body + length)));
    }
    at = body + length;
  }
  return events;
}

describe('advertising reports', () => {
  it('recorded by btmon read as tshark reads them', async () => {
    const reports = monitorEvents().flatMap((event) => advertisingReports(event)?.reports ?? []);
    const names = [
      'bthci_evt.le_num_reports',
      'bthci_evt.bd_addr',
      'bthci_evt.le_advts_event_type',
      'bthci_evt.rssi',
    ];
    const shown = (await tsharkFields(BTSNOOP, names)).filter(([count]) => count.length > 0);
    expect(shown).toHaveLength(reports.length);
    expect(reports.length).toBeGreaterThan(0);
    for (const [k, report] of reports.entries()) {
      const [, address, eventType, rssi] = shown[k];
      expect(report.address).toBe(address[0]);
      expect(report.eventType).toBe(Number(eventType[0]));
      expect(report.rssiDbm).toBe(Number(rssi[0]) === 127 ? undefined : Number(rssi[0]));
    }
    // The recorded advertiser is a beacon of a random address, and the virtual controller had no RSSI.
    expect(reports[0]).toMatchObject({ addressType: 'random-non-resolvable', rssiDbm: undefined });
    expect(iBeaconOf(reports[0].data)?.uuid).toBe('fda50693-a4e2-4fb1-afcf-c6eb07647825');
  });

  // Core 5.4, volume 4, part E, 7.7.65.2 and 7.7.65.13.
  const legacy = hex('3e 0f 02 01 00 01 563412000ac0 03 020106 c4');
  const extended = cat(
    hex('3e 1d 0d 01 1300 01 563412000a40 01 00 ff 7f b0 0000 00 000000000000 03'),
    hex('020106'),
  );

  it('of both kinds read as tshark reads them', async () => {
    const frames = [legacy, extended].map((event) => cat([4], event));
    const shown = await withFrameFile(LINKTYPE_BLUETOOTH_HCI_H4, frames, (path) =>
      tsharkFields(path, ['bthci_evt.bd_addr', 'bthci_evt.rssi', '_ws.malformed']),
    );
    const reports = [legacy, extended].map((event) => advertisingReports(event)?.reports[0]);
    for (const [k, [address, rssi, malformed]] of shown.entries()) {
      expect(malformed).toEqual([]);
      expect(reports[k]?.address).toBe(address[0]);
      expect(reports[k]?.rssiDbm).toBe(Number(rssi[0]));
    }
    expect(reports[0]).toMatchObject({ addressType: 'random-static' });
    expect(reports[1]).toMatchObject({
      addressType: 'random-resolvable',
      eventType: 0x13,
      txPowerDbm: undefined,
    });
    expect(advertisingRecord(reports[1]?.data ?? hex('')).flags).toBe(6);
  });

  it('have no RSSI when the controller says 127', () => {
    const event = Uint8Array.from(legacy);
    event[event.length - 1] = 127;
    expect(advertisingReports(event)?.reports[0].rssiDbm).toBeUndefined();
  });

  it('that announce more than they hold keep what is whole', () => {
    for (let length = 4; length < legacy.length; length++) {
      expect(advertisingReports(legacy.subarray(0, length))).toEqual({ reports: [], truncated: true });
    }
    const two = Uint8Array.from(legacy);
    two[3] = 2;
    expect(advertisingReports(two)).toMatchObject({ reports: [{ rssiDbm: -60 }], truncated: true });
    expect(advertisingReports(hex('0e 04 01 0b20 00'))).toBeUndefined();
  });
});
