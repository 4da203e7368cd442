import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Observer } from '../../../packets/observe/observer.ts';
import { tlsFingerprintOf } from '../../../packets/observe/tls-fingerprint.ts';
import { bytes, capturePath, FrameFeed, observeCapture } from '../../support/observe.ts';
import { framesOf } from '../../support/recorded-frames.ts';
import { tsharkFields } from '../../support/tshark.ts';

const PHONE = '02 11 22 33 44 55';
const ROUTER = '00 1b 21 aa bb cc';
const BROADCAST = 'ff ff ff ff ff ff';

/** IPv4 with an ICMP type that nobody reads, from `source`. */
const ipv4 = (source: number[], ttl: number, destination = [10, 0, 0, 9]): Uint8Array =>
  bytes(
    '08 00',
    '45 00 00 1c 00 00 00 00',
    [ttl],
    '01 00 00',
    source,
    destination,
    '0d 00 00 00 00 00 00 00',
  );

const arpReply = (mac: string, ip: number[]): Uint8Array =>
  bytes('08 06', '00 01 08 00 06 04 00 02', mac, ip, ROUTER, [10, 0, 0, 1]);

describe('wired hosts', () => {
  test('are senders with an individual address; nobody is made of a receiver', () => {
    const feed = new FrameFeed();
    feed.feed(bytes(ROUTER, PHONE, ipv4([10, 0, 0, 5], 64)));
    feed.feed(bytes(ROUTER, '03 11 22 33 44 55', ipv4([10, 0, 0, 6], 64)));
    feed.feed(bytes(ROUTER, '00 00 00 00 00 00', ipv4([10, 0, 0, 7], 64)));
    expect(feed.observer.wiredHosts().map(({ mac }) => mac)).toEqual(['02:11:22:33:44:55']);
  });

  test('a router is not given the addresses of those whose packets it forwards', () => {
    const feed = new FrameFeed();
    feed.feed(bytes(PHONE, ROUTER, ipv4([93, 184, 216, 34], 57)));
    feed.feed(bytes(PHONE, ROUTER, ipv4([10, 0, 0, 1], 64)));
    const learned = feed.feed(bytes(BROADCAST, ROUTER, arpReply(ROUTER, [10, 0, 0, 2])));
    const [router] = feed.observer.wiredHosts();
    expect(router.ip4).toEqual(['10.0.0.2', '10.0.0.1']);
    expect(router.provenance.ip4).toEqual([learned, 2]);
  });

  test('an ARP for somebody else (proxy) is not believed', () => {
    const feed = new FrameFeed();
    feed.feed(bytes(BROADCAST, ROUTER, arpReply(PHONE, [10, 0, 0, 5])));
    expect(feed.observer.wiredHosts()[0].ip4).toBeUndefined();
  });

  test('what protocols state is never displaced by mere sources of packets, and the list is bounded', () => {
    const feed = new FrameFeed();
    for (let i = 0; i < 8; i++) feed.feed(bytes(BROADCAST, PHONE, arpReply(PHONE, [10, 0, 0, 10 + i])));
    for (let i = 0; i < 50; i++) feed.feed(bytes(ROUTER, PHONE, ipv4([10, 9, 9, i], 64)));
    expect(feed.observer.wiredHosts()[0].ip4).toEqual(
      [17, 16, 15, 14, 13, 12, 11, 10].map((n) => `10.0.0.${n}`),
    );
  });

  test('have a VLAN from the outer tag, and a record for each port', () => {
    const feed = new FrameFeed();
    feed.feed(bytes(ROUTER, PHONE, '81 00 00 2a', ipv4([10, 0, 0, 5], 64)), {
      interfaceName: 'ge-0/0/1',
      timeMs: 1,
    });
    const moved = feed.feed(bytes(ROUTER, PHONE, ipv4([10, 0, 0, 5], 64)), {
      interfaceName: 'ge-0/0/2',
      timeMs: 2,
    });
    const hosts = feed.observer.wiredHosts();
    expect(hosts.map(({ port, vlan, lastSeenMs }) => ({ port, vlan, lastSeenMs }))).toEqual([
      { port: 'ge-0/0/2', vlan: undefined, lastSeenMs: 2 },
      { port: 'ge-0/0/1', vlan: 42, lastSeenMs: 1 },
    ]);
    expect(hosts[0].provenance.port).toBe(moved);
    expect(hosts[1].provenance.vlan).toBe(1);
  });

  test('what is inside a tunnel belongs to others', () => {
    const inner = bytes(PHONE, '00 50 56 00 00 01', ipv4([172, 16, 0, 1], 64));
    const vxlan = bytes('08 00 00 00 00 00 64 00', inner);
    const udp = bytes('c0 00 12 b5', [(8 + vxlan.length) >> 8, (8 + vxlan.length) & 255], '00 00', vxlan);
    const length = 20 + udp.length;
    const feed = new FrameFeed();
    feed.feed(
      bytes(
        PHONE,
        ROUTER,
        '08 00 45 00',
        [length >> 8, length & 255],
        '00 00 00 00 40 11 00 00',
        [10, 0, 0, 1],
        [10, 0, 0, 2],
        udp,
      ),
    );
    expect(feed.observer.wiredHosts()).toMatchObject([{ mac: '00:1b:21:aa:bb:cc', ip4: ['10.0.0.1'] }]);
  });

  test('the table is bounded under a flood of addresses, and says how many it forgot', () => {
    const feed = new FrameFeed({ maxHosts: 100 });
    for (let i = 0; i < 1000; i++) {
      feed.feed(
        bytes(ROUTER, '00 1b 21', [i >> 16, (i >> 8) & 255, i & 255], ipv4([10, 0, i >> 8, i & 255], 64)),
      );
    }
    expect(feed.observer.wiredHosts()).toHaveLength(100);
    expect(feed.observer.wiredHosts()[0].mac).toBe('00:1b:21:00:03:e7');
    expect(feed.observer.totals().evicted.hosts).toBe(900);
  });
});

