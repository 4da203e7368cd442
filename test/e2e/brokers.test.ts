/** The whole main job through brokers that are not ours: prove, stream, store, acknowledge, command. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startAgent } from '../support/agent-lab.ts';
import { sharedAuthority } from '../support/authority.ts';
import {
  besideOptions,
  type ForeignBroker,
  startMosquitto,
  startNats,
  startRabbit,
} from '../support/brokers.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

describe.each([
  ['mosquitto', startMosquitto],
  ['nats', startNats],
  ['rabbitmq', startRabbit],
])('%s', (_name, start) => {
  let broker: ForeignBroker;
  beforeAll(async () => {
    broker = await start(await sharedAuthority());
  }, 60_000);
  afterAll(async () => {
    await broker?.stop();
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
});
