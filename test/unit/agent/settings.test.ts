import { expect, test } from 'vitest';
import { Settings } from '../../../agent/settings.ts';
import { MemoryFiles } from '../../../platform/sim/files.ts';
import type { Welcome } from '../../../protocol/messages/down.ts';

const welcome = (claimed: boolean, privacyClasses: Welcome['privacyClasses']): Welcome => ({
  v: 1,
  timeMs: 1,
  claimed,
  maxPacket: 65_536,
  window: 8,
  privacyClasses,
});
const fields = { hostName: true, userName: false, userAgent: true, deviceFamily: true };

test('a device that nobody owns says nothing but how it is', async () => {
  const settings = new Settings(null);
  await settings.load();
  expect(settings.allows('device')).toBe(true);
  expect(settings.allows('wifi.connected')).toBe(false);
  settings.welcome(welcome(false, ['device', 'wifi.connected']));
  expect(settings.allows('wifi.connected')).toBe(false);
});

test('the organisation decides, and the newest configuration wins', () => {
  const settings = new Settings(null);
  settings.welcome(welcome(true, ['device', 'wifi.connected']));
  expect(settings.allows('wifi.connected')).toBe(true);
  expect(settings.allows('wifi.unconnected')).toBe(false);
  expect(settings.configure({ v: 1, version: 3, privacyClasses: ['wifi.unconnected'], fields })).toBe(true);
  expect(settings.configure({ v: 1, version: 2, privacyClasses: ['lldp'], fields })).toBe(false);
  expect(settings.allows('wifi.unconnected')).toBe(true);
  expect(settings.allows('wifi.connected')).toBe(false);
  expect(settings.fields.userName).toBe(false);
});

test('settings survive a restart, and are forgotten when the device changes hands', async () => {
  const files = new MemoryFiles();
  const first = new Settings(files);
  first.welcome(welcome(true, ['lldp']));
  first.configure({ v: 1, version: 9, privacyClasses: ['lldp'], fields });
  await first.saved();
  const second = new Settings(files);
  await second.load();
  expect(second).toMatchObject({ claimed: true, version: 9, fields });
  expect(second.allows('lldp')).toBe(true);
  second.welcome(welcome(false, []));
  await second.saved();
  const third = new Settings(files);
  await third.load();
  expect(third).toMatchObject({ claimed: false, version: 0 });
  expect(third.fields.userName).toBe(true);
});

test('unreadable settings allow nothing', async () => {
  for (const text of ['', '{', '{"claimed":true}', '{"claimed":true,"version":0,"privacyClasses":["all"]}']) {
    const files = new MemoryFiles();
    await files.replace('settings.json', Buffer.from(text));
    const settings = new Settings(files);
    await settings.load();
    expect(settings.claimed).toBe(false);
  }
});
