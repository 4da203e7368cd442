import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppLocations } from '../../../cloud-stub/privacy/app-location.ts';
import { monthsBefore, Retention } from '../../../cloud-stub/privacy/retention.ts';
import { keptAs } from '../../../cloud-stub/privacy/retention-periods.ts';
import { openRegistry, type Registry } from '../../../cloud-stub/registry/registry.ts';
import { blob, openDatabase } from '../../../cloud-stub/store/database.ts';
import type { OrgStore } from '../../../cloud-stub/store/org-store.ts';
import { STORE_MIGRATIONS } from '../../../cloud-stub/store/schema.ts';
import { subkey } from '../../../cloud-stub/store/seal.ts';
import { Stores } from '../../../cloud-stub/store/stores.ts';
import { nodeRandom } from '../../../platform/node/random.ts';
import { VirtualClock } from '../../../platform/sim/clock.ts';
import { encode } from '../../../protocol/codec.ts';
import { packRssi } from '../../../protocol/messages/rssi.ts';
import type { PrivacyClass } from '../../../protocol/privacy.ts';
import type { UpStream } from '../../../protocol/topics.ts';
import { upExamples } from '../../support/messages.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2027, 0, 1);

let dir: string;
let clock: VirtualClock;
let registry: Registry;
let stores: Stores;
let store: OrgStore;
let orgId: string;
let retention: Retention;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'airherd-retention-'));
  clock = new VirtualClock(START_MS);
  const log = pino({ level: 'silent' });
  registry = openRegistry(dir, { random: nodeRandom, clock });
  stores = new Stores({ dir, registry, clock, random: nodeRandom, log, probeMs: 1000 });
  orgId = registry.organisations.ensure('Org').id;
  store = stores.of(orgId);
  retention = new Retention({ registry, stores, clock, log, periodMs: 30 * DAY_MS });
});
afterEach(() => {
  retention.stop();
  stores.close();
  registry.close();
  rmSync(dir, { recursive: true, force: true });
});

const MAC = Buffer.from('3c0754c0ffee', 'hex');
let seq = 0;
function append(stream: UpStream, fields: object = {}): number {
  seq++;
  const example = upExamples[stream][0] as { class: PrivacyClass; bootId: Uint8Array };
  const message = { ...example, seq, ...fields } as typeof example;
  const record = {
    serial: 'AP1',
    siteId: null,
    bootId: example.bootId,
    stream,
    seq,
    receivedMs: clock.wallMs(),
  };
  const id = store.append({ ...record, payload: encode(message) }, keptAs(stream, message.class));
  if (stream === 'rssi') store.indexRssi([MAC], id);
  return id;
}
const rssi = () => append('rssi', packRssi([{ mac: MAC, rssiDbm: -50, agoMs: 1 }]));
const put = (key: string, kind: 'client' | 'capture' | 'ble') =>
  store.state.put({
    kind,
    key: [key],
    siteId: null,
    serial: 'AP1',
    seenMs: clock.wallMs(),
    receivedMs: clock.wallMs(),
    value: { key },
  });

const ids = () => store.messages({ limit: 100_000, offset: 0 }).map(({ id }) => id);

describe('18 months on a virtual clock', () => {
  test('device data 60 days, packets 7, signal one hour, each day exactly', async () => {
    const written: { id: number; atMs: number; keptMs: number }[] = [];
    for (let day = 0; day < 548; day++) {
      store.transaction(() => {
        written.push({ id: append('clients'), atMs: clock.wallMs(), keptMs: 60 * DAY_MS });
        written.push({ id: append('pcap'), atMs: clock.wallMs(), keptMs: 7 * DAY_MS });
        written.push({ id: rssi(), atMs: clock.wallMs(), keptMs: HOUR_MS });
        put(`client ${day}`, 'client');
        put(`capture ${day}`, 'capture');
      });
      // Not on the day's turn: the bound is to the millisecond.
      await clock.advance(DAY_MS);
      retention.run();
      if (day % 29 !== 0) continue;
      const left = written.filter(({ atMs, keptMs }) => atMs >= clock.wallMs() - keptMs).map(({ id }) => id);
      expect(ids().sort((a, b) => a - b)).toEqual(left);
      expect(store.rssiMessages(MAC, 1000)).toEqual([]);
      expect(store.state.count('client', {})).toBe(Math.min(day + 1, 60));
      expect(store.state.count('capture', {})).toBe(Math.min(day + 1, 7));
    }
    // Keys of days of which nothing is left are gone too.
    expect(store.upkeep.counts()).toEqual({ messages: 60 + 7, records: 60 + 7, dayKeys: 60 });
    expect(retention.counts).toMatchObject({ messages: 3 * 548 - 67, records: 2 * 548 - 67 });
  }, 60_000);

  test('to the millisecond', async () => {
    append('clients');
    await clock.advance(60 * DAY_MS);
    retention.run();
    expect(ids()).toHaveLength(1);
    await clock.advance(1);
    retention.run();
    expect(ids()).toEqual([]);
  });
});

