/** The whole way: what the cloud answers about a capture equals what tshark reads from the same file. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CaptureFileSource } from '../../platform/node/capture-file.ts';
import { startAgent } from '../support/agent-lab.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { tsharkFields } from '../support/tshark.ts';

const capture = (name: string) => new URL(`../../fixtures/demo/${name}`, import.meta.url).pathname;
const WIRED = ['dhcp.pcap', 'http.pcap', 'eap.pcap', 'lldp.pcap'] as const;
const WIFI = 'hwsim-wpa2eap-radiotap.pcap';

/** MACs in the API have no separators. */
const bare = (mac: string) => mac.replaceAll(':', '');

let lab: TestCloud;

/** One agent per capture: it observes all of it, and stops when the cloud has acknowledged everything. */
async function observe(name: string): Promise<{ serial: string; stored: number; produced: number }> {
  const [identity] = await lab.devices(1);
  const { agent } = await startAgent({
    identity,
    url: `mqtts://127.0.0.1:${lab.cloud.devicePort}`,
    sources: [new CaptureFileSource({ path: capture(name), interfaceName: name })],
    config: { capture: { stream: true } },
  });
  await agent.sourcesEnded;
  await agent.drained();
  await agent.stop();
  const produced = agent.ledger().reduce((sum, row) => sum + row.produced, 0);
  const rows = (await lab.api(`/api/airherd/v1/ledger?serial=${identity.serial}`)).json as {
    stored: number;
  }[];
  return { serial: identity.serial, produced, stored: rows.reduce((sum, row) => sum + row.stored, 0) };
}

async function records(kind: string, serial: string): Promise<Record<string, unknown>[]> {
  const path = `/api/airherd/v1/sites/${lab.siteId}/${kind}?serial=${serial}&limit=1000`;
  return (await lab.api(path)).json;
}

/** Distinct non-empty values of a field, per value of another, over the frames of a capture. */
async function valuesBy(name: string, key: string, value: string): Promise<Record<string, string[]>> {
  const found: Record<string, Set<string>> = {};
  for (const [keys, values] of await tsharkFields(capture(name), [key, value])) {
    if (!keys[0]) continue;
    const mac = bare(keys[0]);
    found[mac] ??= new Set();
    for (const text of values) if (text !== '') found[mac].add(text);
  }
  return Object.fromEntries(Object.entries(found).map(([mac, set]) => [mac, [...set]]));
}

const macs = (rows: Record<string, unknown>[]) => rows.map((row) => row.mac).sort();
const byMac = (rows: Record<string, unknown>[], mac: string) => rows.find((row) => row.mac === mac);

beforeAll(async () => {
  lab = await testCloud();
});
afterAll(() => lab.stop());

