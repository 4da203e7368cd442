/** A device that is ordered to upgrade, by a cloud and from a server that are good, and bad in every way. */
import { gzipSync } from 'node:zlib';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Agent, type AgentEvent, Slots } from '../../agent/index.ts';
import type { Authority } from '../../certs/authority.ts';
import type { Identity } from '../../certs/identity.ts';
import { nodeHttpGet } from '../../platform/node/http-get.ts';
import { MemoryFiles } from '../../platform/sim/files.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { device, fakeCloud, startAgent } from '../support/agent-lab.ts';
import { sharedAuthority } from '../support/authority.ts';
import type { FakeCloud } from '../support/fake-cloud.ts';
import { firmwareKey, firmwareOf, type TestFirmware } from '../support/firmware.ts';
import { PayloadServer } from '../support/payload-server.ts';

const vendor = firmwareKey();
let authority: Authority;
let identity: Identity;
let good: TestFirmware;
beforeAll(async () => {
  authority = await sharedAuthority();
  identity = await device(authority);
  good = await firmwareOf(vendor.privateKey, '2.0.0', { sequenceNumber: 5, ballast: 200_000 });
});

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** A device with a disk, which boots again when it asks for it, or when the test says so. */
class Device {
  readonly slotFiles = new MemoryFiles();
  readonly files = new MemoryFiles();
  readonly told: string[] = [];
  readonly running: string[] = [];
  /** What an image's settings would do to it, beside what they are. */
  judge: () => void = () => {};
  cloud: FakeCloud;
  private agent: Agent | null = null;
  private readonly watchers = new Set<() => void>();
  private readonly trialMs: number;

  constructor(cloud: FakeCloud, trialMs: number) {
    this.cloud = cloud;
    this.trialMs = trialMs;
  }

  async boot(): Promise<void> {
    const slots = await Slots.open(this.slotFiles, '1.0.0');
    const boot = await slots.boot();
    this.running.push(boot.version);
    const { agent, events } = await startAgent({
      identity,
      url: String((boot.settings.cloud as { url?: string })?.url ?? this.cloud.url),
      files: this.files,
      config: { upgrade: { trialMs: this.trialMs } },
      upgrade: {
        ...{ slots, boot, files: this.slotFiles, httpGet: nodeHttpGet, keys: [vendor.publicKey] },
        judge: () => this.judge(),
        reboot: () => void this.restart(),
      },
    });
    this.agent = agent;
    this.follow(events);
  }

  /** Resolves when its session has been open so many times. */
  greeted(times: number): Promise<void> {
    return this.cloud.until(() => this.cloud.of('hello').length >= times);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.boot();
  }

  async stop(): Promise<void> {
    const { agent } = this;
    this.agent = null;
    await agent?.stop();
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.watchers.add(resolve));
  }

  /** Resolves with what the cloud was told last of an order. */
  async ended(phase: string): Promise<Record<string, unknown>> {
    const of = () => this.cloud.of('upgrade').map(({ message }) => message);
    await this.cloud.until(() => of().some((message) => message.phase === phase));
    return of().find((message) => message.phase === phase) ?? {};
  }

  private follow(events: AgentEvent[]): void {
    const push = events.push.bind(events);
    events.push = (...more) => {
      const count = push(...more);
      for (const event of more) if (event.type === 'upgrade') this.told.push(event.code ?? event.phase);
      for (const resolve of this.watchers) resolve();
      this.watchers.clear();
      return count;
    };
    for (const event of events) if (event.type === 'upgrade') this.told.push(event.code ?? event.phase);
  }
}

async function lab({ payload = good.payload, trialMs = 60_000 } = {}) {
  const cloud = await fakeCloud(authority, identity);
  const server = await PayloadServer.start(authority, payload);
  const ap = new Device(cloud, trialMs);
  undo.push(
    () => cloud.close(),
    () => server.close(),
    () => ap.stop(),
  );
  await ap.boot();
  await ap.greeted(1);
  const order = (firmware: TestFirmware, change = {}) =>
    cloud.send('upgrade', { ...firmware.order(server.url, change) });
  return { cloud, server, ap, order };
}

