import { createRequire } from 'node:module';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { nodeClock } from '../../../platform/node/clock.ts';
import { BleSource } from '../../../platform/node/sources/ble.ts';
import { NOBLE_PACKAGES, type NoblePackage, NobleRadio } from '../../../platform/node/sources/noble-radio.ts';
import type { ScanOptions } from '../../../platform/ports/radio.ts';
import type { BleSighting } from '../../../platform/ports/source.ts';
import { ibeaconOf } from '../../support/ble-data.ts';
import { LE_SET_SCAN_PARAMETERS, VirtualController } from '../../support/virtual-controller.ts';

const { resolve: pathOf } = createRequire(import.meta.url);
const isInstalled = (name: NoblePackage): boolean => {
  try {
    pathOf(`${name}/package.json`);
    return true;
  } catch {
    return false;
  }
};
/** The first comes with us; the other is tried where somebody has installed it. */
const installed = NOBLE_PACKAGES.filter(isInstalled);

beforeAll(() => VirtualController.install());
afterEach(() => {
  VirtualController.fault = null;
  VirtualController.absent = null;
});

test('the optional dependency is installed', () => expect(installed).toContain(NOBLE_PACKAGES[0]));

describe.each(installed)('%s', (packageName) => {
  function open(scan: Partial<ScanOptions> = {}) {
    const source = new BleSource({
      name: 'ble',
      clock: nodeClock,
      scan: { intervalMs: 100, windowMs: 50, duplicates: true, ...scan },
      radio: () => new NobleRadio(0, packageName),
    });
    const abort = new AbortController();
    const told: (Error | number)[] = [];
    let wake = () => {};
    source.watch({
      interrupted: (error) => {
        told.push(error);
        wake();
      },
      resumed: (missed) => {
        told.push(missed);
        wake();
      },
    });
    const sightings = source.advertisements(abort.signal);
    const seen: BleSighting[] = [];
    const ended = (async () => {
      for await (const batch of sightings) {
        seen.push(...batch);
        wake();
      }
    })();
    const until = (isSo: () => boolean) =>
      new Promise<void>((resolve) => {
        wake = () => isSo() && resolve();
        wake();
      });
    const stop = async () => {
      abort.abort();
      await ended;
    };
    return { source, told, seen, until, stop };
  }

  /** Resolves with the controller once it scans. */
  async function scanning(): Promise<VirtualController> {
    const controller = VirtualController.last as VirtualController;
    if (!controller.scan.enabled) await new Promise((resolve) => controller.once('scanning', resolve));
    return controller;
  }

  describe("a controller below noble's HCI parser", () => {
    test('is set to the duty cycle, and its first report comes through, raw', async () => {
      const { seen, until, stop } = open({ intervalMs: 100, windowMs: 50 });
      const controller = await scanning();
      // 0.625 ms a slot.
      expect(controller.scan).toEqual({ intervalSlots: 160, windowSlots: 80, filter: false, enabled: true });
      const data = ibeaconOf('fda50693a4e24fb1afcfc6eb07647825', 10_065, 26_049, -59);
      controller.advertise('c2:11:22:33:44:55', true, data, -61);
      await until(() => seen.length === 1);
      expect(seen[0]).toMatchObject({
        address: 'c2:11:22:33:44:55',
        isRandom: true,
        rssiDbm: -61,
        number: 1,
      });
      expect(Buffer.from(seen[0].advertisingData).toString('hex')).toBe(Buffer.from(data).toString('hex'));
      // "Not available" is no signal of 127 dBm.
      controller.advertise('00:11:22:33:44:55', false, Uint8Array.of(2, 1, 6), 127);
      await until(() => seen.length === 2);
      expect(seen[1]).not.toHaveProperty('rssiDbm');
      expect(seen[1].isRandom).toBe(false);
      // Set by noble (one of the packages: twice), then by us: an answer is no reason for another command.
      expect(controller.commands.get(LE_SET_SCAN_PARAMETERS)).toBeLessThanOrEqual(3);
      await stop();
      expect(controller.scan.enabled).toBe(false);
    });

    test('reports each advertiser once, or every time, as it is told', async () => {
      for (const duplicates of [false, true]) {
        const { seen, until, stop } = open({ duplicates });
        const controller = await scanning();
        expect(controller.scan.filter).toBe(!duplicates);
        for (let n = 0; n < 3; n++)
          controller.advertise('c2:00:00:00:00:01', true, Uint8Array.of(2, 1, 6), -50);
        controller.advertise('c2:00:00:00:00:02', true, Uint8Array.of(2, 1, 6), -50);
        await until(() => seen.at(-1)?.address === 'c2:00:00:00:00:02');
        expect(seen.length).toBe(duplicates ? 4 : 2);
        await stop();
      }
    });

    test('whose reports nobody takes: as many wait as have room, the others are counted', async () => {
      const { source, seen, until, stop } = open();
      const controller = await scanning();
      for (let n = 0; n < 20_000; n++) {
        const address = `c2:00:00:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`;
        controller.advertise(address, true, Uint8Array.of(2, 1, 6), -50);
      }
      await until(() => seen.length > 0);
      const { frames, dropped } = source.counts();
      expect(frames + dropped).toBe(20_000);
      expect(dropped).toBeGreaterThan(0);
      await stop();
    });
  });

  test('an event that is too short is passed over', async () => {
    const { seen, until, stop } = open();
    const controller = await scanning();
    controller.emit('data', Buffer.from('040e0401091000', 'hex'));
    controller.emit('data', Buffer.from('04', 'hex'));
    controller.emit('data', Buffer.from('043e0c0201', 'hex'));
    controller.advertise('c2:00:00:00:00:03', true, Uint8Array.of(2, 1, 6), -50);
    await until(() => seen.length === 1);
    await stop();
  });

  describe('without Bluetooth', () => {
    test.each([
      [
        'Error: EAFNOSUPPORT, Address family not supported by protocol',
        'ble is interrupted: this machine has no Bluetooth, or its driver is not loaded; it goes on by itself',
      ],
      [
        'EPERM, Operation not permitted',
        `node may not listen by Bluetooth; run: sudo setcap cap_net_raw,cap_net_admin+eip ${process.execPath}`,
      ],
    ])('%s is one line, and the radio is taken when it comes', async (fault, line) => {
      VirtualController.fault = new Error(fault);
      const { told, seen, until, stop } = open();
      await until(() => told.length === 1);
      expect((told[0] as Error).message).toBe(line);
      VirtualController.fault = null;
      await until(() => told.length === 2);
      const controller = await scanning();
      controller.advertise('c2:00:00:00:00:01', true, Uint8Array.of(2, 1, 6), -50);
      await until(() => seen.length === 1);
      await stop();
    });

    test('a package that is not installed is named', async () => {
      VirtualController.absent = packageName;
      const { told, until, stop } = open();
      await until(() => told.length === 1);
      expect((told[0] as Error).message).toBe(
        `${packageName} is not installed; run: npm install ${packageName}`,
      );
      await stop();
    });
  });
});
