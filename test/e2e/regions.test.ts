import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Identity } from '../../certs/identity.ts';
import { registryEntryOf } from '../../certs/registry-entry.ts';
import { type Cloud, startCloud } from '../../cloud-stub/index.ts';
import type { RegionName } from '../../cloud-stub/regions/regions.ts';
import { nodeClock } from '../../platform/node/clock.ts';
import { nodeListener } from '../../platform/node/listen.ts';
import { nodeRandom } from '../../platform/node/random.ts';
import { MemoryFiles } from '../../platform/sim/files.ts';
import { fakeCloud, framesSource, device as makeDevice, startAgent } from '../support/agent-lab.ts';
import { openedStores, rawFiles, registryPages, sealedRows, storePages } from '../support/at-rest.ts';
import { sharedAuthority } from '../support/authority.ts';
import { callApi } from '../support/cloud.ts';
import { DeviceClient, helloFields } from '../support/device-client.ts';

const CANARY = 'canary-host-of-vienna';
const ORG = 'Canary Kaffeehaus GmbH';
const SITE = 'Canary Stephansplatz';

let root: string;
const dirOf = (name: RegionName) => join(root, name);
const places = () => (['global', 'eu'] as const).map((name) => ({ name, dir: dirOf(name) }));
let lines: string[];
let clouds: Cloud[];
let agents: { stop(): Promise<void> }[];

async function region(name: RegionName, options: { devicePort?: number } = {}): Promise<Cloud> {
  const cloud = await startCloud({
    dir: dirOf(name),
    region: name,
    otherRegions: places(),
    authority: await sharedAuthority(),
    listener: nodeListener,
    clock: nodeClock,
    random: nodeRandom,
    log: pino({ level: 'info' }, { write: (line: string) => void lines.push(`${name} ${line}`) }),
    ...options,
  });
  clouds.push(cloud);
  return cloud;
}
const urlOf = (cloud: Cloud) => `mqtts://127.0.0.1:${cloud.devicePort}`;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'airherd-regions-'));
  lines = [];
  clouds = [];
  agents = [];
});
afterEach(async () => {
  for (const agent of agents) await agent.stop();
  for (const cloud of clouds) await cloud.stop();
  rmSync(root, { recursive: true, force: true });
});

/** Made for the global region, as a factory that knows no customers does. */
async function made(cloud: Cloud): Promise<Identity> {
  const identity = await makeDevice(await sharedAuthority());
  await cloud.registry.add([registryEntryOf(identity)]);
  return identity;
}

function claimIn(cloud: Cloud, identity: Identity, country = 'AT'): { orgId: string; siteId: string } {
  const { organisations } = cloud.registry;
  const { id: orgId } = organisations.ensure(ORG, country);
  const { id: siteId } = organisations.ensureSite(orgId, SITE);
  cloud.regions.claim({ claimCode: identity.claimCode, orgId, siteId });
  return { orgId, siteId };
}

async function agentOf(identity: Identity, cloud: Cloud, files = new MemoryFiles()) {
  const lab = await startAgent({ identity, url: urlOf(cloud), files });
  agents.push(lab.agent);
  return { ...lab, files };
}