describe('an upgrade', () => {
  test('goes from download to commit, over a reboot, and says so', async () => {
    const { cloud, server, ap, order } = await lab();
    order(good);
    await ap.ended('committed');
    const phases = cloud.of('upgrade').map(({ message }) => message.phase);
    expect(phases.filter((phase, i) => phase !== phases[i - 1])).toEqual([
      ...['downloading', 'verifying', 'installing', 'rebooting', 'trial', 'committed'],
    ]);
    const percents = cloud
      .of('upgrade')
      .flatMap(({ message: { phase, percent } }) => (phase === 'downloading' ? [Number(percent)] : []));
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(percents.length).toBeGreaterThan(3);
    await cloud.until(() => cloud.of('hello').some(({ message }) => message.sequenceNumber === 5));
    expect(
      cloud.of('hello').map(({ message: { firmware, slot, trial } }) => ({ firmware, slot, trial })),
    ).toEqual([
      { firmware: '1.0.0', slot: 'a', trial: false },
      { firmware: '2.0.0', slot: 'b', trial: true },
      { firmware: '2.0.0', slot: 'b', trial: false },
    ]);
    expect(server.asked.map(({ peer }) => peer)).toEqual([identity.serial]);
    // The same order again is answered, and not carried out.
    order(good);
    await cloud.until(
      () => cloud.of('upgrade').filter(({ message }) => message.phase === 'committed').length > 1,
    );
    expect(server.asked).toHaveLength(1);
    expect(ap.running).toEqual(['1.0.0', '2.0.0']);
  });

  test('goes on where the connection was cut: no byte is fetched twice', async () => {
    const { server, ap, order } = await lab();
    server.cuts = [70_000, 1, 50_000, 0, 30_000];
    order(good);
    await ap.ended('committed');
    expect(server.asked.length).toBeGreaterThan(5);
    expect(server.timesSent()).toEqual(new Set([1]));
    const resumed = server.asked.slice(1).filter(({ range }) => range !== undefined);
    for (const { ifRange } of resumed) expect(ifRange).toBe(`"${good.sha256.toString('hex')}"`);
  });

  test('goes on where it was when it is stopped in mid-download', async () => {
    const { server, ap, order } = await lab();
    server.cuts = [90_000, ...Array<number>(7).fill(0)];
    order(good);
    await ap.until(() => ap.told.filter((phase) => phase === 'downloading').length >= 4);
    await ap.stop();
    const before = server.asked.length;
    server.cuts = [];
    await ap.boot();
    await ap.greeted(2);
    order(good);
    await ap.ended('committed');
    expect(server.timesSent()).toEqual(new Set([1]));
    expect(server.asked.slice(before).map(({ range }) => range)).toEqual(['bytes=90000-']);
  });

  test('begins anew where a server knows no ranges', async () => {
    const { server, ap, order } = await lab();
    server.cuts = [90_000];
    server.withoutRanges = true;
    order(good);
    await ap.ended('committed');
    expect(server.asked).toHaveLength(2);
  });

  test('is rolled back when nothing comes through under the new version', async () => {
    const cutOff = await firmwareOf(vendor.privateKey, '2.1.0', {
      config: 'cloud: { url: "mqtts://127.0.0.1:1" }',
      sequenceNumber: 9,
    });
    const { ap, order } = await lab({ payload: cutOff.payload, trialMs: 1_500 });
    order(cutOff);
    const { code, detail } = await ap.ended('rolled-back');
    expect(code).toBe('firmware-unhealthy');
    expect(detail).toMatch(
      /^firmware 2\.1\.0 was not healthy: no telemetry was acknowledged within 1\.5 s \(cloud-unreachable: .*; the version before it runs again$/,
    );
    expect(ap.running).toEqual(['1.0.0', '2.1.0', '1.0.0']);
    const slots = await Slots.open(ap.slotFiles, '1.0.0');
    expect([slots.counter, slots.trial, slots.outcome?.reported]).toEqual([0, null, true]);
    // What failed is not tried twice.
    order(cutOff);
    await ap.cloud.until(
      () => ap.cloud.of('upgrade').filter(({ message }) => message.phase === 'rolled-back').length > 1,
    );
    expect(ap.running).toHaveLength(3);
  });
});

describe('a refusal is one line and one message, and changes nothing', () => {
  const refused = async (
    firmware: TestFirmware | (() => Promise<TestFirmware>),
    change: object = {},
    prepare: (parts: Awaited<ReturnType<typeof lab>>) => void | Promise<void> = () => {},
  ) => {
    const made = typeof firmware === 'function' ? await firmware() : firmware;
    const parts = await lab({ payload: made.payload });
    await prepare(parts);
    parts.order(made, change);
    const message = await parts.ap.ended('failed');
    expect(parts.ap.running).toEqual(['1.0.0']);
    expect((await Slots.open(parts.ap.slotFiles, '1.0.0')).trial).toBeNull();
    expect(String(message.detail)).not.toContain('\n');
    return { ...parts, text: `${message.code}: ${message.detail}` };
  };
  const other = firmwareKey();

  test('without a signature, or by another key', async () => {
    const unsigned = await refused(good, { signature: new Uint8Array() });
    expect(unsigned.text).toBe(
      'firmware-signature: the manifest of firmware 2.0.0 is not acceptable: it has no signature',
    );
    expect(unsigned.server.asked).toEqual([]);
    expect((await refused(() => firmwareOf(other.privateKey, '2.0.0'))).text).toMatch(
      /^firmware-signature: .*none of the keys/,
    );
    expect((await refused(good, { version: '9.9.9' })).text).toMatch(
      /^firmware-signature: .*not the one of the order/,
    );
    expect((await refused(good, { sha256: new Uint8Array(32) })).text).toMatch(/not the one of the order/);
  });

  test('below what was committed, for another model, too far ahead', async () => {
    const committed = await refused(
      () => firmwareOf(vendor.privateKey, '1.9.0', { sequenceNumber: 4 }),
      {},
      async ({ ap }) => {
        const record = {
          v: 1,
          active: 'a',
          slots: { a: null, b: null },
          counter: 5,
          trial: null,
          outcome: null,
        };
        ap.slotFiles.contents.set('boot.json', Buffer.from(JSON.stringify(record)));
        ap.running.length = 0;
        await ap.restart();
        await ap.greeted(2);
      },
    );
    expect(committed.text).toBe(
      'firmware-rollback: firmware 1.9.0 has sequence number 4, and 5 was committed before',
    );
    expect(
      (await refused(() => firmwareOf(vendor.privateKey, '2.0.0', { classes: ['AH-SW-48'] }))).text,
    ).toBe('firmware-class: firmware 2.0.0 is for AH-SW-48, not for AH-AP-1');
    expect((await refused(() => firmwareOf(vendor.privateKey, '3.0.0', { minVersion: '2.0' }))).text).toBe(
      'firmware-precursor: firmware 3.0.0 needs 2.0 or newer before it; 1.0.0 is running',
    );
  });

  test('with other bytes than the manifest says; what came is not kept', async () => {
    const swapped = await refused(good, {}, ({ server }) => {
      server.payload = Buffer.from(good.payload);
      server.payload[100_000] ^= 1;
    });
    expect(swapped.text).toMatch(/^firmware-hash: .*its SHA-256 differs$/);
    expect([...swapped.ap.slotFiles.contents.keys()]).toEqual(['boot.json']);
    const longer = await refused(good, {}, ({ server }) => {
      server.payload = Buffer.concat([good.payload, Buffer.alloc(10)]);
    });
    expect(longer.text).toMatch(/^firmware-download: .*more than \d+ bytes came$/);
  });

  test('with an image that is none, or settings that this agent could not start with', async () => {
    const cut = gzipSync(Buffer.alloc(3000, 1));
    const truncated = await refused(() => firmwareOf(vendor.privateKey, '2.0.0', { payload: cut }));
    expect(truncated.text).toMatch(/^firmware-image: the image of firmware 2\.0\.0 cannot be used: /);
    const settings = await refused(() =>
      firmwareOf(vendor.privateKey, '2.0.0', { config: 'outbox: { path: /tmp }' }),
    );
    expect(settings.text).toMatch(/^firmware-image: .*an image sets maps of cloud, .*, and nothing else$/);
    const judged = await refused(good, {}, ({ ap }) => {
      ap.judge = () => {
        throw new AirherdError('config-invalid', { source: 'test', detail: 'report.statsMs: too small' });
      };
    });
    expect(judged.text).toMatch(/^firmware-image: .*report\.statsMs: too small$/);
  });

  test('when the disk is full: what was half there makes room', async () => {
    const { text, ap } = await refused(good, {}, ({ ap }) => {
      ap.slotFiles.capacityBytes = 100_000;
    });
    expect(text).toMatch(/^firmware-no-space: no space left for firmware 2\.0\.0: ENOSPC/);
    expect([...ap.slotFiles.contents.keys()]).toEqual(['boot.json']);
  });

  test('when the server says no, or never has anything', async () => {
    expect((await refused(good, {}, ({ server }) => server.answers(404))).text).toMatch(
      /^firmware-download: .*answered with 404$/,
    );
    const silent = await refused(good, {}, ({ server }) => server.answers(503));
    expect(silent.text).toMatch(/^firmware-download: .*answered with 503$/);
    expect(silent.server.asked.length).toBe(8);
    expect((await refused(good, { url: 'http://127.0.0.1/x' })).text).toMatch(/names no https address$/);
  });
});
