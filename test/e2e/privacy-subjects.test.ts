import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'cborg';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packRssi } from '../../protocol/messages/rssi.ts';
import { openedStores, rawFiles, sealedRows, storePages } from '../support/at-rest.ts';
import { buildPcapng } from '../support/build-pcapng.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { DeviceClient, helloFields, type Loose } from '../support/device-client.ts';

const ANNA = {
  mac: '3c0754c0ffee',
  user: 'anna.canary@example.org',
  host: 'canary-laptop-of-anna',
  ip: '192.0.2.77',
};
const BEN = { mac: '3c0754bebbeb', user: 'ben@example.org', host: 'bens-laptop', ip: '192.0.2.78' };
const RANDOM_MAC = 'da5e00000001';
const bytes = (mac: string) => Buffer.from(mac, 'hex');

let dir: string;
let lab: TestCloud;
let device: DeviceClient;
let lines: string[];
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'airherd-subjects-'));
  lines = [];
  lab = await testCloud({
    dir,
    log: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }),
  });
  const [identity] = await lab.devices(1);
  device = await DeviceClient.login({ port: lab.cloud.devicePort, identity });
});
afterEach(async () => {
  device.end();
  await lab.stop();
  rmSync(dir, { recursive: true, force: true });
});

const client = (who: typeof ANNA, fields: object = {}) => ({
  mac: bytes(who.mac),
  randomized: false,
  state: 'associated',
  hostName: who.host,
  userName: who.user,
  ip4: [who.ip],
  lastSeenMs: 1,
  ...fields,
});
const capture = (section: Uint8Array, packets: number, fields: object = {}) => ({
  class: 'pcap.headers',
  captureId: Buffer.alloc(16, packets),
  trigger: 'continuous',
  fromMs: 1,
  toMs: 2,
  part: 1,
  last: true,
  packets,
  bytesSeen: 100,
  bytesKept: 100,
  section,
  ...fields,
});
const ethernet = (from: string, to: string) =>
  Buffer.concat([bytes(to), bytes(from), Buffer.from('88b5', 'hex'), Buffer.alloc(46)]);

/** Anna and Ben are in one message, one capture and one batch of samples. */
async function observe(): Promise<void> {
  const publish = async (stream: string, fields: object) =>
    device.acked(stream, device.publish(stream, fields));
  await publish('clients', { class: 'wifi.connected', clients: [client(ANNA), client(BEN)] });
  await publish('clients', { class: 'wifi.connected', clients: [client(ANNA)] });
  await publish('clients', {
    class: 'wifi.connected',
    clients: [
      { mac: bytes(RANDOM_MAC), randomized: true, state: 'associated', userName: ANNA.user, lastSeenMs: 1 },
    ],
  });
  await publish('clients', {
    class: 'wifi.connected',
    clients: [
      { mac: bytes(RANDOM_MAC), randomized: true, state: 'associated', ip4: ['192.0.2.99'], lastSeenMs: 1 },
    ],
  });
  await publish('rssi', {
    class: 'wifi.connected',
    ...packRssi([
      { mac: bytes(ANNA.mac), rssiDbm: -40, agoMs: 5 },
      { mac: bytes(BEN.mac), rssiDbm: -50, agoMs: 5 },
    ]),
  });
  await publish(
    'pcap',
    capture(buildPcapng([ethernet(ANNA.mac, BEN.mac), ethernet(BEN.mac, '020000000001')]), 2),
  );
  await publish(
    'pcap',
    capture(buildPcapng([ethernet(ANNA.mac, '020000000001')]), 1, { client: bytes(ANNA.mac) }),
  );
  await publish('event', {
    class: 'wired',
    name: 'port.down',
    severity: 'warning',
    details: { note: `seen by ${ANNA.host}.` },
  });
}
const ask = (what: string, body: object) =>
  lab.api(`/api/airherd/v1/orgs/${lab.orgId}/subjects/${what}`, { method: 'POST', body });
const anna = { subject: { kind: 'user-name', value: 'Anna.Canary@example.org' } };