describe('where an organisation lives', () => {
  test('with an address in the EU in region eu, and no other takes it', async () => {
    const [global, eu] = [await region('global'), await region('eu')];
    expect(() => global.registry.organisations.ensure(ORG, 'AT')).toThrow(/hosted in region eu/);
    expect(global.registry.organisations.list()).toEqual([]);
    expect(eu.registry.organisations.ensure(ORG, 'AT')).toMatchObject({ name: ORG, country: 'AT' });
    // Others choose.
    expect(eu.registry.organisations.ensure('Elsewhere Ltd', 'GB').country).toBe('GB');
    expect(global.registry.organisations.ensure('Elsewhere Ltd', 'GB').country).toBe('GB');
  });

  test('the API says where and why; an address that does not fit is refused, and nothing is changed', async () => {
    const global = await region('global');
    const { id } = global.registry.organisations.ensure('Nomads');
    const token = global.bootstrapToken;
    const path = `/api/airherd/v1/orgs/${id}/hosting`;
    expect((await callApi(global, token, path)).json).toMatchObject({ region: 'global', country: null });
    const { status, json } = await callApi(global, token, path, { method: 'PUT', body: { country: 'de' } });
    expect([status, json.code]).toEqual([409, 'region-wrong']);
    const ch = await callApi(global, token, path, { method: 'PUT', body: { country: 'CH' } });
    expect(ch.json).toMatchObject({ country: 'CH', why: 'chosen: its address is in CH' });
    expect(global.registry.organisations.find(id)?.country).toBe('CH');
  });

  test('a folder is of one region for ever', async () => {
    await (await region('eu')).stop();
    clouds = [];
    await expect(
      startCloud({
        dir: dirOf('eu'),
        region: 'global',
        authority: await sharedAuthority(),
        listener: nodeListener,
        clock: nodeClock,
        random: nodeRandom,
      }),
    ).rejects.toMatchObject({ code: 'region-wrong' });
  });
});

describe('a device in the wrong region', () => {
  test('is told where it belongs, goes there, and remembers it over a restart', async () => {
    const [global, eu] = [await region('global'), await region('eu')];
    const identity = await made(global);
    claimIn(eu, identity);
    const first = await agentOf(identity, global);
    await first.opened();
    await first.agent.drained();
    expect(eu.sessions.of(identity.serial)).toBeDefined();
    expect(global.sessions.of(identity.serial)).toBeUndefined();
    expect(global.ingest.counts.stored).toBe(0);
    await first.agent.stop();

    // The region that it was configured for is gone: it needs it no more.
    await global.stop();
    clouds = [eu];
    const again = await startAgent({ identity, url: urlOf(global), files: first.files });
    agents.push(again.agent);
    await again.opened();
    expect(again.events.filter((event) => event.type === 'failure')).toEqual([]);
    const dialled = again.events.flatMap((event) =>
      event.type === 'step' && event.step === 'dialing' ? [event.detail.port] : [],
    );
    expect(dialled).toEqual([eu.devicePort]);
  });

  test('asks the configured cloud again when the region that it remembers does not answer or moved', async () => {
    const [global, eu] = [await region('global'), await region('eu')];
    const identity = await made(global);
    claimIn(eu, identity);
    const first = await agentOf(identity, global);
    await first.opened();
    await first.agent.stop();
    await eu.stop();
    clouds = [global];
    const moved = await region('eu');
    expect(moved.devicePort).not.toBe(eu.devicePort);
    const again = await agentOf(identity, global, first.files);
    await again.opened();
    expect(moved.sessions.of(identity.serial)).toBeDefined();
  });

  test('what it said before it was claimed elsewhere does not hold up what follows there', async () => {
    const [global, eu] = [await region('global'), await region('eu')];
    const identity = await made(global);
    const { agent, event, events } = await agentOf(identity, global);
    await event('acknowledged');
    await agent.drained();
    expect(global.ingest.counts.stored).toBeGreaterThan(0);
    const { orgId } = claimIn(eu, identity);
    await event('welcome', ({ welcome }) => welcome.claimed);
    await agent.drained();
    const rows = eu.stores.of(orgId).positions.list(identity.serial);
    const ledger = new Map(agent.ledger().map((one) => [one.stream, one]));
    for (const { stream, highest, pending } of rows) {
      expect([stream, highest, pending]).toEqual([stream, ledger.get(stream)?.produced, []]);
    }
    expect(rows.length).toBeGreaterThan(0);
    expect(events.some((one) => one.type === 'failure' && one.error.code === 'login-refused')).toBe(false);
  });

  test('one that ignores it is heard in nothing', async () => {
    const [global, eu] = [await region('global'), await region('eu')];
    const identity = await made(global);
    claimIn(eu, identity);
    const client = await DeviceClient.dial({ port: global.devicePort, identity });
    expect(await client.connect()).toBe(0);
    expect((await client.open()).redirect).toBe(`mqtts://127.0.0.1:${eu.devicePort}`);
    client.publish('hello', helloFields(identity));
    await client.closed;
    expect(global.ingest.counts.stored).toBe(0);
    expect(global.refusals.recent()[0].code).toBe('region-elsewhere');
  });

  test('does not trust a region because it was sent there', async () => {
    const authority = await sharedAuthority();
    const identity = await makeDevice(authority);
    // Its certificate is good, but it does not know the factory key.
    const liar = await fakeCloud(authority, identity, { factoryKey: Buffer.alloc(32, 7), trusting: true });
    const first = await fakeCloud(authority, identity, { welcome: { redirect: liar.url } });
    const files = new MemoryFiles();
    const lab = await startAgent({
      identity,
      url: first.url,
      files,
      sources: [framesSource([])],
    });
    agents.push(lab.agent);
    expect(await lab.failed()).toMatchObject({ code: 'cloud-unproven' });
    expect(await files.list()).not.toContain('region.json');
    await lab.agent.stop();
    await first.close();
    await liar.close();
  });

  test('is judged by the region that it belongs to: revoked there, it is refused here', async () => {
    const [global, eu] = [await region('global'), await region('eu')];
    const identity = await made(global);
    claimIn(eu, identity);
    eu.registry.revoke(identity.serial);
    const client = await DeviceClient.dial({ port: global.devicePort, identity });
    expect(await client.connect()).toBe(5);
    expect(global.refusals.recent()[0].code).toBe('device-revoked');
  });

  test('cannot be claimed in a second region', async () => {
    const [global, eu] = [await region('global'), await region('eu')];
    const identity = await made(global);
    claimIn(eu, identity);
    const { id: orgId } = global.registry.organisations.ensure('Thieves');
    const { id: siteId } = global.registry.organisations.ensureSite(orgId, 'Cave');
    for (const request of [{ claimCode: identity.claimCode }, { serial: identity.serial }]) {
      expect(() => global.regions.claim({ ...request, orgId, siteId })).toThrow(/another organisation/);
    }
  });
});

