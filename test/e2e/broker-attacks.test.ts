/** What a broker between device and cloud may try, and that it gains nothing but silence. */
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { Authority } from '../../certs/authority.ts';
import type { Identity } from '../../certs/identity.ts';
import { encode } from '../../protocol/codec.ts';
import { deriveKey } from '../../protocol/proof.ts';
import { FrameSealer, sessionKeys } from '../../protocol/session-mac.ts';
import { startAgent } from '../support/agent-lab.ts';
import { sharedAuthority } from '../support/authority.ts';
import { besideOptions } from '../support/brokers.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { type EvilBroker, evilBroker, type Passed } from '../support/evil-broker.ts';

let authority: Authority;
const undo: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  authority = await sharedAuthority();
});
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function lab(): Promise<{ broker: EvilBroker; cloud: TestCloud; identity: Identity }> {
  const broker = await evilBroker(authority);
  undo.push(() => broker.stop());
  const cloud = await testCloud({ brokers: [await besideOptions(broker.port)] });
  undo.push(() => cloud.stop());
  const [identity] = await cloud.devices(1);
  return { broker, cloud, identity };
}

async function device(broker: EvilBroker, identity: Identity, cloud = {}) {
  const started = await startAgent({
    identity,
    url: broker.url,
    cloud: { proof: 'challenge', ...cloud },
  });
  undo.push(() => started.agent.stop());
  return started;
}

/** Both ends are there, and this boot's hello is stored. */
async function session(broker: EvilBroker, identity: Identity) {
  const started = await device(broker, identity);
  await started.event('acknowledged', ({ stream }) => stream === 'hello');
  return started;
}

const refused = async ({ cloud }: TestCloud, code: string): Promise<void> => {
  while (!cloud.refusals.recent().some((record) => record.code === code)) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
};
const on = (topic: string) => (message: Passed) => message.topic.endsWith(topic);
const flipped = (payload: Buffer): Buffer => {
  const out = Buffer.from(payload);
  out[out.length - 1] ^= 1;
  return out;
};

test('an honest broker carries a session (the control)', async () => {
  const { broker, cloud, identity } = await lab();
  await session(broker, identity);
  expect(cloud.cloud.refusals.counts()).toEqual({});
  expect(cloud.cloud.ingest.counts.stored).toBeGreaterThan(0);
});

test('nothing but the opening leaves before the cloud has proved itself', async () => {
  const { broker, identity } = await lab();
  broker.act = (message) =>
    on('/rx/auth')(message) ? { ...message, payload: flipped(message.payload) } : message;
  const { event } = await device(broker, identity);
  expect(await event('refused')).toMatchObject({ topic: 'auth', why: 'not proven' });
  const sent = broker.seen.filter(({ topic }) => topic.includes('/tx/'));
  expect(sent.map(({ topic, payload }) => [topic.split('/')[4], payload.length])).toEqual([['auth', 118]]);
});

test('an answer of an earlier login, and one made without the key, prove no cloud', async () => {
  const { broker, identity } = await lab();
  const first = await session(broker, identity);
  const old = await broker.saw(on('/rx/auth'));
  await first.agent.stop();
  broker.seen.length = 0;
  broker.act = (message) => (on('/rx/auth')(message) ? old : message);
  const again = await device(broker, identity);
  await again.event('refused');
  expect(again.events.some((event) => event.type === 'state' && event.state === 'open')).toBe(false);
  expect(broker.seen.filter(on('/tx/hello'))).toEqual([]);
});

test("a replayed opening or proof opens no session in the device's name", async () => {
  const { broker, cloud, identity } = await lab();
  const { agent } = await session(broker, identity);
  const [opening, proof] = broker.seen.filter(on('/tx/auth'));
  await agent.stop();
  const before = cloud.cloud.sessions.of(identity.serial);
  await broker.inject(opening);
  await broker.inject(proof);
  await refused(cloud, 'proof-wrong');
  expect(cloud.cloud.sessions.of(identity.serial)).toBe(before);
});

test('data that was changed, moved to another stream, sent twice or late is not stored', async () => {
  const { broker, cloud, identity } = await lab();
  await session(broker, identity);
  const stats = await broker.saw(on('/tx/stats'));
  const hello = await broker.saw(on('/tx/hello'));
  await new Promise<void>((resolve) => setImmediate(resolve));
  const stored = () => cloud.cloud.ingest.counts;
  const { stored: before, duplicates } = stored();
  await broker.inject({ ...stats, payload: flipped(stats.payload) });
  await broker.inject({ ...hello, topic: stats.topic });
  await broker.inject(stats);
  await broker.inject(hello);
  await broker.inject({ ...hello, payload: Buffer.alloc(24) });
  while ((cloud.cloud.refusals.counts()['message-forged'] ?? 0) < 5) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  const messages = cloud.cloud.refusals.recent().map(({ message }) => message);
  expect(messages.filter((text) => text.includes('was forged'))).toHaveLength(3);
  expect(messages.filter((text) => text.includes('was replayed'))).toHaveLength(2);
  expect(stored()).toMatchObject({ stored: before, duplicates });
});