test('the place of an app one hour, its opt-in 60 days after its last use', async () => {
  const apps = new AppLocations(store, 'site');
  const report = () => apps.report('key', { xM: 1, yM: 2, accuracyM: 3 }, clock.wallMs());
  const places = () => apps.places({ limit: 10, offset: 0 }).total;
  const after = async (ms: number) => {
    await clock.advance(ms);
    retention.run();
  };
  apps.optIn('key', {}, { textVersion: '1', language: 'en' }, clock.wallMs());
  await after(59 * DAY_MS);
  expect(report()).toBeNull();
  await after(HOUR_MS);
  expect(places()).toBe(1);
  await after(1);
  expect(places()).toBe(0);
  await after(59 * DAY_MS);
  expect(report()).toBeNull();
  await after(60 * DAY_MS + 1);
  expect(report()).toBe('no-opt-in');
});

test('longer only with Premium Analytics, location history only with it', async () => {
  const change = (settings: object) => registry.privacy.change(orgId, settings);
  expect(() => change({ retentionDays: { device: 61 } })).toThrow('premiumAnalytics');
  expect(() => change({ locationHistory: true })).toThrow('premiumAnalytics');
  change({ premiumAnalytics: true, locationServices: true, locationHistory: true });
  change({ retentionDays: { device: 400, location: 30 } });
  const device = append('clients');
  const location = rssi();
  const packets = append('pcap');
  await clock.advance(20 * DAY_MS);
  retention.run();
  expect(ids()).toEqual([location, device]);
  expect(ids()).not.toContain(packets);
  await clock.advance(300 * DAY_MS);
  retention.run();
  expect(ids()).toEqual([device]);
  // The subscription cannot end and leave the longer times behind.
  expect(() => change({ premiumAnalytics: false, locationHistory: false })).toThrow('retentionDays.device');
  change({ premiumAnalytics: false, locationHistory: false, retentionDays: { device: 60 } });
  retention.run();
  expect(ids()).toEqual([]);
});

test('purging is incremental, by its own timer, and leaves room for others in between', async () => {
  store.transaction(() => {
    for (let i = 0; i < 1200; i++) append('stats');
  });
  // Passes come every thirty days here: the second has just begun.
  await clock.advance(60 * DAY_MS);
  const before: number[] = [];
  for (let i = 0; i < 9 && retention.counts.messages < 1200; i++) {
    before.push(retention.counts.messages);
    await clock.advance(5);
  }
  expect(before.length).toBeGreaterThan(1);
  await clock.advance(1000);
  expect(ids()).toEqual([]);
  expect(retention.counts.messages).toBe(1200);
});

test('deleted rows are gone from the file: freelist, log and pages', async () => {
  const id = append('clients');
  store.transaction(() => {
    for (let i = 0; i < 500; i++) append('pcap', { section: Buffer.alloc(3000, i) });
  });
  const path = join(dir, 'orgs', `${orgId}.db`);
  const db = openDatabase(path, subkey(registry.organisations.key(orgId), 'file'), STORE_MIGRATIONS);
  // Every page of the file, decrypted, whether a table uses it or not.
  const pages = () =>
    db
      .prepare('SELECT data FROM sqlite_dbpage')
      .all()
      .map(({ data }) => blob(data));
  const sealed = blob(db.prepare('SELECT sealed FROM messages WHERE id = ?').get(id)?.sealed);
  expect(Buffer.concat(pages()).includes(sealed)).toBe(true);
  const sizeBefore = pages().length;
  await clock.advance(61 * DAY_MS);
  retention.run();
  expect(Buffer.concat(pages()).includes(sealed)).toBe(false);
  expect(pages().length).toBeLessThan(sizeBefore / 5);
  expect(statSync(`${path}-wal`).size).toBe(0);
  db.close();
});

test('six months are months of the calendar', () => {
  expect(monthsBefore(Date.UTC(2027, 7, 31, 12), 6)).toBe(Date.UTC(2027, 1, 28, 12));
  expect(monthsBefore(Date.UTC(2027, 6, 1), 6)).toBe(Date.UTC(2027, 0, 1));
});
