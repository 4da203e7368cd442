/** What leaves an agent of the Bluetooth devices that it hears, by which of their two classes are on. */
import { expect, test } from 'vitest';
import { DeviceTime } from '../../../agent/device-time.ts';
import { observed } from '../../../agent/features/observed.ts';
import type { Outbox } from '../../../agent/outbox/outbox.ts';
import { createProducer } from '../../../agent/producer.ts';
import { Settings } from '../../../agent/settings.ts';
import type { BleSighting, Source } from '../../../platform/ports/source.ts';
import { VirtualClock } from '../../../platform/sim/clock.ts';
import { decodeUp } from '../../../protocol/codec.ts';
import { DEFAULT_PRIVACY_CLASSES, type PrivacyClass } from '../../../protocol/privacy.ts';
import { ibeaconOf } from '../../support/ble-data.ts';

/** Bluetooth Assigned Numbers, clause 2.3: 01 flags, 09 complete local name, 16 service data, ff manufacturer. */
const SEEN = {
  ibeacon: ibeaconOf('e2c56db5dffb48d2b060d0f5a71096e0', 1, 2, -59),
  altbeacon: Buffer.from('1bff1801beace2c56db5dffb48d2b060d0f5a71096e000010002c500', 'hex'),
  eddystone: Buffer.from('0303aafe0716aafe10eb0361', 'hex'),
  named: Buffer.from('02010606096261646765', 'hex'),
  earbuds: Buffer.from('02010603030f18', 'hex'),
  phone: Buffer.from('02011a0aff4c0010050b1c0f5a71', 'hex'),
  silent: Buffer.alloc(0),
};
const NAMED = ['ibeacon', 'altbeacon', 'eddystone', 'named'];
const PASSIVE = ['earbuds', 'phone', 'silent'];
const names = Object.keys(SEEN);

async function leaving(more: readonly PrivacyClass[]): Promise<Record<string, string[]>> {
  const clock = new VirtualClock(1_700_000_000_000);
  const time = new DeviceTime(clock, { notBeforeMs: 0, trusted: true });
  const settings = new Settings(null);
  settings.welcome({
    v: 1,
    timeMs: 0,
    claimed: true,
    maxPacket: 65_536,
    window: 8,
    privacyClasses: [...DEFAULT_PRIVACY_CLASSES, ...more],
  });
  const left: Record<string, string[]> = {};
  const outbox: Pick<Outbox, 'bootId' | 'append'> = {
    bootId: Buffer.alloc(16),
    async append(stream, privacyClass, encodeWith) {
      const decoded = decodeUp(stream, encodeWith(1));
      if (!decoded.ok || !('devices' in decoded.message)) throw new TypeError(`no devices in ${stream}`);
      left[privacyClass] = decoded.message.devices.map(({ address }) => names[address[5]]);
      return 1;
    },
  };
  // Only these two are asked of it.
  const producer = createProducer(outbox as Outbox, time, settings, new AbortController().signal);
  const feature = observed({
    producer,
    settings,
    time,
    outboxBytes: 1 << 20,
    hashSeed: 1,
    maxHosts: 100,
    repeatMs: 0,
    idleMs: 0,
    flushMs: 1000,
  });
  names.forEach((name, i) => {
    const sighting: BleSighting = {
      address: `c0:ff:ee:00:00:0${i}`,
      isRandom: true,
      advertisingData: SEEN[name as keyof typeof SEEN],
      rssiDbm: -60,
      timeNs: 0n,
      number: i + 1,
    };
    feature.advertisement?.(sighting, { name: 'hci0' } as Source);
  });
  await feature.flush(true);
  return left;
}

test('by default no Bluetooth device does', async () => {
  expect(await leaving([])).toEqual({});
});

test('with one class on, only its own; with both, each in its own messages', async () => {
  const sorted = (left: Record<string, string[]>) =>
    Object.fromEntries(Object.entries(left).map(([name, devices]) => [name, devices.toSorted()]));
  const named = { 'ble.assets': NAMED.toSorted() };
  const passive = { 'ble.passive': PASSIVE.toSorted() };
  expect(sorted(await leaving(['ble.assets']))).toEqual(named);
  expect(sorted(await leaving(['ble.passive']))).toEqual(passive);
  expect(sorted(await leaving(['ble.assets', 'ble.passive']))).toEqual({ ...named, ...passive });
});
