/** Agents on a simulated site report to the cloud the clients that the world's own record says were there. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeClock } from '../../platform/node/clock.ts';
import { SharedWorld } from '../../platform/sim/world-source.ts';
import type { Fact } from '../../world/engine/emission.ts';
import { World } from '../../world/engine/world.ts';
import { startAgent } from '../support/agent-lab.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { agentsAtTheEndOf } from '../support/world-agents.ts';
import { castOf, MINUTE_MS, START_MS, smallOffice, TAG } from '../support/world-cast.ts';

let lab: TestCloud;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  lab = await testCloud();
});
afterAll(async () => {
  for (const stop of stops) await stop();
  await lab.stop();
});

test('two agents share one world, and the cloud knows what happened in it', async () => {
  const newWorld = () => new World(smallOffice(), castOf(), { beaconsOneIn: 10 });
  const spanMs = 2 * MINUTE_MS;
  const facts = [...newWorld().run(START_MS, START_MS + spanMs)].flatMap((step): Fact[] =>
    step.type === 'fact' ? [step.fact] : [],
  );
  const shared = new SharedWorld({
    world: newWorld(),
    clock: nodeClock,
    startMs: START_MS,
    spanMs,
    speed: null,
  });
  await agentsAtTheEndOf(shared, ['ap0', 'ap1'], lab, stops);

  const { json } = await lab.api(`/api/airherd/v1/sites/${lab.siteId}/clients`);
  const clients: Record<string, unknown>[] = json;
  const bound = facts.filter(
    (fact) => fact.type === 'address' && fact.vlan !== undefined && fact.being !== 'printer-3',
  );
  expect(bound.length).toBeGreaterThanOrEqual(3);
  for (const fact of bound) {
    if (fact.type !== 'address') continue;
    const mac = fact.mac.replaceAll(':', '');
    const joined = facts.filter(
      (other) => (other.type === 'join' || other.type === 'roam') && other.mac === fact.mac,
    );
    const reported = clients.filter((client) => client.mac === mac);
    expect(reported).toContainEqual(
      expect.objectContaining({ hostName: fact.hostName, ip4: expect.arrayContaining([fact.ipv4]) }),
    );
    expect(reported.map(({ ssid }) => ssid)).toContain(joined[0]?.type === 'join' ? joined[0].ssid : null);
  }
});

test('advertisements of the world are what the cloud has of its tags, byte for byte', async () => {
  const cloud = await testCloud();
  stops.push(() => cloud.stop());
  const path = `/api/airherd/v1/orgs/${cloud.orgId}/privacy`;
  const before: string[] = (await cloud.api(path)).json.privacyClasses;
  await cloud.api(path, { method: 'PUT', body: { privacyClasses: [...before, 'ble.assets'] } });
  const spanMs = MINUTE_MS / 4;
  const newWorld = () => new World(smallOffice(), castOf([TAG]));
  const heard = [...newWorld().run(START_MS, START_MS + spanMs, 'ap0')].flatMap((step) =>
    step.type === 'frame' && step.interface === 'ble' ? [step] : [],
  );
  const shared = new SharedWorld({
    world: newWorld(),
    clock: nodeClock,
    startMs: START_MS,
    spanMs,
    speed: null,
  });
  const [identity] = await cloud.devices(1);
  const { agent } = await startAgent({
    identity,
    url: `mqtts://127.0.0.1:${cloud.cloud.devicePort}`,
    sources: [shared.source('ap0')],
  });
  stops.push(() => agent.stop());
  await agent.sourcesEnded;
  await agent.drained();

  const last = heard[heard.length - 1];
  // Behind the pseudo header (10), access address (4) and PDU header (2): the address, reversed, and the data.
  const address = Buffer.from(last.bytes.subarray(16, 22)).reverse().toString('hex');
  const advertisingData = Buffer.from(last.bytes.subarray(22, -3)).toString('hex');
  const { json } = await cloud.api(`/api/airherd/v1/sites/${cloud.siteId}/ble`);
  expect(json).toEqual([
    expect.objectContaining({
      address,
      addressType: 'random-static',
      format: 'ibeacon',
      rssiDbm: last.rssiDbm,
      advertisingData,
    }),
  ]);
});