describe('changes', () => {
  test('are what was heard since the last call', () => {
    const feed = new FrameFeed();
    feed.feed(bytes(ROUTER, PHONE, ipv4([10, 0, 0, 5], 64)));
    expect(feed.observer.changed().wiredHosts.map(({ mac }) => mac)).toEqual(['02:11:22:33:44:55']);
    expect(feed.observer.changed().wiredHosts).toEqual([]);
    feed.feed(bytes(PHONE, ROUTER, ipv4([10, 0, 0, 1], 64)));
    expect(feed.observer.changed().wiredHosts.map(({ mac }) => mac)).toEqual(['00:1b:21:aa:bb:cc']);
    expect(feed.observer.wiredHosts()).toHaveLength(2);
  });
});

describe('Wi-Fi clients', () => {
  const AP = '0a 00 00 00 00 01';
  const frame = (
    control: string,
    receiver: string,
    transmitter: string,
    third: string,
    body = '',
  ): Uint8Array => bytes(control, '00 00', receiver, transmitter, third, '00 00', body);
  const options = { linkType: 105 };
  const beacon = frame(
    '80 00',
    BROADCAST,
    AP,
    AP,
    `${'00 '.repeat(8)}64 00 11 04 00 04 74 65 73 74 03 01 0b`,
  );
  const state = (feed: FrameFeed): string | undefined => feed.observer.clients()[0]?.state;

  test('go through the states of the table', () => {
    const feed = new FrameFeed();
    feed.feed(beacon, options);
    expect(state(feed)).toBeUndefined();
    feed.feed(frame('40 00', BROADCAST, PHONE, BROADCAST, '00 00'), options);
    expect(state(feed)).toBe('probing');
    feed.feed(frame('b0 00', AP, PHONE, AP, '00 00 01 00 00 00'), options);
    expect(state(feed)).toBe('authenticating');
    feed.feed(frame('10 00', PHONE, AP, AP, '11 04 11 00 00 00'), options);
    expect(state(feed)).toBe('authenticating');
    const accepted = feed.feed(frame('10 00', PHONE, AP, AP, '11 04 00 00 01 c0'), options);
    expect(state(feed)).toBe('associated');
    expect(feed.observer.clients()).toMatchObject([
      {
        ssid: 'test',
        bssid: '0a:00:00:00:00:01',
        channel: 11,
        band: '2.4',
        provenance: { state: accepted, ssid: 1, channel: 1 },
      },
    ]);
    feed.feed(frame('c0 00', PHONE, AP, AP, '07 00'), options);
    expect(state(feed)).toBe('left');
    feed.feed(frame('40 00', BROADCAST, PHONE, BROADCAST, '00 00'), options);
    expect(state(feed)).toBe('probing');
    feed.feed(frame('48 01', AP, PHONE, AP), options);
    expect(state(feed)).toBe('associated');
  });

  test('a goodbye of another network is not theirs', () => {
    const feed = new FrameFeed();
    feed.feed(frame('48 01', AP, PHONE, AP), options);
    feed.feed(frame('c0 00', PHONE, '0e 00 00 00 00 02', '0e 00 00 00 00 02', '07 00'), options);
    expect(state(feed)).toBe('associated');
  });

  test('an access point is none, nor is what only was written to by a spoofed probe response', () => {
    const feed = new FrameFeed();
    feed.feed(beacon, options);
    feed.feed(frame('40 00', BROADCAST, AP, BROADCAST, '00 00'), options);
    feed.feed(frame('50 00', PHONE, AP, AP, `${'00 '.repeat(8)}64 00 11 04 00 00`), options);
    expect(feed.observer.clients()).toEqual([]);
    expect(feed.observer.accessPoints()).toMatchObject([{ bssid: '0a:00:00:00:00:01', ssid: 'test' }]);
  });

  test('signal counts for what the client sent, and not with a bad FCS', () => {
    const radiotap = (flags: string, dbm: string): string => `00 00 0a 00 22 00 00 00 ${flags} ${dbm}`;
    const feed = new FrameFeed();
    const up = frame('48 01', AP, PHONE, AP);
    feed.feed(bytes(radiotap('00', 'd8'), up), { linkType: 127 });
    feed.feed(bytes(radiotap('40', 'ec'), up), { linkType: 127 });
    feed.feed(bytes(radiotap('00', 'e2'), frame('48 02', PHONE, AP, AP)), { linkType: 127 });
    feed.feed(bytes(radiotap('00', 'd4'), up), { linkType: 127 });
    expect(feed.observer.clients()).toMatchObject([
      {
        rssi: { last: -44, min: -44, max: -40, mean: -42, count: 2 },
        provenance: { rssi: { last: 4, min: 4, max: 1 } },
      },
    ]);
  });

  test('have what their frames on the wire told, and are no wired hosts then', () => {
    const observer = observeCapture('hil/hwsim-wpa2eap-radiotap.pcap');
    observeCapture('hil/hwsim-ap-eth.pcap', observer);
    expect(observer.wiredHosts().map(({ mac }) => mac)).toEqual(['02:00:00:00:00:00']);
    const client = observer.clients().find(({ mac }) => mac === '02:00:00:00:01:00');
    expect(client).toMatchObject({
      ssid: 'SimAP-Corp',
      hostName: 'phone-1',
      userName: 'anon@corp.example',
      ip4: ['10.79.0.57'],
    });
  });
});

