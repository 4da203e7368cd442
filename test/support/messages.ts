/** A full and a minimal example of every message, for contract tests. */
import type { DownTopic, UpStream } from '../../protocol/topics.ts';

const bytes = (length: number, first = 1) => Uint8Array.from({ length }, (_, i) => (first + i) & 0xff);
const head = {
  v: 1,
  bootId: bytes(16),
  seq: 7,
  monoMs: 12_345,
  timeMs: 1_790_000_000_000,
  clock: 'cloud',
  kind: 'data',
};
const host = {
  mac: bytes(6),
  randomized: true,
  vlan: 12,
  ip4: ['192.0.2.7'],
  ip6: ['2001:db8::7'],
  hostName: 'laptop',
  userName: 'user@example.org',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
  manufacturer: 'Example',
  family: 'Laptop',
  os: 'Linux',
  confidence: 0.5,
  lastSeenMs: 12_000,
};

export const upExamples: Record<UpStream, object[]> = {
  hello: [
    {
      ...head,
      class: 'device',
      deviceKind: 'ap',
      model: 'AH-AP-1',
      mac: bytes(6),
      firmware: '0.1.0',
      slot: 'b',
      trial: true,
      sequenceNumber: 7,
      configVersion: 0,
      classes: ['device', 'wifi.connected'],
    },
  ],
  stats: [
    {
      ...head,
      class: 'device',
      uptimeMs: 1,
      memoryBytes: 2,
      cpuMs: 3,
      outboxBytes: 4,
      ledger: [{ stream: 'clients', produced: 5, acknowledged: 3, pending: 1, dropped: 1 }],
      sources: [
        {
          name: 'file',
          state: 'running',
          frames: 1,
          bytes: 2,
          dropped: 3,
          droppedBy: { kernel: 1, missed: 2 },
        },
      ],
      slicing: { frames: 1, bytesSeen: 100, bytesKept: 60, bytesCut: 40, faults: 0 },
      captures: { dynamic: 2, suppressed: 1 },
    },
  ],
  clients: [
    {
      ...head,
      class: 'wifi.connected',
      clients: [
        {
          ...host,
          state: 'associated',
          bssid: bytes(6, 9),
          ssid: 'campus',
          band: '5',
          channel: 36,
          rssi: { last: -60, min: -70, max: -50, mean: -61.5, count: 9 },
        },
      ],
    },
    {
      ...head,
      class: 'wifi.unconnected',
      clients: [{ mac: bytes(6), randomized: false, state: 'probing', lastSeenMs: 0 }],
    },
  ],
  wired: [
    { ...head, class: 'wired', hosts: [{ ...host, port: 'ge-0/0/1' }] },
    { ...head, class: 'wired', hosts: [{ mac: bytes(6), randomized: false, port: '', lastSeenMs: 0 }] },
  ],
  lldp: [
    {
      ...head,
      class: 'lldp',
      neighbours: [
        {
          port: 'eth0',
          sourceMac: bytes(6),
          chassisIdSubtype: 4,
          chassisId: '02:00:00:00:00:01',
          portIdSubtype: 5,
          portId: 'ge-0/0/1',
          ttlS: 120,
          portDescription: 'uplink',
          systemName: 'switch',
          systemDescription: 'a switch',
          capabilities: 20,
          enabledCapabilities: 4,
          managementAddresses: ['192.0.2.1'],
          portVlan: 1,
          lastSeenMs: 5,
        },
      ],
    },
  ],
  ble: [
    {
      ...head,
      class: 'ble.assets',
      devices: [
        {
          address: bytes(6),
          addressType: 'random-static',
          format: 'ibeacon',
          localName: 'tag',
          companyId: 76,
          advertisingData: bytes(30),
          rssiDbm: -80,
          lastSeenMs: 1,
        },
        { address: bytes(6), addressType: 'public', advertisingData: bytes(0), lastSeenMs: 1 },
      ],
    },
    {
      ...head,
      class: 'ble.passive',
      devices: [{ address: bytes(6), addressType: 'public', advertisingData: bytes(3), lastSeenMs: 1 }],
    },
  ],
  rssi: [
    {
      ...head,
      class: 'wifi.connected',
      macs: bytes(12),
      who: Uint8Array.of(0, 0, 1, 0),
      at: bytes(8),
      rssi: Uint8Array.of(200, 201),
    },
  ],
  pcap: [
    {
      ...head,
      class: 'pcap.headers',
      captureId: bytes(16),
      trigger: 'dhcp-nak',
      client: bytes(6),
      interfaceName: 'wlan0',
      fromMs: 1,
      toMs: 2,
      part: 1,
      last: true,
      packets: 3,
      bytesSeen: 300,
      bytesKept: 120,
      section: bytes(28),
    },
  ],
  event: [
    {
      ...head,
      class: 'wired',
      name: 'port.down',
      severity: 'warning',
      client: bytes(6),
      details: { port: 'ge-0/0/1', count: 3, expected: false },
    },
    { ...head, class: 'device', name: 'boot', severity: 'info' },
  ],
  upgrade: [
    {
      ...head,
      class: 'device',
      id: 'r1',
      version: '0.2.0',
      phase: 'rolled-back',
      percent: 10,
      code: 'x',
      detail: 'why',
    },
    { ...head, class: 'device', version: '0.2.0', phase: 'trial', percent: 100 },
  ],
  reply: [{ ...head, class: 'device', id: 'a1', ok: true, code: 'x', result: { csr: bytes(9), n: 1.5 } }],
  configuration: [
    {
      ...head,
      class: 'device',
      version: 3,
      state: 'refused',
      running: 2,
      problems: ['log.level: no such level'],
    },
  ],
  interfaces: [
    {
      ...head,
      class: 'device',
      ports: [
        {
          port: 'lan1',
          mac: bytes(6),
          up: true,
          speedMbps: 1000,
          fullDuplex: true,
          mtu: 1500,
          rxBytes: 1,
          txBytes: 2,
          rxPackets: 3,
          txPackets: 4,
          rxErrors: 0,
          txErrors: 0,
          rxDropped: 0,
          txDropped: 0,
          vlans: [1, 20],
          nativeVlan: 1,
          stp: 'forwarding',
          poe: { enabled: true, delivering: true, class: 4, milliwatts: 12_500 },
          hosts: 2,
        },
      ],
      radios: [
        {
          radio: 'wlan0',
          mac: bytes(6),
          ssid: 'lab',
          frequencyMhz: 2437,
          widthMhz: 20,
          txPowerDbm: 20,
          noiseDbm: -92,
          busyPercent: 12,
          rxPercent: 5,
          txPercent: 3,
          stations: 2,
        },
      ],
    },
    { ...head, class: 'device', ports: [], radios: [] },
  ],
};

