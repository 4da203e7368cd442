/** The whole main job through brokers that are not ours: prove, stream, store, acknowledge, command. */
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { RunningBroker } from '../../testing/brokers/broker.ts';
import { startAgent } from '../support/agent-lab.ts';
import { BROKER_PROGRAMS, besideOptions, startForeign } from '../support/brokers.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { fleetRun } from '../support/fleet-run.ts';

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

describe.each(BROKER_PROGRAMS)('%s', (name) => {
  let broker: RunningBroker;
  beforeAll(async () => {
    broker = await startForeign(name);
  }, 60_000);
  afterAll(async () => {
    await broker?.remove();
  });

  test('a device proves itself, streams, is acknowledged, and answers a command', async () => {
    const lab: TestCloud = await testCloud({ brokers: [await besideOptions(broker.port)] });
    undo.push(() => lab.stop());
    const [identity] = await lab.devices(1);
    const { agent, opened, event } = await startAgent({
      identity,
      url: broker.url,
      cloud: { proof: 'challenge' },
    });
    undo.push(() => agent.stop());
    await opened();
    await event('acknowledged', ({ stream }) => stream === 'hello');
    expect(agent.ledger().find(({ stream }) => stream === 'hello')).toMatchObject({
      produced: 1,
      acknowledged: 1,
    });
    expect(lab.cloud.ingest.counts.stored).toBeGreaterThanOrEqual(1);
    const { notAfterMs } = await lab.cloud.renewal.renew(identity.serial);
    expect((await event('renewed')).notAfterMs).toBe(notAfterMs);
    expect(lab.cloud.refusals.counts()).toEqual({});
  });

  test('a fleet proves itself device by device, and all that it says is stored', async () => {
    const log = new Writable({
      write: (chunk, _encoding, done) => {
        lines.push(...String(chunk).split('\n').filter(Boolean));
        done();
      },
    });
    const lines: string[] = [];
    const lab = await testCloud({
      log: pino({ level: 'info' }, log),
      brokers: [await besideOptions(broker.port)],
    });
    undo.push(() => lab.stop());
    const identities = await lab.devices(12);
    const report = await fleetRun(identities, {
      cloud: broker.url,
      target: { proof: 'challenge' },
      shape: { kind: 'ramp', rate: 12 },
      for: '6s',
      telemetry: { rate: 10 },
    });
    expect(report.reasons).toEqual([]);
    expect(report).toMatchObject({ outcome: 'passed', proof: 'challenge', acknowledgedBy: 'cloud' });
    const { counters } = report;
    expect(counters).toMatchObject({ started: 12, reached: 12, logins: 12, lost: 0, dropped: 0 });
    expect(counters.acknowledged).toBe(counters.produced);
    expect(lab.cloud.ingest.counts).toMatchObject({ stored: counters.produced, duplicates: 0 });
    const loggedIn = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'device logged in');
    expect(new Set(loggedIn.map(({ serial }) => serial)).size).toBe(12);
    expect(lab.cloud.refusals.counts()).toEqual({});
  });
});
