/**
 * Real servers take the simulated clients for clients: dnsmasq gives them leases, hostapd authenticates them, and
 * mosquitto accepts their connections. Each in a network namespace of its own; needs root.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { macText } from '../../packets/bytes.ts';
import type { Being } from '../../world/beings/model.ts';
import { ConversingHost } from '../../world/conversation/host.ts';
import { Supplicant } from '../../world/conversation/supplicant.ts';
import { siteCast } from '../../world/engine/cast.ts';
import { undisturbed } from '../../world/engine/network.ts';
import { joinedMac } from '../../world/engine/wifi-life.ts';
import { World } from '../../world/engine/world.ts';
import type { EapMethod } from '../../world/frames/eap.ts';
import { EtherType, ethernet } from '../../world/frames/ethernet.ts';
import { macBytes } from '../../world/frames/octets.ts';
import { Draws, hash } from '../../world/random.ts';
import { officeSite } from '../../world/site/office.ts';
import { OpenSslTunnel, type TunnelKeys } from '../support/tls-tunnel.ts';
import { Cable, type Daemon, INTERFACE } from './cable.ts';

const site = officeSite({ seed: 21 });
const START_MS = Date.UTC(2026, 2, 2, 9);
const cast = siteCast(site, { conditionsAt: undisturbed, clients: 40 });
const dir = mkdtempSync(join(tmpdir(), 'airherd-hil-'));
// Daemons that give up root must be able to pass through.
chmodSync(dir, 0o755);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const macOf = (being: Being): Uint8Array =>
  being.wifi?.ssid ? joinedMac(site.seed, being, being.wifi.ssid) : macBytes(being.mac);
const hostOf = (being: Being): ConversingHost =>
  new ConversingHost(being, new Draws(hash(site.seed, being.index)), macOf(being));
/** Those that get addresses: on cables, and in one of the site's networks. */
const clients = cast.beings.filter(
  (being) => being.dhcp !== null && (being.wired !== null || being.wifi?.ssid),
);

/** All hosts at one cable: each takes what comes, and what it answers goes out. */
function attach(cable: Cable, hosts: readonly ConversingHost[]): void {
  cable.onFrame((frame) => {
    for (const host of hosts) cable.send(host.receive(frame));
  });
}

const dnsmasqWords = (leases: string, ...more: string[]): string[] => [
  '--keep-in-foreground',
  '--conf-file=/dev/null',
  '--no-resolv',
  '--no-hosts',
  '--no-ping',
  '--port=0',
  `--interface=${INTERFACE}`,
  '--dhcp-authoritative',
  `--dhcp-leasefile=${leases}`,
  '--dhcp-range=10.10.1.0,10.10.1.250,1h',
  '--log-facility=-',
  '--log-dhcp',
  '--user=root',
  '--pid-file=',
  ...more,
];

describe('dnsmasq', () => {
  const cable = new Cable();
  const leases = join(dir, 'leases');
  let daemon: Daemon;
  beforeAll(async () => {
    await cable.open('10.10.0.2/16');
    daemon = await cable.daemon('DHCP, IP range', 'dnsmasq', ...dnsmasqWords(leases));
  });
  afterAll(() => cable.close());

  test('answers every DISCOVER of a run of the office as it stands', async () => {
    const world = new World(site, cast, { ble: false, beaconsOneIn: 1000 });
    const discovers = [...world.run(START_MS, START_MS + 600_000, 'core')].flatMap((step) => {
      if (step.type !== 'frame') return [];
      // A switch has tags where the VLAN is not the port's own; dnsmasq's interface is in the VLAN.
      const { bytes } = step;
      const isTagged = bytes[12] === 0x81 && bytes[13] === 0x00;
      const frame = isTagged ? new Uint8Array([...bytes.subarray(0, 12), ...bytes.subarray(16)]) : bytes;
      const isDiscover = frame[23] === 17 && frame[37] === 67 && frame[284] === 1;
      return isDiscover ? [frame] : [];
    });
    expect(discovers.length).toBeGreaterThan(5);
    const offered = new Set<string>();
    cable.onFrame((frame) => {
      // To port 68, BOOTREPLY, message type OFFER: the transaction and the hardware address are the client's.
      if (frame[23] === 17 && frame[37] === 68 && frame[42] === 2 && frame[284] === 2)
        offered.add(Buffer.from([...frame.subarray(46, 50), ...frame.subarray(70, 76)]).toString('hex'));
    });
    const asked = new Set(
      discovers.map((f) => Buffer.from([...f.subarray(46, 50), ...f.subarray(70, 76)]).toString('hex')),
    );
    cable.send(discovers);
    await cable.until(() => offered.size >= asked.size);
    expect(offered).toEqual(asked);
  });

  test('gives every client of the office a lease, under its own name and address', async () => {
    const hosts = clients.map(hostOf);
    attach(cable, hosts);
    for (const host of hosts) cable.send(host.dhcp.start());
    await cable.until(() => hosts.every((host) => host.dhcp.state === 'bound'));

    // time, MAC, address, host name or *, client identifier.
    const file = readFileSync(leases, 'utf8').trim().split('\n');
    const known = new Map(file.map((line) => line.split(' ')).map((words) => [words[1], words.slice(2)]));
    expect(hosts.length).toBeGreaterThan(30);
    for (const { macText: mac, ipv4, being } of hosts) {
      const name = being.dhcp?.sendsHostName ? being.hostName : null;
      const [address, hostName, clientId] = known.get(mac) ?? [];
      expect([address, clientId], being.id).toEqual([ipv4, `01:${mac}`]);
      // dnsmasq keeps one lease for a name: the last to come has it.
      if (hostName !== '*') expect(hostName).toBe(name);
    }
    const vendors = new Set(clients.flatMap((being) => being.dhcp?.vendorClass ?? []));
    expect(vendors.size).toBeGreaterThan(1);
    for (const vendor of vendors) await daemon.line((line) => line.endsWith(`vendor class: ${vendor}`));
  });
});

