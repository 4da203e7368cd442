/** Factory keys change: over the connection under the old proof, and by hand after a leak. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Identity } from '../../certs/identity.ts';
import { registryEntryOf } from '../../certs/registry-entry.ts';
import { rotatedIdentity } from '../../certs/rotate.ts';
import { openRegistry } from '../../cloud-stub/index.ts';
import { nodeClock } from '../../platform/node/clock.ts';
import { nodeRandom } from '../../platform/node/random.ts';
import { MemoryFiles } from '../../platform/sim/files.ts';
import { startAgent } from '../support/agent-lab.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { DeviceClient, helloFields } from '../support/device-client.ts';

let lab: TestCloud;
const closing: (() => Promise<void>)[] = [];
beforeAll(async () => {
  lab = await testCloud();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => lab.stop());

const url = () => `mqtts://127.0.0.1:${lab.cloud.devicePort}`;
const connack = async (identity: Identity) => {
  const device = await DeviceClient.dial({ port: lab.cloud.devicePort, identity });
  const code = await device.connect();
  device.end();
  return code;
};
const rotate = (serial: string) =>
  lab.api(`/api/airherd/v1/devices/${serial}/rotate-key`, { method: 'POST' });

async function agentOf(identity: Identity, options: { files?: MemoryFiles; refuseSave?: boolean } = {}) {
  const saved: Identity[] = [];
  const started = await startAgent({
    identity,
    url: url(),
    files: options.files,
    saveIdentity: async (next) => {
      if (options.refuseSave) throw new Error('the disk is full');
      saved.push(next);
    },
  });
  closing.push(() => started.agent.stop());
  return { ...started, saved };
}

describe('over the connection', () => {
  test('the device logs in anew with a key that it made, and the old one is void', async () => {
    const [identity] = await lab.devices(1);
    const { event, events, opened, saved } = await agentOf(identity);
    await opened();
    expect(await rotate(identity.serial)).toMatchObject({ status: 200, json: { serial: identity.serial } });
    await event('key-rotated');
    const [rotated] = saved;
    expect(rotated.keyGeneration).toBe(2);
    expect(rotated.factoryKey.equals(identity.factoryKey)).toBe(false);
    // Cut, and in again, with the new key.
    const at = events.length;
    await event('state', (change) => change.state === 'open' && events.indexOf(change) >= at);
    await expect.poll(() => lab.cloud.registry.rotation.offered(identity.serial)).toBeNull();
    expect(await connack(identity)).toBe(4);
    expect(await connack(rotated)).toBe(0);
    const { json } = await lab.api('/api/airherd/v1/security-events');
    expect(json[0]).toMatchObject({ serial: identity.serial, code: 'factory-key-rotated' });
    // What rests of the answer in the store is of no use: it is sealed under a nonce that nobody has any more.
    const kept = JSON.stringify(lab.cloud.stores.of(lab.orgId).messages({ limit: 1000, offset: 0 }));
    const { deviceProof } = registryEntryOf(rotated).keys;
    expect(kept).not.toContain(JSON.stringify([...deviceProof]).slice(1, -1));
    expect(kept).not.toContain(deviceProof.toString('base64'));
  });

  test('a device that cannot save the key goes on with the old one', async () => {
    const [identity] = await lab.devices(1);
    const { opened } = await agentOf(identity, { refuseSave: true });
    await opened();
    expect(await rotate(identity.serial)).toMatchObject({ status: 409, json: { code: 'rotation-refused' } });
    expect(lab.cloud.registry.rotation.offered(identity.serial)).toBeNull();
    expect(await connack(identity)).toBe(0);
  });

  test('half-way, both keys hold; the first login with the new one ends the old', async () => {
    const [identity] = await lab.devices(1);
    const rotated = rotatedIdentity(identity, nodeRandom.bytes(32));
    lab.cloud.registry.rotation.offer(identity.serial, registryEntryOf(rotated).keys);
    expect(await connack(identity)).toBe(0);
    expect(await connack(rotated)).toBe(0);
    expect(await connack(identity)).toBe(4);
    expect(await connack(rotated)).toBe(0);
  });

  test('of a device that is not connected is one clear answer', async () => {
    const [identity] = await lab.devices(1);
    expect(await rotate(identity.serial)).toMatchObject({ status: 409, json: { code: 'device-offline' } });
  });
});

describe('by hand, after a leak', () => {
  test('the live session is cut, the old key refused, what was offered under it void', async () => {
    const [identity, bystander] = await lab.devices(2);
    const device = await DeviceClient.login({ port: lab.cloud.devicePort, identity });
    const other = await DeviceClient.login({ port: lab.cloud.devicePort, identity: bystander });
    const stolen = rotatedIdentity(identity, nodeRandom.bytes(32));
    lab.cloud.registry.rotation.offer(identity.serial, registryEntryOf(stolen).keys);
    const rotated = rotatedIdentity(identity, nodeRandom.bytes(32));
    // A connection of its own, as the command line has it.
    const elsewhere = openRegistry(lab.dir, { random: nodeRandom, clock: nodeClock });
    elsewhere.rotation.replace(identity.serial, registryEntryOf(rotated).keys);
    elsewhere.close();
    await device.closed;
    expect(lab.cloud.refusals.recent()[0]).toMatchObject({ code: 'key-rotated', serial: identity.serial });
    expect(await connack(identity)).toBe(4);
    expect(await connack(stolen)).toBe(4);
    expect(await connack(rotated)).toBe(0);
    await other.acked('hello', other.publish('hello', helloFields(bystander)));
    other.end();
  });

  test('what the outbox sealed under the old key is delivered, and its key then forgotten', async () => {
    const [identity] = await lab.devices(1);
    const files = new MemoryFiles();
    // Not reachable: stats stay in the outbox.
    const offline = await startAgent({
      identity,
      url: 'mqtts://127.0.0.1:9',
      files,
      config: { report: { statsMs: 1000 } },
    });
    await expect.poll(() => offline.agent.outbox.pending, { timeout: 10_000 }).toBeGreaterThan(0);
    await offline.agent.stop();
    const rotated = rotatedIdentity(identity, nodeRandom.bytes(32));
    lab.cloud.registry.rotation.replace(identity.serial, registryEntryOf(rotated).keys);

    const second = await agentOf(rotated, { files });
    expect(second.saved).toEqual([]);
    await second.opened();
    await second.agent.drained();
    await second.agent.stop();
    const boots = (await lab.api(`/api/airherd/v1/ledger?serial=${identity.serial}`)).json as {
      bootId: string;
    }[];
    expect(new Set(boots.map(({ bootId }) => bootId)).size).toBe(2);

    const third = await agentOf(rotated, { files });
    expect(third.saved).toMatchObject([{ keyGeneration: 2, olderOutboxKeys: [] }]);
    await third.opened();
  });
});
