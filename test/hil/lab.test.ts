/**
 * One agent with every kind of source on a box with real daemons: lldpd, dnsmasq, hostapd's 802.1X, a Linux bridge,
 * and a live radiotap interface. What the cloud has is compared with what the daemons themselves say.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeClock } from '../../platform/node/clock.ts';
import { bridgeSource } from '../../platform/node/sources/bridge.ts';
import { hostapdSource } from '../../platform/node/sources/hostapd.ts';
import { LiveCapture } from '../../platform/node/sources/live-capture.ts';
import { lldpdSource } from '../../platform/node/sources/lldpd.ts';
import { startAgent } from '../support/agent-lab.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { tsharkFields } from '../support/tshark.ts';
import type { Daemon } from './cable.ts';
import { Lab } from './lab.ts';

const C1 = '02:11:22:33:44:01';
const CAROL = '02:11:22:33:44:02';
const MALLORY = '02:11:22:33:44:03';
const AIR = resolve(import.meta.dirname, '../../fixtures/captures/hil/hwsim-wpa2eap-radiotap.pcap');
/** Every byte of every payload here is of these. */
const CANARY = 'SECRETPAYLOAD';
const PHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)';

const lab = new Lab();
let cloud: TestCloud;
let started: Awaited<ReturnType<typeof startAgent>>;
let air: Daemon;
let swLldpd: Daemon;
let hostapd: Daemon;
let ports: Record<'c1' | 'sw' | 'w1' | 'w2', string>;
let serial = '';

const lldpd = (box: string | null, socket: string, port: string, ...words: string[]) =>
  lab.daemon(
    box,
    'resume operations',
    'lldpd',
    '-d',
    '-u',
    socket,
    '-I',
    port,
    '-L',
    '/usr/sbin/lldpcli',
    ...words,
  );
const lldpcli = (box: string | null, socket: string, ...words: string[]): string =>
  box === null
    ? execFileSync('lldpcli', ['-u', socket, ...words], { encoding: 'utf8' })
    : lab.inBox(box, 'lldpcli', '-u', socket, ...words);