export const gapExample = {
  ...head,
  kind: 'gap',
  class: 'wifi.connected',
  to: 9,
  reason: 'outbox-full',
};

export const downExamples: Record<Exclude<DownTopic, 'auth'>, object[]> = {
  welcome: [
    {
      v: 1,
      timeMs: 1_790_000_000_000,
      claimed: true,
      maxPacket: 262_144,
      window: 16,
      privacyClasses: ['device', 'lldp'],
      redirect: 'mqtts://eu.example:8883',
    },
  ],
  ack: [{ v: 1, acks: [{ bootId: bytes(16), stream: 'rssi', seq: 12 }] }],
  config: [
    {
      v: 1,
      version: 3,
      privacyClasses: ['device'],
      fields: { hostName: true, userName: false, userAgent: true, deviceFamily: true },
      name: 'lobby',
    },
  ],
  command: [{ v: 1, id: 'a1', name: 'renew', args: { force: true, note: 'text', der: bytes(3) } }],
  upgrade: [
    {
      v: 1,
      id: 'r1',
      version: '0.2.0',
      url: 'https://127.0.0.1:8446/firmware/00',
      sha256: bytes(32),
      size: 10,
      manifest: bytes(200),
      signature: bytes(71),
    },
    { v: 1, version: '0.2.0', url: 'https://127.0.0.1:8446/fw', sha256: bytes(32), size: 10 },
  ],
  configuration: [
    {
      v: 1,
      version: 3,
      confirmTimeoutS: 120,
      settings: {
        cloud: {
          url: 'mqtts://cloud.example',
          serverName: 'cloud.example',
          keepaliveS: 30,
          timeoutMs: 10_000,
        },
        report: { flushMs: 1000, statsMs: 60_000, repeatMs: 60_000, idleMs: 0, maxHosts: 8192 },
        capture: { sources: ['live:eth0'], stream: false, dynamic: true },
        outbox: { limitBytes: 64 * 1024 ** 2 },
        log: { level: 'info' },
      },
    },
    { v: 1, version: 4, confirmTimeoutS: 120, settings: {} },
  ],
};