describe('a copy', () => {
  test('has everything that is held of the subject, where it came from, how long it is kept and who saw it', async () => {
    await observe();
    await lab.api(`/api/airherd/v1/sites/${lab.siteId}/clients`);
    const { status, json } = await ask('export', anna);
    expect(status).toBe(200);
    expect(json.foundBy).toContainEqual({ kind: 'mac', value: ANNA.mac });
    const whats = json.items.map(({ held, what }: Loose) => `${held} ${what}`);
    expect(whats.filter((what: string) => what === 'message clients')).toHaveLength(3);
    for (const what of ['message rssi', 'message pcap', 'record client', 'record capture']) {
      expect(whats).toContain(what);
    }
    expect(JSON.stringify(json)).not.toContain(BEN.user);
    const [first] = json.items;
    expect(first.source).toMatchObject({ serial: device.identity.serial, site: 'Test site' });
    expect(first.keptUntilMs - first.source.atMs).toBe(60 * 86_400_000);
    expect(json.recipients).toMatchObject([{ accesses: 1 }]);
  });

  test('can be read by a person as well', async () => {
    await observe();
    const { headers, body } = await ask('export', { ...anna, format: 'text' });
    expect(headers['content-type']).toContain('text/plain');
    expect(body.toString()).toContain(`hostName: ${ANNA.host}`);
    expect(body.toString()).toContain('kept until');
  });

  test.each([
    ['mac', '3C:07:54:C0:FF:EE'],
    ['host-name', ANNA.host.toUpperCase()],
    ['ip', ANNA.ip],
    ['email', ANNA.user],
  ])('by %s', async (kind, value) => {
    await observe();
    const { json } = await ask('export', { subject: { kind, value } });
    expect(json.items.length).toBeGreaterThan(1);
    expect(JSON.stringify(json)).not.toContain(BEN.user);
  });

  test('what is no identifier is refused', async () => {
    for (const subject of [
      { kind: 'mac', value: 'zz' },
      { kind: 'ip', value: '1.2.3' },
      { kind: 'user-name', value: ' ' },
    ]) {
      expect((await ask('export', { subject })).status).toBe(400);
    }
  });
});

test('randomised MACs are never linked to a person', async () => {
  await observe();
  const { json } = await ask('export', anna);
  // The record in which the name stands is found; the address leads to no other record of it.
  expect(json.foundBy).not.toContainEqual({ kind: 'mac', value: RANDOM_MAC });
  expect(JSON.stringify(json)).not.toContain('192.0.2.99');
  const byMac = await ask('export', { subject: { kind: 'mac', value: RANDOM_MAC } });
  expect(byMac.json.foundBy).toEqual([{ kind: 'mac', value: RANDOM_MAC }]);
  expect(JSON.stringify(byMac.json)).not.toContain(ANNA.host);
});

