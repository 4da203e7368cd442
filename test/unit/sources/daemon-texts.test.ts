import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import {
  readHosts,
  readLines,
  readPorts,
  readPse,
  readVlans,
} from '../../../platform/node/sources/bridge-json.ts';
import {
  readEvent,
  readStations,
  readStatus,
  unescaped,
} from '../../../platform/node/sources/hostapd-text.ts';
import {
  readInfo,
  readStationDump,
  readSurvey,
  utilisation,
} from '../../../platform/node/sources/iw-text.ts';
import { readNeighbours } from '../../../platform/node/sources/lldpcli-json.ts';

const AP = { bssid: '02:00:00:00:00:00', ssid: 'lab', frequencyMhz: 2437, isEnabled: true };

describe('hostapd_cli', () => {
  test('status of 2.10, of an older one without a channel list, and of a wired port', () => {
    const said =
      'state=ENABLED\nphy=phy0\nfreq=2437\nchannel=6\nbss[0]=wlan0\nbssid[0]=02:00:00:00:00:00\nssid[0]=lab\n';
    expect(readStatus(said)).toEqual(AP);
    expect(readStatus('freq=2437\nbssid=02:00:00:00:00:00\nssid=lab\n')).toEqual(AP);
    expect(readStatus('state=ENABLED\nfreq=0\nbssid[0]=02:00:00:00:00:09\nssid[0]=\n')).toMatchObject({
      frequencyMhz: undefined,
    });
    expect(readStatus('state=DISABLED\n').isEnabled).toBe(false);
  });

  const block = (flags: string, more = '') => `02:00:00:00:01:00\nflags=${flags}\naid=1\n${more}signal=-38\n`;

  test('all_sta: states, names that were escaped, fields that another version adds', () => {
    const said = `${block('[AUTH][ASSOC][AUTHORIZED]', 'dot1xAuthSessionUserName=CORP\\\\dave\nhe_capab=1f\n')}02:00:00:00:02:00\nflags=[AUTH][ASSOC]\nvlan_id=20\n`;
    expect(readStations(said, AP, 'wlan0', 5)).toEqual([
      {
        kind: 'station',
        mac: '02:00:00:00:01:00',
        state: 'associated',
        bssid: AP.bssid,
        ssid: 'lab',
        frequencyMhz: 2437,
        rssiDbm: -38,
        userName: 'CORP\\dave',
        vlan: undefined,
        timeMs: 5,
      },
      expect.objectContaining({
        mac: '02:00:00:00:02:00',
        state: 'authenticating',
        vlan: 20,
        rssiDbm: undefined,
      }),
    ]);
    expect(readStations('FAIL\n', AP, 'wlan0', 5)).toEqual([]);
    expect(unescaped('caf\\xc3\\xa9')).toBe('café');
  });

  test.each([
    ['<3>AP-STA-CONNECTED 02:00:00:00:01:00', 'client-associated'],
    ['wlan0 AP-STA-CONNECTED 02:00:00:00:01:00 auth_alg=open', 'client-associated'],
    ['<3>IFNAME=wlan0 AP-STA-DISCONNECTED 02:00:00:00:01:00', 'client-left'],
    ['wlan0 CTRL-EVENT-EAP-FAILURE 02:00:00:00:01:00', 'client-authentication-failed'],
    ['wlan0 AP-STA-POSSIBLE-PSK-MISMATCH 02:00:00:00:01:00', 'client-authentication-failed'],
  ])('%s', (line, name) => {
    expect(readEvent(line, AP, 1)[0]).toMatchObject({ kind: 'happening', name, mac: '02:00:00:00:01:00' });
  });

  test('events that are not about stations say nothing', () => {
    for (const line of ['wlan0 AP-ENABLED', '<3>CTRL-EVENT-TERMINATING', '', 'AP-STA-CONNECTED nonsense'])
      expect(readEvent(line, AP, 1)).toEqual([]);
  });
});

