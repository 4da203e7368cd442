/**
 * From floors and the places of their access points to a site: access switches (stacked where one is too small),
 * core switches above them, the wires in between, networks and servers.
 */
import { accessPoint, accessSwitch, coreSwitch, macFrom, servers, stackPorts } from './equipment.ts';
import { boundingBox } from './geometry.ts';
import type { AccessPoint, Floor, Network, Place, Site, SiteKind, Ssid, Switch, Wire } from './model.ts';

export interface Building {
  name: string;
  kind: SiteKind;
  seed: number;
  floors: Floor[];
  ssids: Ssid[];
  /** Where access points are, floor by floor. */
  places: readonly (readonly Place[])[];
  /** A site of one switch has no core above it. */
  loneSwitch?: boolean;
  /** Degrees of the beams of each access point's Bluetooth array; none without. */
  beamsDeg?: readonly number[];
}

/** Access points on one switch; the rest of its ports are for other devices. */
const PER_SWITCH = 32;
/** From so many access switches on, a second core switch stands by. */
const TWO_CORES_FROM = 3;

export function assemble(building: Building): Site {
  const { name, kind, seed, floors, ssids, places, beamsDeg } = building;
  const vlans = [...new Set(ssids.map((ssid) => ssid.vlan))];
  const accessPoints: AccessPoint[] = [];
  const wires: Wire[] = [];
  const stacks = places.map((onFloor) => Math.max(1, Math.ceil(onFloor.length / PER_SWITCH)));
  const count = stacks.reduce((sum, members) => sum + members, 0);
  const cores = building.loneSwitch && count === 1 ? 0 : count < TWO_CORES_FROM ? 1 : 2;
  const switches: Switch[] = Array.from({ length: cores }, (_, i) =>
    coreSwitch(seed, floors[0].id, floors.length + 2, i, vlans),
  );
  if (cores === 2)
    wires.push(wire('core-core2', 'core', lastPort(switches[0]), 'core2', lastPort(switches[1])));
  floors.forEach((floor, f) => {
    const members: Switch[] = [];
    const cables: Wire[] = [];
    for (let m = 0; m < stacks[f]; m++) {
      const onSwitch = places[f]
        .slice(m * PER_SWITCH, (m + 1) * PER_SWITCH)
        .map((at, i) => accessPoint(seed, accessPoints.length + i, at, ssids.length, beamsDeg));
      const member = accessSwitch(seed, floor, switches.length, m, onSwitch.length, vlans);
      switches.push(member);
      members.push(member);
      onSwitch.forEach((ap, i) => {
        cables.push(wire(`cable-${ap.id}`, member.id, member.ports[i].id, ap.id, 'uplink'));
      });
      accessPoints.push(...onSwitch);
    }
    const joints = stack(members);
    const last = members[members.length - 1];
    const port = `ge-0/0/${f}`;
    if (cores > 0) wires.push(wire(`trunk-${floor.id}`, 'core', port, members[0].id, lastPort(members[0])));
    // A second way is one only when the first is there.
    wires.push(...joints);
    if (cores > 1) {
      const end = members.length > 1 ? lastPort(last) : last.ports[last.ports.length - 2].id;
      wires.push({ ...wire(`trunk2-${floor.id}`, 'core2', port, last.id, end), redundant: true });
    }
    wires.push(...cables);
  });
  return {
    name,
    kind,
    seed,
    timeZone: 'UTC',
    floors,
    accessPoints,
    switches,
    wires,
    ssids,
    networks: vlans.map((vlan) => network(seed, vlan, ssids)),
    servers: servers(seed, vlans[0]),
  };
}

const lastPort = (item: Switch): string => item.ports[item.ports.length - 1].id;

const wire = (id: string, a: string, aPort: string, b: string, bPort: string): Wire => ({
  id,
  a: { device: a, port: aPort },
  b: { device: b, port: bPort },
  redundant: false,
});

/** A ring of stacking cables; the one that closes it is the second way. */
function stack(members: Switch[]): Wire[] {
  if (members.length < 2) return [];
  const name = members[0].id;
  for (const member of members) {
    member.stack = name;
    member.ports.unshift(...stackPorts(member.mac));
  }
  const ring = members.length > 2 ? members.length : 1;
  return Array.from({ length: ring }, (_, i) => ({
    ...wire(`stack-${members[i].id}`, members[i].id, 'vcp-1', members[(i + 1) % members.length].id, 'vcp-0'),
    redundant: i + 1 === members.length,
  }));
}

const network = (seed: number, vlan: number, ssids: readonly Ssid[]): Network => ({
  vlan,
  name: ssids.find((ssid) => ssid.vlan === vlan)?.name ?? `vlan${vlan}`,
  ipv4: `10.${vlan}.0.0/16`,
  ipv6: `fd00:${vlan.toString(16)}::/64`,
  gateway: { mac: macFrom(seed, `gateway-${vlan}`, 0), ipv4: `10.${vlan}.0.1` },
});

/** One place for so many square metres, on a grid over the floor's bounding box. */
export function gridPlaces(floor: Floor, areaPerApM2: number, heightM = floor.heightM - 0.2): Place[] {
  const box = boundingBox(floor.outline);
  const [widthM, depthM] = [box.east - box.west, box.north - box.south];
  const spacing = Math.sqrt(areaPerApM2);
  const columns = Math.max(1, Math.round(widthM / spacing));
  const rows = Math.max(1, Math.round(depthM / spacing));
  return Array.from({ length: columns * rows }, (_, i) => ({
    floor: floor.id,
    x: Math.round((box.west + ((i % columns) + 0.5) * (widthM / columns)) * 10) / 10,
    y: Math.round((box.south + (Math.floor(i / columns) + 0.5) * (depthM / rows)) * 10) / 10,
    z: heightM,
  }));
}