describe('erasure', () => {
  test('afterwards no file that the cloud ever wrote holds the canary, opened with every key; the same search found it before', async () => {
    await observe();
    const secrets = [Buffer.from(ANNA.user), Buffer.from(ANNA.host), Buffer.from(ANNA.ip), bytes(ANNA.mac)];
    const before = openedStores(lab.cloud);
    for (const secret of secrets) expect(before.includes(secret)).toBe(true);
    const sealed = sealedRows(lab.cloud, dir, lab.orgId);
    const pagesBefore = storePages(lab.cloud, dir, lab.orgId);
    expect(sealed.every((row) => row.length > 2000 || pagesBefore.includes(row))).toBe(true);

    const answering = answerErasures();
    const { status, json: certificate } = await ask('erase', anna);
    await answering;
    expect(status).toBe(200);

    const after = openedStores(lab.cloud);
    for (const secret of secrets) expect(after.includes(secret)).toBe(false);
    expect(after.includes(BEN.user)).toBe(true);
    expect(after.includes(bytes(BEN.mac))).toBe(true);
    // What was sealed is in no page of the file either, nor in its log.
    const left = new Set(sealedRows(lab.cloud, dir, lab.orgId).map((row) => row.toString('hex')));
    const pages = storePages(lab.cloud, dir, lab.orgId);
    const gone = sealed.filter((row) => !left.has(row.toString('hex')));
    expect(gone.length).toBeGreaterThanOrEqual(6);
    for (const row of gone) expect(pages.includes(row.subarray(0, 64))).toBe(false);
    // Outside of the cipher, in every file and in the log lines.
    const raw = Buffer.concat([...rawFiles(dir).values(), Buffer.from(lines.join(''))]);
    for (const secret of secrets) expect(raw.includes(secret)).toBe(false);
    expect(rawFiles(dir).get(join(dir, 'orgs', `${lab.orgId}.db-wal`))?.length).toBe(0);

    expect(certificate).toMatchObject({
      organisationId: lab.orgId,
      kind: 'user-name',
      store: { messagesRemoved: 4, messagesRewritten: 3, signalSamples: 1, capturePackets: 2 },
      agents: [{ serial: device.identity.serial, outcome: expect.stringContaining('dropped') }],
    });
    expect(JSON.stringify(certificate)).not.toContain('anna');
    expect((await ask('export', anna)).json.items).toEqual([]);
  });

  /** Plays the agent: one reply for each command. */
  function answerErasures(): Promise<string[]> {
    return (async () => {
      const values: string[] = [];
      for (let i = 0; i < 4; i++) {
        const { id, name, args } = decode(await device.down('command')) as Loose;
        expect(name).toBe('erase-subject');
        values.push(args.value);
        device.publish('reply', { id, ok: true, result: { messages: 1 } });
      }
      return values;
    })();
  }

  test('what an agent that was away still holds of the subject does not come back; what is seen later does', async () => {
    await observe();
    const madeMs = Date.now();
    const { serial } = device.identity;
    device.end();
    await device.closed;
    const { json } = await ask('erase', { subject: { kind: 'mac', value: ANNA.mac } });
    expect(json.agents).toEqual([{ serial, outcome: expect.stringContaining('withheld when it comes') }]);
    device = await DeviceClient.login({ port: lab.cloud.devicePort, identity: device.identity });
    const late = { class: 'wifi.connected', timeMs: madeMs, clients: [client(ANNA), client(BEN)] };
    await device.acked('clients', device.publish('clients', late));
    expect(openedStores(lab.cloud).includes(bytes(ANNA.mac))).toBe(false);
    device.publish('hello', helloFields(device.identity));
    // Without a name, since none was kept: it is to forget everybody.
    const { id, name, args } = decode(await device.down('command')) as Loose;
    expect([name, args]).toEqual(['erase-subject', { kind: 'anyone' }]);
    await device.acked('reply', device.publish('reply', { id, ok: true, result: { messages: 0 } }));
    const now = { class: 'wifi.connected', timeMs: Date.now() + 1000, clients: [client(ANNA)] };
    await device.acked('clients', device.publish('clients', { ...now, timeMs: json.doneMs + 1 }));
    expect(openedStores(lab.cloud).includes(bytes(ANNA.mac))).toBe(true);
  });
});

test('a correction reaches messages and records of the subject, and of nobody else', async () => {
  await observe();
  const { json } = await ask('correct', { ...anna, set: { hostName: 'laptop-7' } });
  expect(json.messages).toBeGreaterThanOrEqual(2);
  const held = openedStores(lab.cloud);
  expect(held.includes('laptop-7')).toBe(true);
  expect(held.includes(BEN.host)).toBe(true);
  const { json: shown } = await lab.api(`/api/airherd/v1/sites/${lab.siteId}/clients?mac=${ANNA.mac}`);
  expect(shown).toMatchObject([{ hostName: 'laptop-7', userName: ANNA.user }]);
});

test('restricted data is kept and not used: nothing is shown, nothing comes to it, until that ends', async () => {
  await observe();
  const clients = async () =>
    (await lab.api(`/api/airherd/v1/sites/${lab.siteId}/clients`)).json.map(({ mac }: Loose) => mac);
  expect(await clients()).toContain(ANNA.mac);
  await ask('restrict', { ...anna, restricted: true });
  expect(await clients()).toEqual(expect.arrayContaining([BEN.mac]));
  expect(await clients()).not.toContain(ANNA.mac);
  const { stored } = lab.cloud.ingest.counts;
  const message = { class: 'wifi.connected', clients: [client(ANNA, { lastSeenMs: 9 })] };
  await device.acked('clients', device.publish('clients', message));
  expect(lab.cloud.ingest.counts).toMatchObject({ stored, withheld: 1 });
  await ask('restrict', { ...anna, restricted: false });
  expect(await clients()).toContain(ANNA.mac);
});