describe('iw', () => {
  test('info and station dump of 5.19, and a shorter one', () => {
    const info = readInfo(
      'Interface wlan0\n\tifindex 4\n\taddr 02:00:00:00:00:00\n\tssid lab\n\ttype AP\n\tchannel 6 (2437 MHz), width: 20 MHz (no HT), center1: 2437 MHz\n\ttxpower 20.00 dBm\n',
    );
    expect(info).toEqual({
      mac: '02:00:00:00:00:00',
      ssid: 'lab',
      type: 'AP',
      frequencyMhz: 2437,
      widthMhz: 20,
      txPowerDbm: 20,
    });
    expect(readInfo('').type).toBeUndefined();
    const dump =
      'Station 02:00:00:00:01:00 (on wlan0)\n\tinactive time:\t8 ms\n\tsignal:  \t-38 [-38, -41] dBm\n\tauthorized:\tyes\nStation 02:00:00:00:02:00 (on wlan0)\n\tauthorized:\tno\n';
    expect(readStationDump(dump, info, 1)).toMatchObject([
      { mac: '02:00:00:00:01:00', state: 'associated', rssiDbm: -38 },
      { mac: '02:00:00:00:02:00', state: 'authenticating' },
    ]);
  });

  test('survey: what passed since the one before; a driver that was reset says nothing', () => {
    const survey = (active: number, busy: number) =>
      `Survey data from wlan0\n\tfrequency:\t2412 MHz\nSurvey data from wlan0\n\tfrequency:\t2437 MHz [in use]\n\tnoise:\t-92 dBm\n\tchannel active time:\t${active} ms\n\tchannel busy time:\t${busy} ms\n`;
    const [first, second] = [readSurvey(survey(1000, 100)), readSurvey(survey(3000, 600))];
    if (first === null || second === null) throw new Error('no survey');
    expect(second.noiseDbm).toBe(-92);
    expect(utilisation(first, second).busyPercent).toBe(25);
    expect(utilisation(second, first)).toEqual({});
    expect(readSurvey('Survey data from wlan0\n\tfrequency:\t2412 MHz\n')).toBeNull();
  });
});

describe('lldpcli', () => {
  const expected = [
    {
      port: 'eth0',
      chassisIdSubtype: 4,
      chassisId: '02:11:22:33:44:0a',
      portIdSubtype: 5,
      portId: 'ge-0/0/1',
      systemName: 'sim-switch-1',
      ttlS: 120,
      capabilities: 0b10100,
      enabledCapabilities: 0b100,
    },
  ];
  const json0 = {
    lldp: [
      {
        interface: [
          {
            name: 'eth0',
            via: 'LLDP',
            chassis: [
              {
                id: [{ type: 'mac', value: '02:11:22:33:44:0a' }],
                name: [{ value: 'sim-switch-1' }],
                capability: [
                  { type: 'Bridge', enabled: true },
                  { type: 'Router', enabled: false },
                ],
              },
            ],
            port: [{ id: [{ type: 'ifname', value: 'ge-0/0/1' }], ttl: [{ value: '120' }] }],
          },
          { name: 'eth1', via: 'CDPv2', chassis: [{ id: [{ type: 'local', value: 'x' }] }], port: [{}] },
        ],
      },
    ],
  };
  const json = {
    lldp: {
      interface: {
        eth0: {
          via: 'LLDP',
          chassis: {
            'sim-switch-1': {
              id: { type: 'mac', value: '02:11:22:33:44:0a' },
              capability: [
                { type: 'Bridge', enabled: true },
                { type: 'Router', enabled: false },
              ],
            },
          },
          port: { id: { type: 'ifname', value: 'ge-0/0/1' }, ttl: '120' },
        },
      },
    },
  };
  const older = { lldp: { interface: [{ eth0: json.lldp.interface.eth0 }] } };

  test.each([
    ['json0', json0],
    ['json', json],
    ['json, a list', older],
  ])('%s', (_, said) => {
    expect(readNeighbours(JSON.stringify(said), 1)).toMatchObject(expected);
  });

  test('no neighbours, and what is no answer', () => {
    expect(readNeighbours('{"lldp":[{}]}', 1)).toEqual([]);
    expect(readNeighbours('{"lldp":{}}', 1)).toEqual([]);
    for (const said of ['', 'null', '[]', '{}', 'unable to connect', '{"lldp":'])
      expect(readNeighbours(said, 1)).toBeNull();
  });

  test('no answer of any shape throws', () => {
    const shapes: unknown[] = [null, 1, 'x', [], {}, [null], { value: null }, { id: 3 }, [[{}]]];
    for (const a of shapes)
      for (const b of shapes)
        readNeighbours(
          JSON.stringify({ lldp: [{ interface: [{ name: 'e', chassis: a, port: b }, a, b] }, a] }),
          1,
        );
  });
});

