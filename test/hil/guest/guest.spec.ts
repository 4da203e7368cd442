/**
 * The same agent in a virtual machine with real Wi-Fi and Bluetooth stacks: mac80211_hwsim's radios, hostapd, stations
 * with wpa_supplicant, BlueZ's virtual controllers, a bridge that filters VLANs. The cloud is on the host, reached
 * by one forwarded port; what it has is compared with what the guest's daemons say. `npm run hil:guest`.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { saveIdentity } from '../../../certs/identity.ts';
import { NODE_FLAGS } from '../../../cli/commands/agent/unit.ts';
import { openedStores } from '../../support/at-rest.ts';
import { ibeaconOf } from '../../support/ble-data.ts';
import { type TestCloud, testCloud } from '../../support/cloud.ts';
import { compile } from '../../support/compiled.ts';

const here = import.meta.dirname;
/** The guest sees this machine's files but for /tmp. */
const KERNEL = process.env.AIRHERD_GUEST ?? '/var/tmp/airherd-guest';
const AP0 = '02:00:00:00:00:00';
const AP1 = '02:00:00:00:01:00';
const CAROL = '02:00:00:00:02:00';
const MALLORY = '02:00:00:00:03:00';
const CANARY = 'SECRETPAYLOAD';
const share = mkdtempSync(join(tmpdir(), 'airherd-guest-'));
const path = (name: string) => join(share, name);
const read = (name: string) => readFileSync(path(name), 'utf8');

let cloud: TestCloud;
let guest: ReturnType<typeof spawn>;
let console_ = '';

/** Waits for the guest, which has no other way to call than a file. */
async function reached(step: string): Promise<void> {
  while (!existsSync(path(`${step}.done`))) {
    if (guest.exitCode !== null) throw new Error(`the guest ended before ${step}:\n${console_}`);
    await new Promise((resume) => setTimeout(resume, 100));
  }
}
const goOn = (step: string) => writeFileSync(path(`${step}.go`), '');
const plain = (mac: unknown) => String(mac).replaceAll(':', '');

async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (guest.exitCode !== null) throw new Error(`the guest ended:\n${console_}`);
    await new Promise((resume) => setTimeout(resume, 200));
  }
}
const find = (name: string, fits: (record: Record<string, unknown>) => boolean) =>
  until(async () => {
    const { json } = await cloud.api(`/api/airherd/v1/sites/${cloud.siteId}/${name}?limit=500`);
    return ((Array.isArray(json) ? json : json.results) as Record<string, unknown>[]).find(fits);
  });
const event = (name: string, mac: string, bssid?: string) =>
  until(async () => {
    const { json } = await cloud.api(`/api/airherd/v1/orgs/${cloud.orgId}/messages?stream=event&limit=500`);
    const all = json as { name: string; client?: string; details: Record<string, unknown> }[];
    const fits = (one: (typeof all)[number]) =>
      bssid === undefined || plain(one.details.bssid) === plain(bssid);
    return all.find((one) => one.name === name && plain(one.client) === plain(mac) && fits(one));
  });

function certificates(): void {
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=radius.test'];
  execFileSync('openssl', [...words, '-keyout', path('key.pem'), '-out', path('ca.pem')], {
    stdio: 'ignore',
  });
}

function settings(): void {
  const ap = [
    'interface=wlan@I@',
    'bridge=br0',
    'driver=nl80211',
    'ctrl_interface=/run/hostapd',
    'ssid=airherd-lab',
    'hw_mode=g',
    'channel=6',
    'wpa=2',
    'wpa_key_mgmt=WPA-EAP',
    'rsn_pairwise=CCMP',
    'ieee8021x=1',
    'eap_server=1',
    'eap_user_file=/mnt/users',
    'ca_cert=/mnt/ca.pem',
    'server_cert=/mnt/ca.pem',
    'private_key=/mnt/key.pem',
    'logger_stdout=-1',
    'logger_stdout_level=0',
    '',
  ];
  writeFileSync(path('hostapd.conf'), ap.join('\n'));
  writeFileSync(path('users'), '* PEAP\n"carol" MSCHAPV2 "carolpw" [2]\n"mallory" MSCHAPV2 "right" [2]\n');
  const station = (user: string, password: string) => {
    const eap = `eap=PEAP\nidentity="${user}"\npassword="${password}"\nphase2="auth=MSCHAPV2"`;
    const network = `ssid="airherd-lab"\nkey_mgmt=WPA-EAP\nbssid=${AP0}\nscan_freq=2437\n${eap}`;
    return `ctrl_interface=/run/wpa\nnetwork={\n${network}\n}\n`;
  };
  writeFileSync(path('sta2.conf'), station('carol', 'carolpw'));
  writeFileSync(path('sta3.conf'), station('mallory', 'wrong'));
  const lease = '#!/bin/sh\n[ "$1" = bound ] && ip addr replace $ip/24 dev $interface\nexit 0\n';
  writeFileSync(path('udhcpc.sh'), lease, { mode: 0o755 });
  const beacon = Buffer.from(ibeaconOf('fda50693a4e24fb1afcfc6eb07647825', 10_065, 26_049, -59));
  // Flags are the controller's to add.
  writeFileSync(
    path('settings'),
    `KERNEL=${KERNEL}/kernel\nBEACON=${beacon.subarray(3).toString('hex')}\nCANARY=${CANARY.repeat(20)}\nNODE_FLAGS=${NODE_FLAGS}\n`,
  );
  copyFileSync(join(here, 'guest.sh'), path('guest.sh'));
}

