/**
 * Real lives on a simulated floor, real agents on its access points and switches, a real cloud stub, and what the
 * stub concluded beside the world's truth.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CloudApi } from '../../cli/cloud-api.ts';
import { concludedBy } from '../../cli/commands/score/from-cloud.ts';
import { nodeClock } from '../../platform/node/clock.ts';
import { SharedWorld } from '../../platform/sim/world-source.ts';
import { siteCast } from '../../world/engine/cast.ts';
import { undisturbed } from '../../world/engine/network.ts';
import { World } from '../../world/engine/world.ts';
import { TruthRecord } from '../../world/truth/read.ts';
import { NOT_CONCLUDED, score } from '../../world/truth/score.ts';
import { Truth, TruthLines } from '../../world/truth/truth.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { agentsAtTheEndOf } from '../support/world-agents.ts';
import { MINUTE_MS, smallOffice } from '../support/world-cast.ts';

/** When people come, and walk to their desks. */
const START_MS = Date.UTC(2026, 0, 5, 8, 38);
const SPAN_MS = 12 * MINUTE_MS;
const site = smallOffice();
const newWorld = () =>
  new World(site, siteCast(site, { conditionsAt: undisturbed, clients: 40 }), {
    beaconsOneIn: 100,
    ble: false,
  });

let lab: TestCloud;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  lab = await testCloud();
});
afterAll(async () => {
  for (const stop of stops) await stop();
  await lab.stop();
});

function truthOf(world: World): TruthRecord {
  const record = new TruthRecord();
  const lines = new TruthLines(new Truth(world, null), START_MS, START_MS + SPAN_MS);
  const take = (some: Iterable<Parameters<TruthRecord['add']>[0]>) => {
    for (const line of some) record.add(line);
  };
  take(lines.head());
  for (const step of world.run(START_MS, START_MS + SPAN_MS))
    if (step.type === 'fact') take(lines.fact(step));
  take(lines.rest());
  return record;
}

test('the cloud knows the clients, the wires and the roams of the world', async () => {
  const shared = new SharedWorld({
    world: newWorld(),
    clock: nodeClock,
    startMs: START_MS,
    spanMs: SPAN_MS,
    speed: null,
  });
  const ids = [...site.accessPoints, ...site.switches].map(({ id }) => id);
  const identities = await agentsAtTheEndOf(shared, ids, lab, stops);

  const api = new CloudApi({
    host: '127.0.0.1',
    serverName: 'localhost',
    port: lab.cloud.apiPort,
    token: lab.cloud.registry.tokens.issue('score'),
    ca: lab.cloud.trustPem.join('\n'),
  });
  const devices = Object.fromEntries(identities.map(({ serial }, i) => [serial, ids[i]]));
  const org = lab.orgId;
  const conclusions = await concludedBy(api, { org, devices });
  const truth = truthOf(newWorld());
  const result = score(truth, conclusions);
  expect(truth.clients.size).toBeGreaterThanOrEqual(12);
  if (result.clients === NOT_CONCLUDED) throw new Error('the cloud has concluded clients');
  expect(result.clients).toMatchObject({ precision: 1, recall: 1 });
  // Whatever the cloud says of them is so.
  for (const of of ['hostName', 'ipv4', 'ssid', 'userName', 'device'] as const) {
    const { compared, right } = result.clients[of];
    expect(compared, of).toBeGreaterThan(0);
    expect(right, of).toBe(compared);
  }
  // All but the camera's, which says who it is by CDP.
  expect(result.topology).toMatchObject({ truth: 5, precision: 1, recall: 0.8 });
  expect(truth.roams.length).toBeGreaterThan(0);
  // Two roams between two reports of a client look like one or none; what is concluded is so.
  expect(result.roams).toMatchObject({ precision: 1 });
  expect(result.locations).toBe(NOT_CONCLUDED);
  expect(result.causes).toBe(NOT_CONCLUDED);
});
