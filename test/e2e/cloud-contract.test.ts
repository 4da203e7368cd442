import { randomBytes } from 'node:crypto';
import { encode } from 'cborg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Identity } from '../../certs/identity.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { DeviceClient, helloFields, type Loose } from '../support/device-client.ts';

let lab: TestCloud;
beforeAll(async () => {
  lab = await testCloud({ limits: { maxPacket: 32 * 1024, publishesPerSecond: 1, publishBurst: 40 } });
});
afterAll(() => lab.stop());

const login = (identity: Identity) => DeviceClient.login({ port: lab.cloud.devicePort, identity });
const event = (fields: object = {}) => ({ class: 'device', name: 'test', severity: 'info', ...fields });
const stats = {
  class: 'device',
  uptimeMs: 1,
  memoryBytes: 2,
  cpuMs: 3,
  outboxBytes: 0,
  ledger: [],
  sources: [],
  slicing: { frames: 0, bytesSeen: 0, bytesKept: 0, bytesCut: 0, faults: 0 },
};

async function ledgerOf(identity: Identity): Promise<Loose[]> {
  return (await lab.api(`/api/airherd/v1/ledger?serial=${identity.serial}`)).json;
}

describe('topics', () => {
  const victim = 'AH999999000001';
  test.each<[string, (device: DeviceClient) => void]>([
    [
      'publishing under another serial',
      (device) => device.publishRaw('x', encode({}), { topic: `ap/v1/${victim}/tx/event` }),
    ],
    [
      'publishing to its own rx',
      (device) => device.publishRaw('x', encode({}), { topic: `ap/v1/${device.identity.serial}/rx/ack` }),
    ],
    ['a stream that there is not', (device) => device.publishRaw('secrets', encode({}))],
    ['$SYS', (device) => device.publishRaw('x', encode({}), { topic: '$SYS/x' })],
    [
      'a topic with U+0000',
      (device) =>
        device.publishRaw('x', encode({}), { topic: `ap/v1/${device.identity.serial}/tx/event\u0000` }),
    ],
    [
      'subscribing under another serial',
      (device) => void device.subscribe(`ap/v1/${victim}/rx/#`).catch(() => {}),
    ],
    ['subscribing to everything', (device) => void device.subscribe('#').catch(() => {})],
    ['subscribing with a wildcard serial', (device) => void device.subscribe('ap/v1/+/rx/#').catch(() => {})],
    [
      'subscribing to a part of its own',
      (device) => void device.subscribe(`ap/v1/${device.identity.serial}/rx/ack`).catch(() => {}),
    ],
  ])('%s ends the connection, and is counted', async (_what, misbehave) => {
    const [identity] = await lab.devices(1);
    const device = await login(identity);
    await device.acked('hello', device.publish('hello', helloFields(identity)));
    misbehave(device);
    await device.closed;
    expect(lab.cloud.refusals.recent()[0]).toMatchObject({ code: 'topic-refused', serial: identity.serial });
  });

  test.each<[string, Loose]>([
    ['QoS 0', { qos: 0, messageId: undefined }],
    ['QoS 2', { qos: 2 }],
    ['retain', { retain: true }],
  ])('%s is refused', async (_what, fields) => {
    const [identity] = await lab.devices(1);
    const device = await login(identity);
    const message = {
      v: 1,
      kind: 'data',
      bootId: device.bootId,
      seq: 1,
      monoMs: 1,
      timeMs: 1,
      clock: 'system',
    };
    device.publishRaw('event', encode({ ...message, ...event() }), fields);
    await device.closed;
    expect(lab.cloud.refusals.recent()[0].code).toBe('message-refused');
    expect(await ledgerOf(identity)).toEqual([]);
  });

  test('message id 0 and a wildcard in a topic end the connection', async () => {
    for (const topic of [null, 'ap/v1/+/tx/event']) {
      const [identity] = await lab.devices(1);
      const device = await login(identity);
      const name = Buffer.from(topic ?? `ap/v1/${identity.serial}/tx/event`);
      const body = Buffer.concat([
        Buffer.from([0, name.length]),
        name,
        Buffer.from([0, topic ? 1 : 0, 0xa0]),
      ]);
      device.socket.write(Buffer.concat([Buffer.from([0x32, body.length]), body]));
      await device.closed;
      expect(await ledgerOf(identity)).toEqual([]);
    }
  });
});