describe('iproute2', () => {
  test('this machine answers as lists, and so does nothing at all', () => {
    expect(
      readLines(execFileSync('ip', ['-j', 'link', 'show'], { encoding: 'utf8' }))?.length,
    ).toBeGreaterThan(0);
    expect(readLines('\n')).toEqual([]);
    expect(readLines('RTNETLINK answers: Operation not supported')).toBeNull();
    expect(readLines('{}')).toBeNull();
  });

  test('ports, with statistics of either name', () => {
    const link = {
      ifname: 'lan1',
      master: 'br0',
      address: '02:00:00:00:00:01',
      operstate: 'UP',
      mtu: 1500,
      linkinfo: { info_slave_kind: 'bridge', info_slave_data: { state: 'forwarding' } },
    };
    const counts = { rx: { bytes: 10, packets: 1, errors: 2, dropped: 3 }, tx: { bytes: 20, packets: 4 } };
    const port = {
      port: 'lan1',
      up: true,
      rxBytes: 10,
      rxErrors: 2,
      rxDropped: 3,
      txBytes: 20,
      txErrors: 0,
      stp: 'forwarding',
    };
    expect(readPorts([{ ...link, stats64: counts }], 'br0')).toMatchObject([port]);
    expect(readPorts([{ ...link, stats: counts }], 'br0')).toMatchObject([port]);
    expect(readPorts([{ ...link, master: 'br1' }, { ifname: 'lo' }], 'br0')).toEqual([]);
  });

  test('hosts: neither the bridge itself nor groups; VLANs as ranges', () => {
    const fdb = [
      { mac: '02:00:00:00:00:07', ifname: 'lan1', vlan: 20, master: 'br0', state: '' },
      { mac: '02:00:00:00:00:08', ifname: 'lan1', master: 'br0', state: 'permanent' },
      { mac: '33:33:00:00:00:01', ifname: 'lan1', flags: ['self'], state: 'permanent' },
      { mac: '01:00:5e:00:00:01', ifname: 'lan1', master: 'br0' },
    ];
    expect(readHosts(fdb, 'br0', 1)).toEqual([
      { kind: 'host', mac: '02:00:00:00:00:07', port: 'lan1', vlan: 20, timeMs: 1 },
    ]);
    const vlans = [
      {
        ifname: 'lan1',
        vlans: [
          { vlan: 1, flags: ['PVID'] },
          { vlan: 20, vlanEnd: 22 },
        ],
      },
    ];
    expect(readVlans(vlans).get('lan1')).toEqual({ vlans: [1, 20, 21, 22], nativeVlan: 1 });
  });

  test('power of a port, as ethtool --show-pse has it', () => {
    const said =
      'PSE attributes for eth0:\nClause 33 PSE Admin State: enabled\nClause 33 PSE Power Detection Status: delivering power\nClause 33 PSE Power Class: 4\nClause 33 PSE Actual Power: 12500\n';
    expect(readPse(said)).toEqual({ enabled: true, delivering: true, class: 4, milliwatts: 12_500 });
    expect(readPse('netlink error: Operation not supported')).toBeUndefined();
  });
});
