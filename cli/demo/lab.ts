/** The demo's cloud and its two devices, all in this process, over real TLS on loopback. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Agent, createAgent, layerConfig } from '../../agent/index.ts';
import type { Authority } from '../../certs/authority.ts';
import { type Identity, loadIdentity } from '../../certs/identity.ts';
import { type Cloud, startCloud } from '../../cloud-stub/index.ts';
import { loadManufacturers } from '../../packets/observe/manufacturer.ts';
import { nodeClock } from '../../platform/node/clock.ts';
import { nodeDialer } from '../../platform/node/dial.ts';
import { nodeListener } from '../../platform/node/listen.ts';
import { nodeRandom } from '../../platform/node/random.ts';
import type { Home } from '../home.ts';
import { enterOwn, makeOwn, ownAuthority, ownSerials } from '../own-home.ts';
import { version } from '../version.ts';
import { LoopingSource } from './looping-source.ts';
import type { DemoDevice } from './snapshot.ts';

/** What each device hears: port or radio, and the capture that plays there. */
const AIR: readonly [string, string][] = [['wlan0', 'hwsim-wpa2eap-radiotap.pcap']];
const WIRES: readonly [string, string][] = [
  ['ge-0/0/1', 'dhcp.pcap'],
  ['ge-0/0/2', 'http.pcap'],
  ['ge-0/0/3', 'eap.pcap'],
  ['ge-0/0/4', 'lldp.pcap'],
];
/** Captures of half a minute, so that a visitor sees all of it within ten seconds. */
const SPEED = 3;

export interface DemoLab {
  cloud: Cloud;
  orgId: string;
  devices: DemoDevice[];
  stop(): Promise<void>;
}

/** fixtures/ is beside dist/ in a checkout and in the package. */
const capture = (name: string): string => {
  const fromSource = import.meta.url.endsWith('.ts');
  return fileURLToPath(
    new URL(`${fromSource ? '../../' : '../../../'}fixtures/demo/${name}`, import.meta.url),
  );
};

/** One device of each kind, made on the first run. */
async function identitiesOf(home: Home, authority: Authority): Promise<Record<'ap' | 'switch', Identity>> {
  const serials = await ownSerials(home);
  const known = await Promise.all(serials.map((serial) => loadIdentity(join(home.devices, serial))));
  const find = async (kind: 'ap' | 'switch'): Promise<Identity> => {
    const found = known.find((identity) => identity.kind === kind);
    if (found) return found;
    const [made] = await makeOwn(home, authority, { kind, count: 1 });
    return loadIdentity(join(home.devices, made.serial));
  };
  return { ap: await find('ap'), switch: await find('switch') };
}

async function startDevice(
  identity: Identity,
  cloudUrl: string,
  sources: readonly [string, string][],
  manufacturerOf: Awaited<ReturnType<typeof loadManufacturers>>,
): Promise<Agent> {
  const agent = createAgent({
    identity,
    config: layerConfig({
      environment: {},
      flags: {
        cloud: { url: cloudUrl, serverName: 'localhost' },
        report: { flushMs: 250, statsMs: 500 },
        capture: { stream: true },
      },
    }),
    dialer: nodeDialer,
    clock: nodeClock,
    random: nodeRandom,
    files: null,
    sources: sources.map(
      ([interfaceName, file]) =>
        new LoopingSource({ path: capture(file), interfaceName, clock: nodeClock, speed: SPEED }),
    ),
    firmware: version,
    notBeforeMs: 0,
    manufacturerOf,
  });
  await agent.start();
  return agent;
}

/** Authority and identities are kept for the next run; what the cloud stores is this run's alone. */
export async function startDemoLab(home: Home, say: (line: string) => void): Promise<DemoLab> {
  const authority = await ownAuthority(home, say);
  const identities = await identitiesOf(home, authority);
  await rm(home.cloud, { recursive: true, force: true });
  const cloud = await startCloud({
    dir: home.cloud,
    authority,
    listener: nodeListener,
    clock: nodeClock,
    random: nodeRandom,
  });
  const devices: DemoDevice[] = [];
  const stop = async () => {
    await Promise.all(devices.map((device) => device.agent.stop()));
    await cloud.stop();
  };
  try {
    const { orgId } = await enterOwn(cloud.registry, Object.values(identities), { org: 'Demo', site: 'Lab' });
    const url = `mqtts://${cloud.host}:${cloud.devicePort}`;
    const manufacturerOf = await loadManufacturers();
    for (const [kind, sources] of [
      ['ap', AIR],
      ['switch', WIRES],
    ] as const) {
      const identity = identities[kind];
      devices.push({
        serial: identity.serial,
        kind,
        agent: await startDevice(identity, url, sources, manufacturerOf),
      });
    }
    return { cloud, orgId, devices, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