describe('messages', () => {
  const good = (device: DeviceClient): Loose => ({
    v: 1,
    kind: 'data',
    bootId: device.bootId,
    seq: 1,
    monoMs: 1,
    timeMs: 1,
    clock: 'system',
    ...event(),
  });
  let deep: Loose = 1;
  for (let i = 0; i < 50; i++) deep = [deep];

  test.each<[string, (device: DeviceClient) => Uint8Array]>([
    ['bytes that are no CBOR', () => Buffer.from('ff00ff', 'hex')],
    ['nothing', () => Buffer.alloc(0)],
    ['a cut-off map', (device) => encode(good(device)).subarray(0, 40)],
    ['bytes after the map', (device) => Buffer.concat([encode(good(device)), Buffer.from([0])])],
    ['an unknown key', (device) => encode({ ...good(device), extra: 1 })],
    ['a missing key', (device) => encode({ ...good(device), severity: undefined })],
    ['a wrong type', (device) => encode({ ...good(device), seq: 'one' })],
    ['seq 0', (device) => encode({ ...good(device), seq: 0 })],
    ['another version', (device) => encode({ ...good(device), v: 2 })],
    ['deep nesting', () => encode(deep)],
    ['a bignum', () => Buffer.from('a16161c249010000000000000000', 'hex')],
    ['a class that the organisation has off', (device) => encode({ ...good(device), class: 'ble.assets' })],
    ['a seq beyond the window', (device) => encode({ ...good(device), seq: 34 })],
    [
      'a gap that ends before it begins',
      (device) =>
        encode({
          v: 1,
          kind: 'gap',
          bootId: device.bootId,
          seq: 3,
          to: 2,
          reason: 'outbox-full',
          monoMs: 1,
          timeMs: 1,
          clock: 'system',
          class: 'device',
        }),
    ],
  ])('%s is refused, and nothing is stored', async (_what, payload) => {
    const [identity] = await lab.devices(1);
    const device = await login(identity);
    device.publishRaw('event', payload(device));
    await device.closed;
    expect(lab.cloud.refusals.recent()[0]).toMatchObject({
      code: 'message-refused',
      serial: identity.serial,
    });
    expect((await ledgerOf(identity)).filter((row) => row.stored > 0)).toEqual([]);
    const again = await login(identity);
    await again.acked('event', again.publish('event', event()));
    again.end();
  });

  test('a packet above welcome.maxPacket is refused by its announced length', async () => {
    const [identity] = await lab.devices(1);
    const device = await login(identity);
    device.publishRaw('event', Buffer.alloc(33 * 1024));
    await device.closed;
    expect(lab.cloud.refusals.recent()[0]).toMatchObject({ code: 'limit-exceeded' });
  });

  test('more messages than the rate allows', async () => {
    const [identity] = await lab.devices(1);
    const device = await login(identity);
    const seqs = Array.from({ length: 60 }, () => device.publish('hello', helloFields(identity)));
    expect(seqs).toHaveLength(60);
    await device.closed;
    expect(lab.cloud.refusals.recent()[0].code).toBe('limit-exceeded');
  });

  test('nothing but hello before the session is open', async () => {
    const [identity] = await lab.devices(1);
    const device = await DeviceClient.dial({ port: lab.cloud.devicePort, identity });
    expect(await device.connect()).toBe(0);
    device.publish('event', event());
    await device.closed;
    expect(lab.cloud.refusals.recent()[0].code).toBe('message-refused');
  });
});

describe('unclaimed', () => {
  test('learns it, may say hello and stats, and nothing else', async () => {
    const [identity] = await lab.devices(1, { claim: false });
    const device = await DeviceClient.dial({ port: lab.cloud.devicePort, identity });
    await device.connect();
    expect(await device.open()).toMatchObject({ claimed: false, privacyClasses: ['device'] });
    await device.acked('hello', device.publish('hello', helloFields(identity)));
    await device.acked('stats', device.publish('stats', stats));
    device.publish('event', event());
    await device.closed;
    expect(lab.cloud.refusals.recent()[0]).toMatchObject({
      code: 'message-refused',
      serial: identity.serial,
    });
  });

  test('is told when it is claimed, and counts on where it was', async () => {
    const [identity] = await lab.devices(1, { claim: false });
    const device = await login(identity);
    await device.acked('hello', device.publish('hello', helloFields(identity)));
    const { orgId } = lab;
    const answer = await lab.api(`/api/v1/orgs/${orgId}/inventory`, {
      method: 'POST',
      body: [identity.claimCode],
    });
    expect(answer.json).toEqual({ added: [identity.serial], error: [], reason: [] });
    await device.down('welcome');
    await device.acked('hello', device.publish('hello', helloFields(identity)));
    await device.acked('event', device.publish('event', event()));
    expect((await ledgerOf(identity)).find(({ stream }) => stream === 'hello')).toMatchObject({
      highest: 2,
      stored: 2,
      dropped: 0,
    });
    device.end();
  });

  test('a wrong claim code claims nothing', async () => {
    const answer = await lab.api(`/api/v1/orgs/${lab.orgId}/inventory`, {
      method: 'POST',
      body: ['NOPE-NOPE'],
    });
    expect(answer.json).toMatchObject({ added: [], error: ['NOPE-NOPE'] });
  });
});

