import { beforeAll, describe, expect, test } from 'vitest';
import { capturePath, observeCapture } from '../support/observe.ts';
import { tsharkFields } from '../support/tshark.ts';
import { hasTool } from '../tools.mjs';

/**
 * What is observed in the captures of real devices against what tshark reads in them: expectations are made of
 * tshark's fields by a few lines here, not by our decoders.
 */
const FIELDS = [
  'eth.src',
  'arp.src.hw_mac',
  'arp.src.proto_ipv4',
  'ip.src',
  'ipv6.src',
  'dhcp.option.hostname',
  'dhcp.hw.mac_addr',
  'dhcp.ip.your',
  'dhcp.option.dhcp',
  'dhcp.type',
  'wlan.da',
  'eap.code',
  'eap.identity',
  'http.user_agent',
  'lldp.chassis.id.mac',
  'lldp.port.id.mac',
  'lldp.tlv.system.name',
  'wlan.ta',
  'wlan.bssid',
  'wlan.fc.type_subtype',
  'wlan.ssid',
  'radiotap.dbm_antsignal',
  'wlan.fc.tods',
  'wlan.fc.fromds',
] as const;
type Row = Record<(typeof FIELDS)[number], string[]>;

const isTsharkHere = hasTool('tshark');

async function tshark(name: string): Promise<Row[]> {
  const rows = await tsharkFields(capturePath(name), FIELDS);
  return rows.map((values) => Object.fromEntries(FIELDS.map((field, i) => [field, values[i]])) as Row);
}

const isUnicast = (mac: string): boolean => (Number.parseInt(mac.slice(0, 2), 16) & 1) === 0;
const unique = (values: Iterable<string>): string[] => [...new Set(values)].sort();
const isUsable = (ip: string): boolean => ip !== '0.0.0.0' && ip !== '::';

describe
  .runIf(isTsharkHere)
  .each(['hil/dhcp.pcap', 'hil/dhcp2.pcap', 'hil/eap.pcap', 'hil/http.pcap', 'hil/hwsim-ap-eth.pcap'])(
  'wired hosts of %s',
  (name) => {
    let rows: Row[] = [];
    const hosts = observeCapture(name).wiredHosts();
    beforeAll(async () => {
      rows = await tshark(name);
    });

    test('are the unicast senders', () => {
      expect(hosts.map(({ mac }) => mac).sort()).toEqual(unique(rows.flatMap((row) => row['eth.src'])));
    });

    test('have the addresses that they sent from', () => {
      for (const host of hosts) {
        const own = rows.filter((row) => row['eth.src'][0] === host.mac);
        const acked = rows
          .filter((row) => row['dhcp.option.dhcp'][0] === '5' && row['dhcp.hw.mac_addr'][0] === host.mac)
          .flatMap((row) => row['dhcp.ip.your']);
        const ip4 = unique(
          [
            ...own.flatMap((row) => [...row['ip.src'].slice(0, 1), ...row['arp.src.proto_ipv4']]),
            ...acked,
          ].filter(isUsable),
        );
        expect([...(host.ip4 ?? [])].sort()).toEqual(ip4);
        expect([...(host.ip6 ?? [])].sort()).toEqual(
          unique(own.flatMap((row) => row['ipv6.src'].slice(0, 1)).filter(isUsable)),
        );
      }
    });

    test('have the host name, user name and user agent that they gave last', () => {
      for (const host of hosts) {
        const own = rows.filter((row) => row['eth.src'][0] === host.mac);
        const requests = own.filter((row) => row['dhcp.type'][0] === '1');
        const named = requests.flatMap((row) => row['dhcp.option.hostname']).at(-1);
        const assigned = rows
          .filter((row) => row['dhcp.type'][0] === '2' && row['dhcp.hw.mac_addr'][0] === host.mac)
          .flatMap((row) => row['dhcp.option.hostname'])
          .at(-1);
        expect(host.hostName).toBe(named ?? assigned);
        // One that names a platform is not displaced by one that does not.
        const agents = own.flatMap((row) => row['http.user_agent']);
        expect(host.userAgent).toBe(
          agents.filter((agent) => agent.startsWith('Mozilla/')).at(-1) ?? agents.at(-1),
        );
        const identities = own
          .filter((row) => row['eap.code'][0] === '2')
          .flatMap((row) => row['eap.identity']);
        expect(host.userName).toBe(identities.at(-1));
      }
    });

    test('name the frame that each came from', () => {
      for (const host of hosts) {
        const at = (frame: number | undefined): Row => rows[(frame ?? 0) - 1];
        expect(at(host.provenance.mac)['eth.src']).toEqual([host.mac]);
        if (host.hostName !== undefined)
          expect(at(host.provenance.hostName)['dhcp.option.hostname']).toEqual([host.hostName]);
        if (host.userName !== undefined)
          expect(at(host.provenance.userName)['eap.identity']).toEqual([host.userName]);
        if (host.userAgent !== undefined)
          expect(at(host.provenance.userAgent)['http.user_agent']).toEqual([host.userAgent]);
        host.ip4?.forEach((ip, i) => {
          const row = at(host.provenance.ip4?.[i]);
          expect([...row['ip.src'], ...row['arp.src.proto_ipv4'], ...row['dhcp.ip.your']]).toContain(ip);
        });
      }
    });
  },
);

