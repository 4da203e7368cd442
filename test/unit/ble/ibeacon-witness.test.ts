import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { iBeaconOf } from '../../../packets/ble/ibeacon.ts';
import { hex } from '../../support/build-frames.ts';
import { withFrameFile } from '../../support/frame-file.ts';

const LINKTYPE_BLUETOOTH_HCI_H4 = 187;
const FLAGS = '020106';
/** Behind company, type and length in the beacon of `btmon.btsnoop`: UUID, major, minor, power at 1 m. */
const BODY = 'fda50693a4e24fb1afcfc6eb07647825 2711 4cb9 c5';
const swapped = (value: number): number => ((value & 0xff) << 8) | (value >> 8);

it('the fields of an iBeacon stand where tshark and btmon find them', async () => {
  const beacon = iBeaconOf(hex(`${FLAGS} 1aff4c000215 ${BODY}`));
  // tshark's dissector knows nothing of type and length in front of the UUID, so it is given none.
  const data = hex(`${FLAGS} 18ff4c00 ${BODY}`);
  const report = Uint8Array.of(
    4,
    0x3e,
    12 + data.length,
    2,
    1,
    3,
    1,
    1,
    2,
    3,
    4,
    5,
    6,
    data.length,
    ...data,
    0x7f,
  );
  const shown = await withFrameFile(LINKTYPE_BLUETOOTH_HCI_H4, [report], async (path) =>
    execFileSync(
      'tshark',
      [
        ...['-r', path, '-d', 'btcommon.eir_ad.manufacturer_company_id==0x004c,ibeacon', '-T', 'fields'],
        ...['uuid128', 'major', 'minor'].flatMap((name) => ['-e', `bluetooth.apple.ibeacon.${name}`]),
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    )
      .trim()
      .split('\t'),
  );
  // Apple has big-endian numbers; tshark and btmon print them as little-endian ones.
  const [uuid, major, minor] = shown;
  expect(beacon?.uuid.replaceAll('-', '')).toBe(uuid);
  expect(swapped(beacon?.major ?? -1)).toBe(Number(major));
  expect(swapped(beacon?.minor ?? -1)).toBe(Number(minor));
  // `btmon -r fixtures/captures/hil-tools-output/btmon.btsnoop`, BlueZ 5.66: "Version: 4391.47436", "TX power: -59 dB".
  expect([major, minor, beacon?.measuredPowerDbm]).toEqual(['4391', '47436', -59]);
});