describe('delivery', () => {
  test('a message that comes again is acknowledged again, and stored once', async () => {
    const [identity] = await lab.devices(1);
    const device = await login(identity);
    for (let i = 0; i < 3; i++) {
      device.publish('event', event({ seq: 1 }));
      await device.acked('event', 1);
    }
    expect(await ledgerOf(identity)).toMatchObject([
      { stream: 'event', highest: 1, stored: 1, duplicates: 2 },
    ]);
    device.end();
  });

  test('a hole holds the acknowledgement back, across a reconnect, until it is filled', async () => {
    const [identity] = await lab.devices(1);
    const first = await login(identity);
    const bootId = first.bootId;
    first.publish('event', event({ seq: 1 }));
    first.publish('event', event({ seq: 3 }));
    await first.acked('event', 1);
    expect(await ledgerOf(identity)).toMatchObject([{ highest: 1, aheadOfHole: 1 }]);
    first.end();
    const second = await login(identity);
    second.publish('event', event({ seq: 2, bootId }));
    await second.acked('event', 3, bootId);
    expect(await ledgerOf(identity)).toMatchObject([{ highest: 3, stored: 3, aheadOfHole: 0 }]);
    second.end();
  });

  test('a gap advances to its end, and is counted as dropped', async () => {
    const [identity] = await lab.devices(1);
    const device = await login(identity);
    device.publish('event', event({ seq: 1 }));
    device.publishRaw(
      'event',
      encode({
        v: 1,
        kind: 'gap',
        bootId: device.bootId,
        seq: 2,
        to: 5000,
        reason: 'outbox-full',
        monoMs: 1,
        timeMs: 1,
        clock: 'system',
        class: 'device',
      }),
    );
    await device.acked('event', 5000);
    device.publish('event', event({ seq: 5001 }));
    await device.acked('event', 5001);
    expect(await ledgerOf(identity)).toMatchObject([{ highest: 5001, stored: 2, dropped: 4999 }]);
    device.end();
  });

  test('boots are counted apart', async () => {
    const [identity] = await lab.devices(1);
    const device = await login(identity);
    const before = randomBytes(16);
    device.publish('event', event({ seq: 1, bootId: before }));
    device.publish('event', event({ seq: 1 }));
    await device.acked('event', 1);
    await expect.poll(async () => (await ledgerOf(identity)).map(({ highest }) => highest)).toEqual([1, 1]);
    device.end();
  });
});

describe('sessions', () => {
  test('a second one that is proven replaces the first; one that is not does not', async () => {
    const [identity] = await lab.devices(1);
    const first = await login(identity);
    const impostor = await DeviceClient.dial({
      port: lab.cloud.devicePort,
      identity: { ...identity, factoryKey: randomBytes(32) },
    });
    expect(await impostor.connect()).toBe(4);
    await first.acked('event', first.publish('event', event()));
    const second = await login(identity);
    await first.closed;
    await second.acked('event', second.publish('event', event()));
    expect(lab.cloud.refusals.counts()['session-replaced']).toBeGreaterThanOrEqual(1);
    second.end();
  });

  test('more than three takeovers a minute look like a clone', async () => {
    const [identity] = await lab.devices(1);
    const events = async () =>
      (await lab.api('/api/airherd/v1/security-events')).json.filter(
        ({ serial, code }: Loose) => serial === identity.serial && code === 'clone-suspected',
      );
    const sessions = [await login(identity)];
    for (let takeover = 1; takeover <= 3; takeover++) sessions.push(await login(identity));
    expect(await events()).toHaveLength(0);
    sessions.push(await login(identity));
    expect(await events()).toHaveLength(1);
    for (const session of sessions) session.end();
  });
});
