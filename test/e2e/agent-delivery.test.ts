import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Authority } from '../../certs/authority.ts';
import type { Identity } from '../../certs/identity.ts';
import { CaptureFileSource } from '../../platform/node/capture-file.ts';
import type { Source } from '../../platform/ports/source.ts';
import { MemoryFiles } from '../../platform/sim/files.ts';
import { decodeUp } from '../../protocol/codec.ts';
import type { UpStream } from '../../protocol/topics.ts';
import { device, fakeCloud, startAgent } from '../support/agent-lab.ts';
import { sharedAuthority } from '../support/authority.ts';
import type { FakeCloud, FakeCloudOptions, Received } from '../support/fake-cloud.ts';
import { tsharkFields } from '../support/tshark.ts';

let authority: Authority;
let identity: Identity;
const closing: (() => Promise<void>)[] = [];
const capture = (name: string) => new URL(`../../fixtures/demo/${name}`, import.meta.url).pathname;
const WIFI = 'hwsim-wpa2eap-radiotap.pcap';

beforeAll(async () => {
  authority = await sharedAuthority();
  identity = await device(authority);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function cloudWith(options: Partial<FakeCloudOptions> = {}): Promise<FakeCloud> {
  const cloud = await fakeCloud(authority, identity, options);
  closing.push(() => cloud.close());
  return cloud;
}

async function agentFor(cloud: { url: string }, options: Partial<Parameters<typeof startAgent>[0]> = {}) {
  const lab = await startAgent({ identity, url: cloud.url, ...options });
  closing.push(() => lab.agent.stop());
  return lab;
}

const source = (name: string) => new CaptureFileSource({ path: capture(name), interfaceName: 'if0' });
const seqs = (received: Received[]) => received.map(({ message }) => message.seq as number);
const boot = ({ message }: Received) => Buffer.from(message.bootId as Uint8Array).toString('hex');

/** Every message is valid by the contract, and each stream has each seq from 1 on. */
function expectWhole(cloud: FakeCloud): void {
  const streams = new Map<string, Set<number>>();
  for (const entry of cloud.received) {
    const decoded = decodeUp(entry.stream as UpStream, entry.payload);
    expect(decoded.ok ? '' : `${entry.stream}: ${decoded.reason}`).toBe('');
    const key = `${boot(entry)} ${entry.stream}`;
    const set = streams.get(key) ?? new Set();
    const to = (entry.message.to as number | undefined) ?? (entry.message.seq as number);
    for (let seq = entry.message.seq as number; seq <= to; seq++) set.add(seq);
    streams.set(key, set);
  }
  for (const set of streams.values()) {
    expect([...set].sort((a, b) => a - b)).toEqual(Array.from({ length: set.size }, (_, i) => i + 1));
  }
}

describe('delivery', () => {
  test('a capture becomes valid messages, and all of them arrive', async () => {
    const cloud = await cloudWith();
    const { agent } = await agentFor(cloud, {
      sources: [source(WIFI)],
      config: { capture: { stream: true } },
    });
    await agent.sourcesEnded;
    await agent.drained();
    expectWhole(cloud);
    expect(cloud.received[0].stream).toBe('hello');
    expect(cloud.of('clients').length).toBeGreaterThan(0);
    const sections = Buffer.concat(
      cloud.of('pcap').map(({ message }) => Buffer.from(message.section as Uint8Array)),
    );
    expect(sections.readUInt32BE(0)).toBe(0x0a0d0d0a);
    for (const row of agent.ledger()) {
      expect(row.produced).toBe(row.acknowledged + row.pending + row.dropped);
      expect(row.pending).toBe(0);
      expect(new Set(seqs(cloud.of(row.stream))).size).toBe(row.produced);
    }
  });

  test('PUBACK is never taken for an acknowledgement: without ack nothing is forgotten', async () => {
    const cloud = await cloudWith({ acknowledge: false, puback: true });
    const { agent } = await agentFor(cloud, { sources: [source('lldp.pcap')] });
    await agent.sourcesEnded;
    await cloud.until(() => cloud.of('lldp').length > 0);
    const before = cloud.received.length;
    expect(agent.ledger().reduce((sum, row) => sum + row.acknowledged, 0)).toBe(0);
    cloud.options.acknowledge = true;
    cloud.cut();
    await agent.drained();
    const first = cloud.received.filter(({ connection }) => connection === 1);
    const again = cloud.received
      .filter(({ connection }) => connection > 1)
      .map(({ payload }) => payload.toString('hex'));
    expect(before).toBeGreaterThan(1);
    // Encoded once: what is sent again is the same bytes.
    for (const { payload } of first) expect(again).toContain(payload.toString('hex'));
  });

  test('an ack without PUBACK is enough', async () => {
    const cloud = await cloudWith({ puback: false });
    const { agent } = await agentFor(cloud, { sources: [source('lldp.pcap')] });
    await agent.sourcesEnded;
    await agent.drained();
    expectWhole(cloud);
  });

  test('never more than a window is unacknowledged', async () => {
    const window = 3;
    const cloud = await cloudWith({ acknowledge: false, welcome: { window } });
    const { agent } = await agentFor(cloud, {
      sources: [source(WIFI)],
      config: { capture: { stream: true }, outbox: { limitBytes: 131_072 } },
    });
    await agent.sourcesEnded;
    await cloud.until(() => cloud.received.length >= window);
    expect(agent.outbox.pending).toBeGreaterThan(window);
    expect(cloud.received).toHaveLength(window);
    cloud.options.acknowledge = true;
    cloud.cut();
    await agent.drained();
    expectWhole(cloud);
  });

  test('a link cut again and again loses nothing and changes nothing', async () => {
    const cloud = await cloudWith({ welcome: { window: 2 } });
    const { agent } = await agentFor(cloud, {
      sources: [source(WIFI)],
      config: { capture: { stream: true } },
    });
    for (let i = 1; i <= 5; i++) {
      await cloud.until(
        () => cloud.received.some(({ connection }) => connection === i) || agent.outbox.pending === 0,
      );
      cloud.cut();
    }
    await agent.sourcesEnded;
    await agent.drained();
    expectWhole(cloud);
    const bySeq = new Map<string, string>();
    for (const entry of cloud.received) {
      const key = `${entry.stream} ${entry.message.seq}`;
      const bytes = entry.payload.toString('hex');
      expect(bySeq.get(key) ?? bytes).toBe(bytes);
      bySeq.set(key, bytes);
    }
  });

  test('a full outbox holds the source back, and everything still arrives', async () => {
    const cloud = await cloudWith({ acknowledge: false });
    const { agent } = await agentFor(cloud, {
      sources: [source('http.pcap')],
      config: { capture: { stream: true }, outbox: { limitBytes: 4096 } },
    });
    await cloud.until(() => cloud.received.length > 0);
    cloud.options.acknowledge = true;
    cloud.cut();
    await agent.sourcesEnded;
    await agent.drained();
    expectWhole(cloud);
    for (const row of agent.ledger()) expect(row.produced).toBe(row.acknowledged + row.dropped);
  });

  test('a restart delivers what the last boot left, under its boot id', async () => {
    const files = new MemoryFiles();
    const mute = await cloudWith({ acknowledge: false });
    const first = await agentFor(mute, { files, sources: [source('lldp.pcap')] });
    await first.agent.sourcesEnded;
    await mute.until(() => mute.of('lldp').length > 0);
    await first.agent.stop();
    const cloud = await cloudWith();
    const second = await agentFor(cloud, { files });
    await cloud.until(() => cloud.of('lldp').length > 0);
    await second.agent.drained();
    const boots = new Set(cloud.received.map(boot));
    expect(boots.size).toBe(2);
    expect(boot(cloud.of('lldp')[0])).toBe(boot(mute.of('lldp')[0]));
    expectWhole(cloud);
  });
});

describe('what may leave', () => {
  test('nobody is observed before somebody owns the device; then the welcome is enough', async () => {
    const cloud = await cloudWith({ welcome: { claimed: false } });
    const { agent, event } = await agentFor(cloud, { sources: [source('lldp.pcap')] });
    await cloud.until(() => cloud.of('hello').length > 0);
    await event('welcome', ({ welcome }) => !welcome.claimed);
    await cloud.until(() => cloud.of('stats').length > 0);
    expect(new Set(cloud.received.map(({ stream }) => stream))).toEqual(new Set(['hello', 'stats']));
    cloud.send('welcome', { ...cloud.welcome(), claimed: true });
    await agent.sourcesEnded;
    await agent.drained();
    expect(cloud.of('lldp').length).toBeGreaterThan(0);
  });

  test('classes that are off are never made', async () => {
    const cloud = await cloudWith({ welcome: { privacyClasses: ['device'] } });
    const { agent } = await agentFor(cloud, {
      sources: [source(WIFI), source('lldp.pcap'), source('dhcp.pcap')],
      config: { capture: { stream: true } },
    });
    await agent.sourcesEnded;
    await agent.drained();
    await cloud.until(() => cloud.of('stats').length > 0);
    expect(new Set(cloud.received.map(({ stream }) => stream))).toEqual(new Set(['hello', 'stats']));
    expect(
      agent
        .ledger()
        .filter((row) => row.produced > 0)
        .map((row) => row.stream),
    ).toEqual(['hello', 'stats']);
  });

  test('fields that are switched off are not in any record; switched on, they are', async () => {
    const named = async (on: boolean) => {
      const cloud = await cloudWith({ welcome: { claimed: false } });
      const { agent, event } = await agentFor(cloud, { sources: [source('dhcp.pcap'), source('http.pcap')] });
      await event('welcome');
      const fields = { hostName: on, userName: on, userAgent: on, deviceFamily: on };
      const { privacyClasses } = cloud.welcome();
      cloud.send('config', { v: 1, version: 7, privacyClasses, fields });
      await event('config');
      cloud.send('welcome', { ...cloud.welcome(), claimed: true });
      await agent.sourcesEnded;
      await agent.drained();
      const hosts = cloud.of('wired').flatMap(({ message }) => message.hosts as Record<string, unknown>[]);
      expect(hosts.length).toBeGreaterThan(0);
      return new Set(hosts.flatMap((host) => Object.keys(host)));
    };
    const on = await named(true);
    const off = await named(false);
    for (const field of ['hostName', 'userAgent']) {
      expect(on.has(field)).toBe(true);
      expect(off.has(field)).toBe(false);
    }
  });

  test('a command that is delivered twice is answered twice, the same; one that is unknown is answered too', async () => {
    const cloud = await cloudWith();
    const { opened } = await agentFor(cloud);
    await opened();
    await cloud.until(() => cloud.of('hello').length > 0);
    const command = { v: 1, id: 'c1', name: 'renew', args: {} };
    cloud.send('command', command);
    cloud.send('command', command);
    cloud.send('command', { v: 1, id: 'c2', name: 'locate', args: {} });
    await cloud.until(() => cloud.of('reply').length === 3);
    const replies = cloud.of('reply').map(({ message }) => message);
    const [a, b] = replies.filter(({ id }) => id === 'c1');
    expect(a.ok).toBe(true);
    expect(b.result).toEqual(a.result);
    expect(replies.find(({ id }) => id === 'c2')).toMatchObject({ ok: false, code: 'command-unknown' });
  });

  test.each([
    ['a command that is not CBOR', 'command', Buffer.from('ff', 'hex')],
    ['an unknown command', 'command', { v: 1, id: 'x', name: 'rm', args: {} }],
    ['a second proof', 'auth', Buffer.alloc(53)],
    ["another device's topic", 'ap/v1/AH0000000000/rx/ack', { v: 1, acks: [] }],
    ['more than any packet of ours', 'config', Buffer.alloc(400_000)],
  ])('a cloud that sends %s is hung up on', async (_, topic, message) => {
    const cloud = await cloudWith();
    const { opened, failed } = await agentFor(cloud);
    await opened();
    await cloud.until(() => cloud.of('hello').length > 0);
    cloud.send(topic, message);
    const error = await failed();
    expect(['cloud-message', 'login-refused', 'limit-exceeded']).toContain(error.code);
  });
});

test('a capture that the cloud asked for: limited, header-only, and tshark reads it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'airherd-manual-'));
  closing.push(() => rm(dir, { recursive: true }));
  const inner = source('http.pcap');
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const gated: Source = {
    name: 'gated',
    counts: () => inner.counts(),
    async *frames(signal) {
      await released;
      yield* inner.frames(signal);
    },
  };
  const cloud = await cloudWith();
  const { agent, opened } = await agentFor(cloud, { sources: [gated] });
  await opened();
  cloud.send('command', { v: 1, id: 'm', name: 'capture-start', args: { packets: 5 } });
  await cloud.until(() => cloud.of('reply').length > 0);
  const { captureId } = cloud.of('reply')[0].message.result as { captureId: Uint8Array };
  release();
  await agent.sourcesEnded;
  await agent.drained();
  const captures = cloud.of('pcap').map(({ message }) => message);
  const manual = captures.filter(({ trigger }) => trigger === 'manual');
  expect(manual.at(-1)).toMatchObject({ captureId, last: true, class: 'pcap.headers' });
  const path = join(dir, 'manual.pcapng');
  await writeFile(path, Buffer.concat(manual.map(({ section }) => Buffer.from(section as Uint8Array))));
  const read = await tsharkFields(path, ['frame.len', 'tcp.dstport']);
  const expected = await tsharkFields(capture('http.pcap'), ['frame.len', 'tcp.dstport']);
  expect(read).toEqual(expected.slice(0, 5));
  expect((await readFile(path)).includes('User-Agent')).toBe(false);
});

test('a capture that is cut off is reported, and what came before it is delivered', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'airherd-cut-'));
  closing.push(() => rm(dir, { recursive: true }));
  const whole = await readFile(capture('http.pcap'));
  const path = join(dir, 'cut.pcap');
  await writeFile(path, whole.subarray(0, whole.length - 20));
  const cloud = await cloudWith();
  const { agent, event } = await agentFor(cloud, { sources: [new CaptureFileSource({ path })] });
  const { error } = await event('source', ({ state }) => state === 'failed');
  expect(error?.code).toBe('capture-cut-off');
  await agent.sourcesEnded;
  await agent.drained();
  expect(cloud.of('wired').length).toBeGreaterThan(0);
});