test('an ack or a command that the cloud did not make is dropped, and the session goes on', async () => {
  const { broker, cloud, identity } = await lab();
  const { agent, events, event } = await session(broker, identity);
  const ack = await broker.saw(on('/rx/ack'));
  const command = (key: Buffer) =>
    new FrameSealer(key).seal(
      'command',
      encode({ v: 1, id: '00000000-0000-4000-8000-000000000000', name: 'renew', args: {} }),
    );
  const topic = `ap/v1/${identity.serial}/rx/command`;
  const refusals = () => events.filter(({ type }) => type === 'refused').length;
  await broker.inject(ack);
  await event('refused', (one) => one.topic === 'ack' && one.why === 'replayed');
  await broker.inject({ ...ack, payload: flipped(ack.payload) });
  await event('refused', (one) => one.topic === 'ack' && one.why === 'forged');
  await broker.inject({ topic, payload: command(Buffer.alloc(32)) });
  // What the broker has: the factory key's derivation is out of its reach, the nonces are not.
  const guess = sessionKeys(
    deriveKey(Buffer.alloc(32), 'device-proof', identity.serial),
    identity.serial,
    Buffer.alloc(16),
    Buffer.alloc(16),
  );
  await broker.inject({ topic, payload: command(guess.down) });
  while (refusals() < 4) await new Promise<void>((resolve) => setImmediate(resolve));
  expect(agent.state).toBe('open');
  await cloud.cloud.renewal.renew(identity.serial);
  expect(broker.seen.filter(on('/rx/command'))).toHaveLength(2);
});

test('of two messages in the wrong order the later is refused, and is stored after a new proof', async () => {
  const { broker, cloud, identity } = await lab();
  let held: Passed | null = null;
  broker.act = (message) => {
    if (held === null && on('/tx/hello')(message)) {
      held = message;
      return null;
    }
    return message;
  };
  const { agent, event } = await device(broker, identity);
  await broker.saw(on('/tx/stats'));
  await event('acknowledged', ({ stream }) => stream === 'stats');
  await broker.inject(held!);
  await refused(cloud, 'message-forged');
  expect(cloud.cloud.refusals.recent()[0].message).toContain('replayed');
  // The cloud says that it knows no session, as after its restart: everything unacknowledged comes again.
  await broker.inject({
    topic: `ap/v1/${identity.serial}/rx/auth`,
    payload: Buffer.from('AHFK\x01\x06', 'latin1'),
  });
  await event('acknowledged', ({ stream }) => stream === 'hello');
  expect(agent.ledger().every(({ pending }) => pending === 0)).toBe(true);
});

test('a broker whose certificate the cloud does not know is refused', async () => {
  const { broker, cloud, identity } = await lab();
  const other = await evilBroker(authority);
  undo.push(() => other.stop());
  // Carries between the two, as a machine in the middle with a good certificate would.
  broker.act = (message) => {
    if (message.topic.includes('/rx/')) void other.inject(message);
    return message;
  };
  other.act = (message) => {
    if (message.topic.includes('/tx/')) void broker.inject(message);
    return message;
  };
  const { events } = await device(other, identity);
  await other.saw(on('/tx/auth'));
  const [opening] = other.seen;
  await broker.inject(opening);
  await refused(cloud, 'login-refused');
  expect(cloud.cloud.refusals.recent()[0].message).toContain('certificate is not that of ours');
  expect(events.some((event) => event.type === 'state' && event.state === 'open')).toBe(false);
});

test('a stolen certificate without the factory key opens nothing', async () => {
  const { broker, cloud, identity } = await lab();
  await device(broker, { ...identity, factoryKey: Buffer.alloc(32) });
  await refused(cloud, 'proof-wrong');
  expect(broker.seen.filter(({ topic }) => topic.includes('/rx/'))).toEqual([]);
});

test('the cloud is restarted: the device, still on its broker, proves itself anew and loses nothing', async () => {
  const { broker, cloud, identity } = await lab();
  const { agent, event, events } = await session(broker, identity);
  await cloud.cloud.stop();
  const again = await testCloud({ dir: cloud.dir, brokers: [await besideOptions(broker.port)] });
  undo.push(() => again.stop());
  const opens = () => events.filter((one) => one.type === 'state' && one.state === 'open').length;
  const stats = await broker.saw(on('/tx/stats'));
  // Whatever comes next from the device makes the cloud ask.
  await broker.inject(stats);
  await event('failure', ({ error }) => error.message.includes('asks for a new proof'));
  while (opens() < 2) await new Promise<void>((resolve) => setImmediate(resolve));
  await agent.drained();
  expect(agent.ledger().every(({ pending, dropped }) => pending === 0 && dropped === 0)).toBe(true);
});