describe('mosquitto', () => {
  const cable = new Cable();
  let broker: Daemon;
  beforeAll(async () => {
    await cable.open('10.10.0.2/16');
    await cable.daemon('DHCP, IP range', 'dnsmasq', ...dnsmasqWords(join(dir, 'leases-mqtt')));
    const config = join(dir, 'mosquitto.conf');
    writeFileSync(config, 'listener 1883 10.10.0.2\nallow_anonymous true\nlog_dest stderr\n');
    broker = await cable.daemon('running', 'mosquitto', '-v', '-c', config);
  });
  afterAll(() => cable.close());

  test('accepts the connection of a client at the address that dnsmasq gave it, and hears what it says', async () => {
    const hosts = clients.slice(0, 6).map(hostOf);
    attach(cable, hosts);
    for (const host of hosts) cable.send(host.dhcp.start());
    await cable.until(() => hosts.every((host) => host.dhcp.state === 'bound'));
    const opened = hosts.map((host) => {
      const { connection, frames } = host.connect('10.10.0.2', 1883);
      cable.send(frames);
      return { host, connection };
    });
    await cable.until(() => opened.every(({ connection }) => connection.state === 'established'));
    for (const { host, connection } of opened) {
      const id = Buffer.from(host.being.id);
      // MQTT 3.1.1 CONNECT: protocol name and level, clean session, 60 s.
      const body = Buffer.concat([
        Buffer.from('00044d51545404020 03c'.replace(' ', ''), 'hex'),
        Buffer.from([0, id.length]),
        id,
      ]);
      cable.send(
        host.say(connection, connection.send(Buffer.concat([Buffer.from([0x10, body.length]), body]))),
      );
    }
    await cable.until(() => opened.every(({ connection }) => connection.received.length >= 4));
    for (const { host, connection } of opened) {
      expect(Buffer.from(connection.received).toString('hex'), host.being.id).toBe('20020000');
      await broker.line(
        (line) => line.includes(`connected from ${host.ipv4}:`) && line.includes(` as ${host.being.id} `),
      );
    }
    for (const { host, connection } of opened) cable.send(host.say(connection, connection.close()));
    await cable.until(() => opened.every(({ connection }) => connection.state === 'closed'));
  });

  test('refuses a port on which nobody listens, and the client knows', async () => {
    const host = hostOf(clients[7]);
    attach(cable, [host]);
    cable.send(host.dhcp.start());
    await cable.until(() => host.dhcp.state === 'bound');
    const { connection, frames } = host.connect('10.10.0.2', 1884);
    cable.send(frames);
    await cable.until(() => connection.state === 'refused');
  });
});