describe('neighbours', () => {
  // IEEE 802.1AB: chassis id MAC, port id interface name "p1", TTL, end.
  const lldp = (ttl: string): Uint8Array =>
    bytes(
      '01 80 c2 00 00 0e',
      ROUTER,
      '88 cc',
      '02 07 04',
      ROUTER,
      '04 03 05 70 31',
      `06 02 ${ttl}`,
      '00 00',
    );

  test('say goodbye with a TTL of 0, which is reported once', () => {
    const feed = new FrameFeed();
    feed.feed(lldp('00 78'));
    expect(feed.observer.changed().neighbours).toMatchObject([
      { chassisId: '00:1b:21:aa:bb:cc', portId: 'p1', ttlS: 120 },
    ]);
    expect(feed.observer.neighbours()).toHaveLength(1);
    feed.feed(lldp('00 00'));
    expect(feed.observer.neighbours()).toEqual([]);
    expect(feed.observer.changed().neighbours).toMatchObject([{ portId: 'p1', ttlS: 0 }]);
    expect(feed.observer.changed().neighbours).toEqual([]);
  });

  test('that say the same again are what the last frame alone would make of them, known for longer', () => {
    const announcements = [
      'tcpdump/tests/lldp_mudurl.pcap',
      'tcpdump/tests/lldp-app-priority.pcap',
      'tcpdump/tests/lldp_8021_linkagg.pcap',
      'tcpdump/tests/LLDP_and_CDP.pcap',
    ].flatMap(framesOf);
    let heard = 0;
    for (const { bytes: frame } of announcements) {
      const elsewhere = bytes(frame.subarray(0, 6), PHONE, frame.subarray(12));
      const feed = new FrameFeed();
      for (let i = 0; i < 3; i++) feed.feed(frame, { timeMs: 1000 * i });
      feed.feed(elsewhere, { timeMs: 5000 });
      const alone = new FrameFeed();
      alone.feed(elsewhere, { timeMs: 5000 });
      const expected = alone.observer
        .neighbours()
        .map((of) => ({ ...of, firstSeenMs: 0, provenance: { frame: 4 } }));
      expect(feed.observer.neighbours()).toEqual(expected);
      heard += expected.length;
    }
    expect(heard).toBeGreaterThan(4);
  });

  test('one that says something else in a frame of the same length is heard', () => {
    const feed = new FrameFeed();
    feed.feed(lldp('00 78'));
    feed.feed(lldp('00 79'));
    expect(feed.observer.neighbours()).toMatchObject([{ ttlS: 121, provenance: { frame: 2 } }]);
  });

  test('one that announces itself without a TTL is none', () => {
    const feed = new FrameFeed();
    feed.feed(bytes('01 80 c2 00 00 0e', ROUTER, '88 cc', '02 07 04', ROUTER, '04 03 05 70 31', '00 00'));
    expect(feed.observer.neighbours()).toEqual([]);
  });

  test('are bounded, the one heard longest ago makes room', () => {
    const feed = new FrameFeed({ maxNeighbours: 3 });
    for (let i = 0; i < 5; i++) feed.feed(lldp('00 78'), { interfaceName: `p${i}` });
    expect(feed.observer.neighbours().map(({ port }) => port)).toEqual(['p4', 'p3', 'p2']);
    expect(feed.observer.totals().evicted.neighbours).toBe(2);
  });

  test('CDP is heard too', () => {
    const cdp = observeCapture('tcpdump/tests/LLDP_and_CDP.pcap')
      .neighbours()
      .filter(({ protocol }) => protocol === 'cdp');
    // As `tcpdump -v` prints the same capture.
    expect(cdp.map(({ systemName, portId }) => [systemName, portId]).sort()).toEqual([
      ['S1', 'FastEthernet0/13'],
      ['S2', 'GigabitEthernet0/13'],
    ]);
  });
});

