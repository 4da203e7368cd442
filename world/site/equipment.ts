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

export function accessPoint(seed: number, index: number, at: Place, ssids: number): AccessPoint {
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
    ble: { powerDbm: 0, beamsDeg: [] },
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

/** One PoE port for each access point and 8 more, the last one for the trunk. */
export function accessSwitch(seed: number, floor: Floor, index: number, accessPoints: number): Switch {
  const mac = macFrom(seed, 'switch', index);
  const count = accessPoints + 8;
  return {
    id: `sw-${floor.id}`,
    name: `sw-${floor.id}`,
    model: 'AH-SW-48',
    mac,
    at: { floor: floor.id, x: 1, y: 1, z: 1 },
    ports: ports(mac, count, 30, 10, [20]),
    poeBudgetWatts: 30 * Math.ceil(count / 2),
    bridgePriority: 32768,
    stack: null,
  };
}

export function coreSwitch(seed: number, floor: string, portCount: number): Switch {
  const mac = macFrom(seed, 'switch', 0);
  return {
    id: 'core',
    name: 'core',
    model: 'AH-SW-48',
    mac,
    at: { floor, x: 1.5, y: 1, z: 1 },
    ports: ports(mac, portCount, 0, 10, [20]),
    poeBudgetWatts: 0,
    bridgePriority: 4096,
    stack: null,
  };
}

export const servers = (seed: number, vlan: number): Servers => ({
  dhcp: { mac: macFrom(seed, 'dhcp', 0), ipv4: `10.${vlan}.0.2`, leaseS: 3600, poolSize: 4000 },
  dns: { mac: macFrom(seed, 'dns', 0), ipv4: `10.${vlan}.0.3`, domain: 'corp.example' },
  radius: { mac: macFrom(seed, 'radius', 0), ipv4: `10.${vlan}.0.4` },
});