beforeAll(async () => {
  execFileSync('bash', [join(here, 'prepare.sh'), KERNEL], { stdio: ['ignore', 'ignore', 'inherit'] });
  certificates();
  settings();
  cpSync(process.env.AIRHERD_DIST ?? compile().dist, path('dist'), { recursive: true });
  copyFileSync(resolve(here, '../../../package.json'), path('package.json'));
  for (const folder of ['node_modules', 'www']) mkdirSync(path(folder));
  cloud = await testCloud();
  const where = `/api/airherd/v1/orgs/${cloud.orgId}/privacy`;
  const before: string[] = (await cloud.api(where)).json.privacyClasses;
  await cloud.api(where, { method: 'PUT', body: { privacyClasses: [...before, 'ble.assets'] } });
  const [identity] = await cloud.devices(1);
  mkdirSync(path(identity.serial), { mode: 0o700 });
  await saveIdentity(path(identity.serial), identity);
  appendFileSync(path('settings'), `SERIAL=${identity.serial}\n`);
  // A program for each connection: a socket of QEMU is one connection for ever.
  const forward = `tcp:10.0.2.100:8883-cmd:busybox nc 127.0.0.1 ${cloud.cloud.devicePort}`;
  const kernel = execFileSync('sh', ['-c', `echo ${KERNEL}/kernel/boot/vmlinuz-*`], {
    encoding: 'utf8',
  }).trim();
  const machine = [
    '-accel',
    'tcg,thread=multi',
    '-cpu',
    'max',
    '-smp',
    '2',
    '-m',
    '1536',
    '-nographic',
    '-no-reboot',
  ];
  const virtfs = (from: string, tag: string, more = '') => [
    '-virtfs',
    `local,path=${from},mount_tag=${tag},security_model=none,multidevs=remap${more}`,
  ];
  guest = spawn(
    'qemu-system-x86_64',
    [
      ...machine,
      ...['-kernel', kernel, '-initrd', join(KERNEL, 'initrd.gz')],
      ...['-append', 'console=ttyS0 quiet loglevel=3 panic=-1 tsc=reliable'],
      ...virtfs('/', 'hostroot', ',readonly=on'),
      ...virtfs(share, 'share'),
      ...virtfs(resolve(here, '../../../node_modules'), 'modules', ',readonly=on'),
      // Nothing leaves the guest but what goes to the cloud.
      ...['-nic', `user,model=virtio-net-pci,restrict=on,guestfwd=${forward}`],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  guest.stdout?.on('data', (text) => {
    console_ = (console_ + text).slice(-20_000);
  });
  guest.stderr?.on('data', (text) => {
    console_ = (console_ + text).slice(-20_000);
  });
  await reached('started');
  await find('ports', (one) => one.port === 'wlan0');
  await find('radios', (one) => one.radio === 'wlan0');
  goOn('agent');
  await reached('joined');
});

afterAll(async () => {
  if (guest !== undefined && guest.exitCode === null) {
    const exited = once(guest, 'exit');
    guest.kill();
    await exited;
  }
  await cloud?.stop();
  if (process.env.AIRHERD_KEEP) console.log(share, console_);
  else rmSync(share, { recursive: true, force: true });
});

test('a station of WPA2-Enterprise: name, network, lease and signal are those of hostapd, dnsmasq and the driver', async () => {
  const has = await find('clients', (one) => plain(one.mac) === plain(CAROL) && 'hostName' in one);
  expect(read('all_sta.txt')).toMatch(/dot1xAuthSessionUserName=carol/);
  const [, mac, address, name] = read('leases').trim().split(' ');
  expect(mac).toBe(CAROL);
  expect(has).toMatchObject({
    userName: 'carol',
    ssid: 'airherd-lab',
    channel: 6,
    band: '2.4',
    hostName: name,
  });
  expect(has.ip4).toContain(address);
  expect(plain(has.bssid)).toBe(plain(AP0));
  // The signal follows the station's transmit power: hwsim's is 50 dB below it.
  const signal = (file: string) =>
    Number(new RegExp(`Station ${CAROL}[^]*?signal:\\s*(-?\\d+)`).exec(read(file))?.[1]);
  const [near, far] = [signal('station-dump-2000.txt'), signal('station-dump-400.txt')];
  expect([near, far]).toEqual([-30, -46]);
  const later = await find('clients', (one) => {
    const rssi = one.rssi as { min: number; max: number } | undefined;
    return plain(one.mac) === plain(CAROL) && rssi !== undefined && rssi.min <= far && rssi.max >= near;
  });
  // Frames of its joining may be weaker still; none is stronger.
  expect(later.rssi).toMatchObject({ max: near });
  const { details } = await event('dhcp-completed', CAROL);
  expect(details.ip).toBe(address);
  await event('client-associated', CAROL);
});

test('stations are those of hostapd and of the driver, let in or not', async () => {
  const [, blockOfCarol = ''] = read('all_sta.txt').split(CAROL);
  expect(blockOfCarol.split(MALLORY)[0]).toMatch(/flags=.*\[AUTHORIZED\]/);
  const authorized = (text: string) =>
    [...text.matchAll(/^Station (\S+)[\s\S]*?authorized:\s*(yes|no)/gm)]
      .filter(([, , is]) => is === 'yes')
      .map(([, mac]) => plain(mac));
  expect(authorized(read('station-dump.txt'))).toEqual([plain(CAROL)]);
  await find('clients', ({ mac, state }) => plain(mac) === plain(CAROL) && state === 'associated');
  const mallory = await find('clients', ({ mac }) => plain(mac) === plain(MALLORY));
  expect(mallory.state).not.toBe('associated');
});

test('a wrong password is an authentication that failed', async () => {
  expect(read('eap-failure.txt')).toContain(MALLORY);
  const { details } = await event('client-authentication-failed', MALLORY);
  expect(String(details.reason)).toMatch(/EAP/);
});

test('ports and VLANs are those of the bridge, which filters', async () => {
  const port = await find(
    'ports',
    (one) => one.port === 'wlan0' && (one.vlans as number[] | undefined)?.includes(20) === true,
  );
  const vlans = JSON.parse(read('vlan.json')).find((one: { ifname: string }) => one.ifname === 'wlan0').vlans;
  expect(port.vlans).toEqual(vlans.map(({ vlan }: { vlan: number }) => vlan));
  expect(port.nativeVlan).toBe(1);
  const fdb = JSON.parse(read('fdb.json')) as { mac: string; ifname: string }[];
  expect(fdb.find(({ mac }) => mac === CAROL)?.ifname).toBe('wlan0');
});

test('the radio of each access point is told', async () => {
  const radio = await find('radios', (one) => one.radio === 'wlan0');
  expect(radio).toMatchObject({ ssid: 'airherd-lab', frequencyMhz: 2437 });
  expect(plain(radio.mac)).toBe(plain(AP0));
});

test('an iBeacon of a real controller is heard, without a signal: the controller has none', async () => {
  const beacon = await find('ble', (one) => one.format === 'ibeacon');
  expect(beacon).not.toHaveProperty('rssiDbm');
  expect(beacon.companyId).toBe(0x4c);
});

test('a roam between the access points is one event, and the client is at the other', async () => {
  goOn('joined');
  await reached('roamed');
  expect(read('station-dump-roamed.txt')).toContain(CAROL);
  const { details } = await event('client-roamed', CAROL, AP1);
  expect(plain(details.from)).toBe(plain(AP0));
  await find('clients', (one) => plain(one.mac) === plain(CAROL) && plain(one.bssid) === plain(AP1));
});

test('an agent with all sources fits into 120 MB', async () => {
  const kib = Number(/(\d+) kB/.exec(read('memory.txt'))?.[1]);
  console.log(`agent with all sources: ${Math.round((kib * 1024) / 1e6)} MB at most`);
  expect(kib * 1024).toBeLessThan(120e6);
});

test('no byte of a payload has come to the cloud, though its frames have', () => {
  const received = openedStores(cloud.cloud);
  const streams = cloud.cloud.stores.of(cloud.orgId).messages({ limit: 100_000, offset: 0 });
  expect(streams.some(({ stream }) => stream === 'pcap')).toBe(true);
  for (let at = 0; at + 4 <= CANARY.length; at++) {
    expect(received.includes(CANARY.slice(at, at + 4))).toBe(false);
  }
});
