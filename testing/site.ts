/** The site of a lab: a room, access points along its middle, switches that they hang on, networks to join. */

import type { Being } from '../world/beings/model.ts';
import { population } from '../world/beings/population.ts';
import { assemble } from '../world/site/assemble.ts';
import { accessSwitch } from '../world/site/equipment.ts';
import { GENERATORS } from '../world/site/generators.ts';
import { rectangle } from '../world/site/geometry.ts';
import type { Floor, PlacedClient, Site, Ssid } from '../world/site/model.ts';
import type { ClientOptions, WorldOptions } from './options.ts';

export interface SiteOptions {
  seed: number;
  aps: number;
  switches: number;
  clients: readonly ClientOptions[];
  ssids?: readonly Ssid[];
}

/** Each access point has a bay of its own behind a concrete wall: who walks to the next one has to roam. */
const SPACING_M = 25;
const DEPTH_M = 12;
/** One of each kind of network. */
export const LAB_SSIDS: readonly Ssid[] = [
  { name: 'corp', vlan: 10, security: 'wpa2-psk', passphrase: 'correct horse battery' },
  { name: 'guest', vlan: 20, security: 'open', passphrase: null },
  { name: 'secure', vlan: 10, security: 'wpa2-enterprise', passphrase: null },
];

function labRoom({ seed, aps, switches, ssids = LAB_SSIDS }: SiteOptions): Site {
  const widthM = SPACING_M * Math.max(1, aps);
  const outline = rectangle(0, 0, widthM, DEPTH_M);
  const floor: Floor = {
    id: 'f0',
    level: 0,
    heightM: 3,
    outline,
    walls: Array.from({ length: Math.max(0, aps - 1) }, (_, i) => ({
      from: { x: SPACING_M * (i + 1), y: 2 },
      to: { x: SPACING_M * (i + 1), y: DEPTH_M },
      material: 'concrete',
    })),
    rooms: [{ id: 'room', kind: 'office', outline, seats: 1 }],
  };
  const places = Array.from({ length: aps }, (_, i) => ({
    floor: floor.id,
    x: SPACING_M * (i + 0.5),
    y: DEPTH_M / 2,
    z: 2.8,
  }));
  const site = assemble({
    name: 'lab',
    kind: 'office',
    seed,
    floors: [floor],
    ssids: ssids.map((ssid) => ({ ...ssid })),
    places: [places],
    loneSwitch: true,
  });
  const vlans = site.networks.map(({ vlan }) => vlan);
  for (let i = 1; i < switches; i++) {
    const more = accessSwitch(seed, floor, i, i, 0, vlans);
    const [first] = site.switches;
    site.switches.push(more);
    site.wires.push({
      id: `trunk-${more.id}`,
      a: { device: first.id, port: first.ports[first.ports.length - i].id },
      b: { device: more.id, port: more.ports[more.ports.length - 1].id },
      redundant: false,
    });
  }
  return site;
}

/** The site that a lab is in: one that is given, a generated one, or the lab's room. */
export function siteOf(options: SiteOptions & { world: WorldOptions }): Site {
  const { seed, clients, world } = options;
  const { site, kind, floors, seats } = world;
  const size = { seed, ...(floors !== undefined && { floors }), ...(seats !== undefined && { seats }) };
  const whole = site ?? (kind === undefined ? labRoom(options) : GENERATORS[kind](size));
  return { ...whole, clients: clients.map((client, i) => placed(client, i, whole)) };
}

function placed({ id, kind = 'phone', x, y, wired }: ClientOptions, index: number, site: Site): PlacedClient {
  const near = site.accessPoints[0]?.at ?? { floor: 'f0', x: 2, y: 2, z: 1 };
  const at = { floor: near.floor, x: x ?? near.x + 2, y: y ?? near.y, z: 1 };
  return { id: id ?? `client-${index}`, kind, at, wired: wired ?? null };
}

/** The lab's own clients, as the world has them: one name, one address for all networks. */
export function labBeings(site: Site, clients: readonly ClientOptions[]): Being[] {
  const known = population({ ...site, seed: site.seed }, { clients: 0 });
  return (site.clients ?? []).map(({ id }, i) => {
    const being = known.find((candidate) => candidate.id === id);
    if (being === undefined) throw new Error(`the site has no ${id}`);
    return {
      ...being,
      hostName: clients[i]?.hostName ?? being.hostName ?? id,
      userName: being.userName ?? `${id}@corp.example`,
      macPolicy: { joined: 'permanent', probing: 'permanent' },
    };
  });
}