test('nothing of an EU organisation is in any file of another region, opened with every key; it is in the EU', async () => {
  const [global, eu] = [await region('global'), await region('eu')];
  const identity = await made(global);
  const { orgId } = claimIn(eu, identity);
  // It comes to the wrong region first, is redirected, and streams.
  const wrong = await DeviceClient.dial({ port: global.devicePort, identity });
  await wrong.connect();
  await wrong.open();
  wrong.end();
  const client = await DeviceClient.login({ port: eu.devicePort, identity });
  const mac = Buffer.from('3c0754c0ffee', 'hex');
  const seq = client.publish('clients', {
    class: 'wifi.connected',
    clients: [{ mac, randomized: false, state: 'associated', hostName: CANARY, lastSeenMs: 1 }],
  });
  await client.acked('clients', seq);
  client.end();

  const names = [CANARY, ORG, SITE, orgId].map((text) => Buffer.from(text));
  const seen = (cloud: Cloud, name: RegionName): Buffer => {
    const stores = [
      '00000000-0000-0000-0000-000000000000',
      ...cloud.registry.organisations.list().map(({ id }) => id),
    ];
    return Buffer.concat([
      openedStores(cloud),
      ...stores.flatMap((id) => [storePages(cloud, dirOf(name), id), ...sealedRows(cloud, dirOf(name), id)]),
      registryPages(dirOf(name)),
      ...rawFiles(dirOf(name)).values(),
      ...[...rawFiles(dirOf(name)).keys()].map((path) => Buffer.from(path)),
      Buffer.from(lines.filter((line) => line.startsWith(`${name} `)).join('')),
    ]);
  };
  const inEu = seen(eu, 'eu');
  for (const secret of [...names, mac]) expect(inEu.includes(secret), secret.toString()).toBe(true);
  const inGlobal = seen(global, 'global');
  for (const secret of [...names, mac]) expect(inGlobal.includes(secret), secret.toString()).toBe(false);
  // The same look does find what global itself has.
  expect(inGlobal.includes(Buffer.from(identity.serial))).toBe(true);
});