describe('BLE devices', () => {
  const advertisement = (data: string, number: number, rssiDbm?: number) => ({
    address: 'c1:02:03:04:05:06',
    addressType: 'random-static' as const,
    advertisingData: bytes(data),
    rssiDbm,
    timeMs: number,
    number,
  });

  test('keep what a scan response added to the advertisement', () => {
    const observer = new Observer();
    // iBeacon: flags, then Apple's company id, type 0x02, length 0x15, UUID, major, minor, power.
    observer.advertisement(
      advertisement(`02 01 06 1a ff 4c 00 02 15 ${'aa'.repeat(16)} 00 01 00 02 c5`, 1, -60),
    );
    observer.advertisement(advertisement('05 09 54 61 67 31', 2));
    expect(observer.bleDevices()).toMatchObject([
      {
        address: 'c1:02:03:04:05:06',
        format: 'ibeacon',
        companyId: 0x004c,
        localName: 'Tag1',
        frames: 2,
        rssi: { last: -60, count: 1 },
        provenance: { address: 1, format: 1, companyId: 1, localName: 2, rssi: { last: 1, min: 1, max: 1 } },
      },
    ]);
  });
});

test('switches keep a field from being derived at all', () => {
  const derive = { hostName: false, userName: false, userAgent: false, family: false };
  for (const name of ['hil/dhcp.pcap', 'hil/eap.pcap', 'hil/http.pcap']) {
    const [on] = observeCapture(name)
      .wiredHosts()
      .filter(({ mac }) => mac === '02:11:22:33:44:01');
    const [off] = observeCapture(name, new Observer({ derive }))
      .wiredHosts()
      .filter(({ mac }) => mac === '02:11:22:33:44:01');
    const said = [on.hostName, on.userName, on.userAgent].filter((value) => value !== undefined);
    expect(said).not.toEqual([]);
    expect([off.hostName, off.userName, off.userAgent, off.family]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(off.ip4).toEqual(on.ip4);
  }
});

describe('fingerprints of TLS clients', () => {
  const BUILT = '../built/ip-and-up.pcap';
  const hosts = (options = {}) => observeCapture(BUILT, new Observer(options)).wiredHosts();

  test('are not made unless an observer is asked for them', () => {
    expect(hosts().filter(({ tlsFingerprint }) => tlsFingerprint !== undefined)).toEqual([]);
  });

  /** JA4 of what tshark reads in a frame: no GREASE, TLS 1.3 and a server name in both of them. */
  function ja4Of([, suites, extensions, signatures, [alpn], udp]: string[][]): string {
    const two = (of: string[]): string => String(of.length).padStart(2, '0');
    const hex4 = (value: string): string => Number(value).toString(16).padStart(4, '0');
    const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);
    const others = extensions.filter((type) => type !== '0' && type !== '16');
    const head = `${udp.length > 0 ? 'q' : 't'}13d${two(suites)}${two(extensions)}${alpn[0]}${alpn.at(-1)}`;
    const tail = `${others.map(hex4).sort()}_${signatures.map(hex4)}`;
    return `${head}_${hash(String(suites.map(hex4).sort()))}_${hash(tail)}`;
  }

  test('are those of the hello that tshark reads in their frame', async () => {
    const fields = ['ciphersuite', 'extension.type', 'sig_hash_alg', 'extensions_alpn_str'];
    const names = ['eth.src', ...fields.map((field) => `tls.handshake.${field}`), 'udp.srcport'];
    const rows = await tsharkFields(capturePath(BUILT), names);
    const hellos = rows.flatMap((row, i) => (row[1].length > 0 ? [i + 1] : []));
    expect(hellos).toHaveLength(2);
    for (const last of hellos) {
      const feed = new FrameFeed({ derive: { tlsFingerprint: tlsFingerprintOf } });
      feed.feed(framesOf(BUILT)[last - 1].bytes);
      const [{ mac, tlsFingerprint, provenance }] = feed.observer.wiredHosts();
      expect([mac, provenance.tlsFingerprint]).toEqual([rows[last - 1][0][0], 1]);
      expect(tlsFingerprint).toBe(ja4Of(rows[last - 1]));
    }
  });
});

test('faults are counted by layer', () => {
  const feed = new FrameFeed();
  feed.feed(bytes(ROUTER, PHONE, '08 00 45 00'));
  feed.feed(bytes(ROUTER, PHONE, '08 00 45 00'));
  expect(feed.observer.totals().faults).toEqual([{ layer: 'ipv4', kind: 'truncated', frames: 2 }]);
});