describe.runIf(isTsharkHere).each(['hil/hwsim-wpa2eap-radiotap.pcap', 'hil/rtap_live.pcap'])(
  'Wi-Fi clients of %s',
  (name) => {
    let rows: Row[] = [];
    const observer = observeCapture(name);
    const clients = observer.clients();
    beforeAll(async () => {
      rows = await tshark(name);
    });

    test('are the transmitters that are no access points', () => {
      const beacons = unique(
        rows.filter((row) => row['wlan.fc.type_subtype'][0] === '0x0008').flatMap((row) => row['wlan.ta']),
      );
      const transmitters = unique(rows.flatMap((row) => row['wlan.ta'])).filter(
        (mac) => !beacons.includes(mac) && isUnicast(mac),
      );
      expect(clients.map(({ mac }) => mac).sort()).toEqual(transmitters);
      expect(
        observer
          .accessPoints()
          .map(({ bssid }) => bssid)
          .sort(),
      ).toEqual(beacons);
    });

    test('have the signal of their own frames', () => {
      for (const client of clients) {
        const signals = rows
          .filter((row) => row['wlan.ta'][0] === client.mac && row['radiotap.dbm_antsignal'].length > 0)
          .map((row) => Number(row['radiotap.dbm_antsignal'][0]));
        const mean = signals.reduce((sum, dbm) => sum + dbm, 0) / signals.length;
        expect(client.rssi).toMatchObject({
          count: signals.length,
          min: Math.min(...signals),
          max: Math.max(...signals),
          last: signals.at(-1),
        });
        expect(client.rssi?.mean).toBeCloseTo(mean, 9);
        expect(client.rssi?.variance).toBeCloseTo(
          signals.reduce((sum, dbm) => sum + (dbm - mean) ** 2, 0) / signals.length,
          6,
        );
      }
    });

    test('have the network and the user that they named', () => {
      for (const client of clients) {
        const own = rows.filter((row) => row['wlan.ta'][0] === client.mac);
        const request = own.filter((row) => row['wlan.fc.type_subtype'][0] === '0x0000').at(-1);
        expect(client.state).toBe(stateOf(rows, client.mac));
        expect(client.bssid).toBe(request?.['wlan.bssid'][0]);
        expect(Buffer.from(client.ssid ?? '').toString('hex')).toBe(request?.['wlan.ssid'][0]);
        const identities = own
          .filter((row) => row['eap.code'][0] === '2')
          .flatMap((row) => row['eap.identity']);
        expect(client.userName).toBe(identities.at(-1));
      }
    });
  },
);

/** The state table of the observer, once more, over tshark's fields. */
function stateOf(rows: readonly Row[], mac: string): string {
  let state = 'probing';
  for (const row of rows) {
    const isTo = row['wlan.da'][0] === mac;
    const isFrom = row['wlan.ta'][0] === mac;
    if (!isTo && !isFrom) continue;
    const type = Number(row['wlan.fc.type_subtype'][0]);
    if (type === 0x0a || type === 0x0c) state = 'left';
    else if (type === 0x04 && state === 'left') state = 'probing';
    else if (isFrom && (type === 0x00 || type === 0x02 || type === 0x0b)) state = 'authenticating';
    else if (isTo && (type === 0x01 || type === 0x03)) state = 'associated';
    else if (type >= 0x20 && type <= 0x2f) state = 'associated';
  }
  return state;
}

test.runIf(isTsharkHere)('LLDP neighbours are those that tshark reads', async () => {
  const rows = await tshark('hil/lldp.pcap');
  const [neighbour, ...others] = observeCapture('hil/lldp.pcap').neighbours();
  expect(others).toEqual([]);
  const last = rows[rows.length - 1];
  expect([neighbour.chassisId]).toEqual(last['lldp.chassis.id.mac']);
  expect([neighbour.portId]).toEqual(last['lldp.port.id.mac']);
  expect([neighbour.systemName]).toEqual(last['lldp.tlv.system.name']);
});
