/** Access points, switches and servers as the generators place them. All MACs are locally administered. */
import { hash, subSeed } from '../random.ts';
import type { AccessPoint, Floor, Place, Port, Radio, Servers, Switch } from './model.ts';

const hex = (value: number): string => value.toString(16).padStart(2, '0');

/** A unicast MAC from a seed, a purpose and a number; `02` marks it as nobody's manufacture. */
export function macFrom(seed: number, purpose: string, index: number): string {
  const h = hash(subSeed(seed, purpose), index);
  const low = hash(h, index, 1);
  return [
    '02',
    hex(h >>> 24),
    hex((h >>> 16) & 255),
    hex((h >>> 8) & 255),
    hex(h & 255),
    hex(low & 0xf0),
  ].join(':');
}

/** `mac` with its last byte moved on: a device owns sixteen addresses. */
const offsetMac = (mac: string, by: number): string =>
  mac.slice(0, 15) + hex(Number.parseInt(mac.slice(15), 16) + by);

const CHANNELS = { '2.4': [1, 6, 11], '5': [36, 52, 100, 116, 149], '6': [5, 37, 69, 101, 133] } as const;
const POWER_DBM = { '2.4': 8, '5': 14, '6': 16 } as const;
const WIDTH_MHZ = { '2.4': 20, '5': 40, '6': 80 } as const;

/** `beamsDeg`: where the beams of its Bluetooth array point; one omnidirectional antenna without. */
export function accessPoint(
  seed: number,
  index: number,
  at: Place,
  ssids: number,
  beamsDeg: readonly number[] = [],
): AccessPoint {
  const mac = macFrom(seed, 'access-point', index);
  const radios = (['2.4', '5', '6'] as const).map(
    (band, r): Radio => ({
      band,
      channel: CHANNELS[band][index % CHANNELS[band].length],
      widthMHz: WIDTH_MHZ[band],
      powerDbm: POWER_DBM[band],
      bssids: Array.from({ length: ssids }, (_, s) => offsetMac(mac, 1 + r * 4 + s)),
    }),
  );
  return {
    id: `ap${index}`,
    name: `ap-${index}`,
    model: 'AH-AP-1',
    mac,
    at,
    antennaGainDb: 3,
    radios,
    ble: { powerDbm: 0, beamsDeg: [...beamsDeg] },
  };
}

function ports(mac: string, count: number, poeWatts: number, vlan: number, tagged: number[]): Port[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `ge-0/0/${i}`,
    mac: offsetMac(mac, i % 16),
    vlan,
    tagged,
    speedMbps: 1000,
    poeWatts,
  }));
}

/** Ports that join switches to a stack. */
export const stackPorts = (mac: string): Port[] =>
  [0, 1].map((i) => ({
    id: `vcp-${i}`,
    mac: offsetMac(mac, 14 + i),
    vlan: 1,
    tagged: [],
    speedMbps: 40_000,
    poeWatts: 0,
  }));

/** What an access point may draw (IEEE 802.3at type 2 less the loss in the cable), watts. */
export const AP_WATTS = 19.5;

/** One PoE port for each access point and 8 more, the last one or two for trunks. */
export function accessSwitch(
  seed: number,
  floor: Floor,
  index: number,
  member: number,
  accessPoints: number,
  vlans: readonly number[],
): Switch {
  const mac = macFrom(seed, 'switch', index);
  const count = accessPoints + 8;
  const id = member === 0 ? `sw-${floor.id}` : `sw-${floor.id}-${member}`;
  const [west, south] = [
    Math.min(...floor.outline.map((p) => p.x)),
    Math.min(...floor.outline.map((p) => p.y)),
  ];
  return {
    id,
    name: id,
    model: 'AH-SW-48',
    mac,
    at: { floor: floor.id, x: west + 1, y: south + 1 + member * 0.3, z: 1 },
    ports: ports(mac, count, 30, vlans[0], vlans.slice(1)),
    poeBudgetWatts: Math.max(30 * Math.ceil(count / 2), Math.ceil(AP_WATTS * accessPoints) + 60),
    bridgePriority: 32768,
    stack: null,
  };
}

/** The first is the root of the spanning tree, the second its stand-in. */
export function coreSwitch(
  seed: number,
  floor: string,
  portCount: number,
  number: number,
  vlans: readonly number[],
): Switch {
  const mac = macFrom(seed, number === 0 ? 'switch' : 'core-switch', number);
  const id = number === 0 ? 'core' : `core${number + 1}`;
  return {
    id,
    name: id,
    model: 'AH-SW-48',
    mac,
    at: { floor, x: 1.5 + number * 0.5, y: 1, z: 1 },
    ports: ports(mac, portCount, 0, vlans[0], vlans.slice(1)),
    poeBudgetWatts: 0,
    bridgePriority: number === 0 ? 4096 : 8192,
    stack: null,
  };
}

export const servers = (seed: number, vlan: number): Servers => ({
  dhcp: { mac: macFrom(seed, 'dhcp', 0), ipv4: `10.${vlan}.0.2`, leaseS: 3600, poolSize: 4000 },
  dns: { mac: macFrom(seed, 'dns', 0), ipv4: `10.${vlan}.0.3`, domain: 'corp.example' },
  radius: { mac: macFrom(seed, 'radius', 0), ipv4: `10.${vlan}.0.4` },
});