/** Asks until the answer is there; each question waits for the agent's next event. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const before = started.events.length;
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (started.events.length === before) {
      await started.event('acknowledged', () => started.events.length > before);
    }
  }
}

const site = async (name: string) => {
  const { json } = await cloud.api(`/api/airherd/v1/sites/${cloud.siteId}/${name}?limit=500`);
  return (Array.isArray(json) ? json : json.results) as Record<string, unknown>[];
};
const find = (name: string, fits: (record: Record<string, unknown>) => boolean) =>
  until(async () => (await site(name)).find(fits));
const events = async () =>
  (await cloud.api(`/api/airherd/v1/orgs/${cloud.orgId}/messages?stream=event&limit=500`)).json as {
    name: string;
    client?: string;
    details: Record<string, unknown>;
  }[];
const plain = (mac: unknown) => String(mac).replaceAll(':', '');
const event = (name: string, mac: string) =>
  until(async () => (await events()).find((one) => one.name === name && plain(one.client) === plain(mac)));

beforeAll(async () => {
  lab.addBridge('10.77.0.1/24');
  ports = {
    c1: lab.addBox('c1', C1, true),
    sw: lab.addBox('sw', '02:11:22:33:44:0a'),
    w1: lab.addBox('w1', CAROL),
    w2: lab.addBox('w2', MALLORY),
  };
  swLldpd = await lldpd('sw', lab.path('sw.sock'), 'eth0', '-S', 'Sim Switch 48P v1');
  lldpcli('sw', lab.path('sw.sock'), 'configure', 'system', 'hostname', 'sim-switch-1');
  lldpcli('sw', lab.path('sw.sock'), 'configure', 'lldp', 'tx-interval', '1');
  // LLDP-MED is said only by a lldpd that is told its class: 4, a network connectivity device.
  await lldpd(null, lab.path('ap.sock'), ports.sw, '-M', '4');
  lldpcli(null, lab.path('ap.sock'), 'configure', 'lldp', 'tx-interval', '1');
  const dnsmasq = ['--keep-in-foreground', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--port=0'];
  await lab.daemon(
    null,
    'DHCP',
    'dnsmasq',
    ...dnsmasq,
    `--interface=${lab.bridge}`,
    '--bind-interfaces',
    '--dhcp-authoritative',
    '--no-ping',
    '--dhcp-range=10.77.0.50,10.77.0.90,5m',
    `--dhcp-leasefile=${lab.path('leases')}`,
    '--user=root',
    '--pid-file=',
    '--log-facility=-',
  );
  lab.write('users', '"carol" MD5 "carolpw"\n"mallory" MD5 "right"\n');
  for (const [n, port] of [ports.w1, ports.w2].entries()) {
    const settings = [
      'driver=wired',
      'ieee8021x=1',
      'use_pae_group_addr=1',
      'eap_server=1',
      'logger_stdout=-1',
    ];
    const own = [
      `interface=${port}`,
      `ctrl_interface=${lab.path('control')}`,
      `eap_user_file=${lab.path('users')}`,
    ];
    const conf = lab.write(`hostapd${n}.conf`, [...own, ...settings, ''].join('\n'));
    const daemon = await lab.daemon(null, 'AP-ENABLED', 'hostapd', conf);
    if (n === 0) hostapd = daemon;
  }
  air = await lab.daemon(
    null,
    'up',
    'python3',
    resolve(import.meta.dirname, 'radiotap.py'),
    `rt${process.pid}`,
    AIR,
  );
  cloud = await testCloud();
  const [identity] = await cloud.devices(1);
  serial = identity.serial;
  const live = (interfaceName: string) => new LiveCapture({ interfaceName, clock: nodeClock });
  const announce = {
    systemName: serial,
    systemDescription: 'lab access point',
    ports: [ports.sw],
    powerMw: 25_500,
  };
  started = await startAgent({
    identity,
    url: `mqtts://127.0.0.1:${cloud.cloud.devicePort}`,
    config: { report: { flushMs: 50, statsMs: 500 }, capture: { stream: true } },
    sources: [
      live(lab.bridge),
      live(ports.sw),
      live(ports.w1),
      live(ports.w2),
      live(`rt${process.pid}`),
      lldpdSource({ socket: lab.path('ap.sock'), clock: nodeClock, announce, periodMs: 500 }),
      hostapdSource(ports.w1, nodeClock, lab.path('control'), 300),
      hostapdSource(ports.w2, nodeClock, lab.path('control'), 300),
      bridgeSource(lab.bridge, nodeClock, 300),
    ],
  });
  await started.opened();
  // All helpers listen when something was heard on each.
  await find('neighbours', (one) => one.port === ports.sw);
  await find('ports', (one) => one.port === ports.c1);
}, 60_000);

afterAll(async () => {
  await started?.agent.stop();
  await cloud?.stop();
  await lab.close();
}, 60_000);

test('the switch is the neighbour that lldpd has, and it has us, who ask for power', async () => {
  const has = await find('neighbours', (one) => one.systemName === 'sim-switch-1');
  const json = JSON.parse(lldpcli(null, lab.path('ap.sock'), '-f', 'json0', 'show', 'neighbors', 'details'));
  const [theirs] = json.lldp[0].interface;
  expect(has).toMatchObject({
    port: theirs.name,
    chassisId: theirs.chassis[0].id[0].value,
    portId: theirs.port[0].id[0].value,
    systemName: theirs.chassis[0].name[0].value,
    systemDescription: theirs.chassis[0].descr[0].value,
  });
  const ofUs = await until(async () => {
    const said = lldpcli('sw', lab.path('sw.sock'), '-f', 'json0', 'show', 'neighbors', 'details');
    const [one] = JSON.parse(said).lldp[0].interface ?? [];
    return one?.chassis[0].name[0].value === serial && one.port[0].power ? one : undefined;
  });
  expect(ofUs.port[0].power[0]).toMatchObject({
    'device-type': [{ value: 'PD' }],
    requested: [{ value: '25500' }],
  });
  expect(ofUs['lldp-med'][0].poe[0]).toMatchObject({
    'device-type': [{ value: 'PD' }],
    power: [{ value: '25500' }],
  });
});

test('a wired client: its lease, its port and its host name are those of dnsmasq and of the bridge', async () => {
  lab.write('udhcpc.sh', '#!/bin/sh\n[ "$1" = bound ] && ip addr replace $ip/24 dev $interface\nexit 0\n');
  execFileSync('chmod', ['755', lab.path('udhcpc.sh')]);
  const words = [
    '-f',
    '-q',
    '-n',
    '-t',
    '4',
    '-i',
    'eth0',
    '-x',
    'hostname:alice-laptop',
    '-s',
    lab.path('udhcpc.sh'),
  ];
  lab.inBox('c1', 'udhcpc', ...words);
  await lab.daemon(null, 'Serving', 'python3', '-u', '-m', 'http.server', '80', '--bind', '10.77.0.1');
  lab.inBox('c1', 'curl', '-s', '-A', PHONE, '-d', CANARY.repeat(40), 'http://10.77.0.1/');
  const [, mac, address, name] = readFileSync(lab.path('leases'), 'utf8').trim().split(' ');
  expect([mac, name]).toEqual([C1, 'alice-laptop']);
  const has = await find(
    'wired',
    (one) => plain(one.mac) === plain(C1) && one.port === ports.c1 && 'userAgent' in one,
  );
  expect(has).toMatchObject({ hostName: name, userAgent: PHONE });
  expect(has.ip4).toContain(address);
  const fdb = JSON.parse(
    execFileSync('bridge', ['-j', 'fdb', 'show', 'br', lab.bridge], { encoding: 'utf8' }),
  );
  const line = fdb.find((one: { mac: string; state: string }) => one.mac === C1 && one.state !== 'permanent');
  expect(line.ifname).toBe(has.port);
  const { details } = await event('dhcp-completed', C1);
  expect(details.ip).toBe(address);
  expect(Number(details.durationMs)).toBeGreaterThanOrEqual(0);
});

test('ports have the counters of the kernel', async () => {
  const received = () => Number(readFileSync(`/sys/class/net/${ports.c1}/statistics/rx_bytes`, 'utf8'));
  const before = received();
  const has = await find('ports', (one) => one.port === ports.c1 && Number(one.rxBytes) >= before);
  expect(Number(has.rxBytes)).toBeLessThanOrEqual(received());
  expect(has).toMatchObject({
    up: true,
    speedMbps: 10_000,
    fullDuplex: true,
    mtu: 1500,
    stp: 'forwarding',
    hosts: 1,
  });
});

describe('802.1X', () => {
  const supplicant = async (box: string, user: string, password: string, result: string) => {
    const network = `key_mgmt=IEEE8021X\neap=MD5\nidentity="${user}"\npassword="${password}"\neapol_flags=0`;
    const conf = lab.write(`${user}.conf`, `ap_scan=0\nnetwork={\n${network}\n}\n`);
    return lab.daemon(box, result, 'wpa_supplicant', '-D', 'wired', '-i', 'eth0', '-c', conf);
  };

  test('who is let in has the name that hostapd knows', async () => {
    await supplicant('w1', 'carol', 'carolpw', 'CTRL-EVENT-CONNECTED');
    const has = await find('wired', (one) => plain(one.mac) === plain(CAROL) && 'userName' in one);
    const sta = execFileSync('hostapd_cli', ['-p', lab.path('control'), '-i', ports.w1, 'all_sta'], {
      encoding: 'utf8',
    });
    expect(sta).toContain(CAROL);
    expect(has.userName).toBe(/dot1xAuthSessionUserName=(.*)/.exec(sta)?.[1]);
    await event('client-authenticated', CAROL);
  });

  test('a wrong password is an event, once', async () => {
    await supplicant('w2', 'mallory', 'wrong', 'CTRL-EVENT-EAP-FAILURE');
    const { details } = await event('client-authentication-failed', MALLORY);
    expect(details.reason).toMatch(/EAP/i);
  });
});

test('the air: stations and their signal are those that tshark reads', async () => {
  air.input?.write('\n');
  await air.line((line) => line.startsWith('sent'));
  const fields = ['wlan.ta', 'radiotap.dbm_antsignal', 'wlan.fc.type_subtype'];
  const rows = (await tsharkFields(AIR, fields)).map((row) => row.map(([first]) => first ?? ''));
  const stations = new Set(rows.filter(([, , kind]) => Number(kind) === 0x0000).map(([ta]) => ta));
  expect(stations.size).toBeGreaterThan(0);
  for (const mac of stations) {
    const signals = rows
      .filter(([ta, signal]) => ta === mac && signal !== '')
      .map(([, signal]) => Number(signal));
    const has = await find('clients', (one) => plain(one.mac) === plain(mac));
    const rssi = has.rssi as { min: number; max: number };
    expect([rssi.min, rssi.max]).toEqual([Math.min(...signals), Math.max(...signals)]);
    await event('client-associated', mac);
  }
});

test('daemons that are killed and come again are told once each, and go on', async () => {
  await hostapd.stop();
  const broken = await started.event(
    'source',
    ({ name, error }) => name === `hostapd:${ports.w1}` && error !== undefined,
  );
  expect(broken.error?.code).toBe('source-interrupted');
  await lab.daemon(null, 'AP-ENABLED', 'hostapd', lab.path('hostapd0.conf'));
  const at = started.events.indexOf(broken);
  await started.event(
    'source',
    (one) => one.name === broken.name && one.state === 'running' && started.events.indexOf(one) > at,
  );
  const names = (
    await until(async () => {
      const all = (await events()).filter(({ details }) => details.source === broken.name);
      return all.length >= 2 ? all : undefined;
    })
  ).map(({ name }) => name);
  expect(names.sort()).toEqual(['source-interrupted', 'source-resumed']);
});

test('a switch that ends is no neighbour any more, here as in lldpd', async () => {
  await swLldpd.stop();
  await until(async () =>
    (await site('neighbours')).some(({ systemName }) => systemName === 'sim-switch-1') ? undefined : true,
  );
  expect(lldpcli(null, lab.path('ap.sock'), '-f', 'keyvalue', 'show', 'neighbors')).toBe('');
});

test('no byte of a payload is in anything that the cloud received', async () => {
  await started.agent.drained();
  const texts: string[] = [];
  const collect = (value: unknown): void => {
    if (value instanceof Uint8Array) texts.push(Buffer.from(value).toString('latin1'));
    else if (typeof value === 'string') texts.push(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
  };
  const stored = cloud.cloud.stores.of(cloud.orgId).messages({ limit: 100_000, offset: 0 });
  for (const { message } of stored) collect(message);
  const all = texts.join('\n');
  // The frames themselves are there: headers of the very request whose body was the canary.
  expect(stored.some(({ stream }) => stream === 'pcap')).toBe(true);
  for (let at = 0; at + 4 <= CANARY.length; at++) expect(all).not.toContain(CANARY.slice(at, at + 4));
});