describe('hostapd', () => {
  const cable = new Cable();
  const control = join(dir, 'hostapd');
  const path = (name: string) => join(dir, name);
  const openssl = (...words: string[]) =>
    execFileSync('openssl', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  const PAE_GROUP = macBytes('01:80:c2:00:00:03');
  const OUTER = 'anonymous@corp.example';
  const METHODS: readonly EapMethod[] = ['peap', 'ttls', 'tls'];
  /** The first device of each person: a user has one method and one password. */
  const users = [...new Map(clients.toReversed().map((being) => [being.userName, being])).values()]
    .filter((being) => being.userName !== null)
    .slice(0, 9);
  const methodOf = (being: Being): EapMethod => METHODS[users.indexOf(being) % METHODS.length];
  const passwordOf = (being: Being): string => `secret-${being.index}`;
  let keys: TunnelKeys;
  let daemon: Daemon;

  beforeAll(async () => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    openssl(
      'req',
      '-x509',
      ...key,
      '-keyout',
      path('ca.key'),
      '-out',
      path('ca.pem'),
      '-subj',
      '/CN=ca',
      '-days',
      '2',
    );
    for (const name of ['radius.test', 'client']) {
      writeFileSync(
        path(`${name}.cnf`),
        `subjectAltName=DNS:${name}\nextendedKeyUsage=serverAuth,clientAuth\n`,
      );
      openssl(
        'req',
        '-new',
        ...key,
        '-keyout',
        path(`${name}.key`),
        '-out',
        path(`${name}.csr`),
        '-subj',
        `/CN=${name}`,
      );
      const by = ['-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-CAcreateserial', '-days', '2'];
      openssl(
        'x509',
        '-req',
        '-in',
        path(`${name}.csr`),
        ...by,
        '-extfile',
        path(`${name}.cnf`),
        '-out',
        path(`${name}.pem`),
      );
    }
    const read = (name: string) => readFileSync(path(name), 'utf8');
    keys = { ca: read('ca.pem'), cert: read('client.pem'), key: read('client.key') };
    const inner: Readonly<Record<EapMethod, string>> = { peap: 'GTC', ttls: 'TTLS-PAP', tls: '' };
    const lines = users.map((being) => {
      const method = methodOf(being);
      if (method === 'tls') return `"${being.userName}" TLS`;
      return `"${being.userName}" ${inner[method]} "${passwordOf(being)}" [2]`;
    });
    writeFileSync(path('users'), [`"${OUTER}" MD5,PEAP,TTLS "none"`, ...lines, ''].join('\n'));
    const config = {
      interface: INTERFACE,
      driver: 'wired',
      logger_stdout: -1,
      logger_stdout_level: 1,
      ctrl_interface: control,
      ieee8021x: 1,
      use_pae_group_addr: 0,
      eap_server: 1,
      eap_user_file: path('users'),
      ca_cert: path('ca.pem'),
      server_cert: path('radius.test.pem'),
      private_key: path('radius.test.key'),
    };
    writeFileSync(
      path('hostapd.conf'),
      Object.entries(config)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
    await cable.open('10.10.0.4/16');
    daemon = await cable.daemon('AP-ENABLED', 'hostapd', path('hostapd.conf'));
  });
  afterAll(() => cable.close());

  /** Runs one being's 802.1X until it is let in or not. */
  async function authenticate(being: Being, password: string): Promise<Supplicant> {
    const mac = macOf(being);
    const method = methodOf(being);
    const tunnel = new OpenSslTunnel(keys);
    const userName = being.userName ?? '';
    const outerIdentity = method === 'tls' ? userName : OUTER;
    const supplicant = new Supplicant({ method, outerIdentity, userName, password }, tunnel);
    const over = new Promise<void>((resolve) => {
      cable.onFrame((frame) => {
        if (macText(frame, 0) !== macText(mac, 0) || frame[12] !== 0x88 || frame[13] !== 0x8e) return;
        void supplicant.receive(frame.subarray(14)).then((answer) => {
          if (answer !== null) cable.send([ethernet(PAE_GROUP, mac, EtherType.eapol, answer)]);
          if (supplicant.state === 'authenticated' || supplicant.state === 'held') resolve();
        });
      });
    });
    cable.send([ethernet(PAE_GROUP, mac, EtherType.eapol, supplicant.begin())]);
    await over;
    tunnel.destroy();
    return supplicant;
  }

  test('lets in the users of the office, each by its method, under the name that is in the tunnel', async () => {
    expect(users.length).toBe(9);
    for (const being of users) {
      const { state } = await authenticate(being, passwordOf(being));
      expect(state, `${being.id} ${methodOf(being)}`).toBe('authenticated');
    }
    const stations = cable.run('hostapd_cli', '-p', control, 'all_sta');
    const byMac = new Map(
      stations.split(/^(?=(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$)/m).map((text) => [text.slice(0, 17), text]),
    );
    for (const being of users) {
      const known = byMac.get(macText(macOf(being), 0)) ?? '';
      expect(known).toContain(`dot1xAuthSessionUserName=${being.userName}\n`);
      expect(known).toMatch(/flags=.*\[AUTHORIZED\]/);
    }
  });

  test('does not let in who has the wrong password', async () => {
    for (const being of users.filter((user) => methodOf(user) !== 'tls').slice(0, 2)) {
      expect((await authenticate(being, 'wrong')).state).toBe('held');
    }
    await daemon.line((line) => line.includes('CTRL-EVENT-EAP-FAILURE'));
  });
});