describe('wired captures', () => {
  test.each(WIRED)('%s: the hosts are those that tshark sees send', async (name) => {
    const { serial, stored, produced } = await observe(name);
    expect(stored).toBe(produced);
    const expected = Object.keys(await valuesBy(name, 'eth.src', 'eth.type')).sort();
    expect(expected.length).toBeGreaterThan(0);
    expect(macs(await records('wired', serial))).toEqual(expected);
  });

  test('DHCP gives host name and address', async () => {
    const { serial } = await observe('dhcp.pcap');
    const hosts = await records('wired', serial);
    const names = await valuesBy('dhcp.pcap', 'dhcp.hw.mac_addr', 'dhcp.option.hostname');
    const acknowledged = await tsharkFields(capture('dhcp.pcap'), [
      'dhcp.option.dhcp',
      'dhcp.hw.mac_addr',
      'dhcp.ip.your',
    ]);
    const leases = acknowledged.filter(([type]) => type[0] === '5');
    expect(leases.length).toBeGreaterThan(0);
    for (const [, [colonMac], [ip]] of leases) {
      const mac = bare(colonMac);
      expect(byMac(hosts, mac)).toMatchObject({ ip4: expect.arrayContaining([ip]) });
      expect(names[mac]).toContain(byMac(hosts, mac)?.hostName);
    }
  });

  test('HTTP gives the user agent', async () => {
    const { serial } = await observe('http.pcap');
    const hosts = await records('wired', serial);
    const agents = Object.entries(await valuesBy('http.pcap', 'eth.src', 'http.user_agent')).filter(
      ([, list]) => list.length > 0,
    );
    expect(agents.length).toBeGreaterThan(0);
    for (const [mac, list] of agents) expect(list).toContain(byMac(hosts, mac)?.userAgent);
  });

  test('802.1X gives the user name', async () => {
    const { serial } = await observe('eap.pcap');
    const hosts = await records('wired', serial);
    const names = Object.entries(await valuesBy('eap.pcap', 'eth.src', 'eap.identity')).filter(
      ([, list]) => list.length > 0,
    );
    expect(names.length).toBeGreaterThan(0);
    for (const [mac, list] of names) expect(list).toContain(byMac(hosts, mac)?.userName);
  });

  test('LLDP gives chassis, port and system name', async () => {
    const { serial } = await observe('lldp.pcap');
    const seen = await tsharkFields(capture('lldp.pcap'), [
      'lldp.chassis.id.mac',
      'lldp.port.id.mac',
      'lldp.tlv.system.name',
    ]);
    const frames = seen.filter(([chassis]) => chassis[0]);
    const neighbours = await records('neighbours', serial);
    const chassisIds = new Set(frames.map(([chassis]) => chassis[0]));
    expect(neighbours.map((row) => row.chassisId).sort()).toEqual([...chassisIds].sort());
    for (const row of neighbours) {
      const [, port, systemName] = frames.filter(([chassis]) => chassis[0] === row.chassisId).at(-1)!;
      expect(row).toMatchObject({ portId: port[0], systemName: systemName[0] });
    }
  });
});

describe('the Wi-Fi capture', () => {
  test('stations, user names, signal and every sliced frame are those that tshark reads', async () => {
    const { serial, stored, produced } = await observe(WIFI);
    expect(stored).toBe(produced);
    const frames = await tsharkFields(capture(WIFI), [
      'wlan.ta',
      'wlan.bssid',
      'radiotap.dbm_antsignal',
      'eap.identity',
    ]);
    const accessPoints = new Set(frames.map(([, bssid]) => bare(bssid[0] ?? '')));
    const stations = [...new Set(frames.map(([ta]) => bare(ta[0] ?? '')))]
      .filter((mac) => mac && !accessPoints.has(mac))
      .sort();
    const clients = [...(await records('clients', serial)), ...(await records('unconnected', serial))];
    const associated = macs(clients);
    expect(associated.length).toBeGreaterThan(0);
    expect(associated).toEqual(stations);
    for (const mac of associated) {
      const own = frames.filter(([ta]) => bare(ta[0] ?? '') === mac);
      const signals = own.map(([, , dbm]) => Number(dbm[0])).filter(Number.isFinite);
      const names = own.flatMap(([, , , identity]) => identity).filter(Boolean);
      const client = byMac(clients, mac as string);
      expect(client?.rssi).toMatchObject({
        count: signals.length,
        min: Math.min(...signals),
        max: Math.max(...signals),
        last: signals.at(-1),
      });
      if (names.length > 0) expect(names).toContain(client?.userName);
    }
    const captures = await records('captures', serial);
    const continuous = captures.find((row) => row.trigger === 'continuous');
    // Probe requests and responses are of stations that nobody has connected: off until it is turned on.
    const subtypes = await tsharkFields(capture(WIFI), ['wlan.fc.type_subtype']);
    const scans = subtypes.filter(([subtype]) => [4, 5].includes(Number(subtype[0])));
    expect(scans.length).toBeGreaterThan(0);
    expect(continuous?.packets).toBe(frames.length - scans.length);
  });
});
