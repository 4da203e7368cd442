/** Where frames go on the wires of a site: the spanning tree, and the way from each device up to its root. */
import { macBytes } from '../frames/octets.ts';
import type { Port, Site, Switch, Wire, WireEnd } from '../site/model.ts';
import type { Passing } from './emission.ts';

const TRUNK_COST = 20_000;

/** The root's way out of the site's wires: to the routers and servers, with all VLANs tagged. */
export const SERVERS_PORT = 'uplink';

export interface Bridge {
  device: Switch;
  mac: Uint8Array;
  /** Cost of the way to the root (IEEE 802.1Q table 13-4: 20,000 for 1 Gb/s a hop). */
  cost: number;
  /** Port that leads there; null for the root. */
  rootPort: string | null;
}

/** Order of bridge identifiers (IEEE 802.1D-2004 9.2.5): priority, then address. */
const precedes = (a: Switch, b: Switch): boolean =>
  a.bridgePriority < b.bridgePriority || (a.bridgePriority === b.bridgePriority && a.mac < b.mac);

export class Topology {
  readonly root: Bridge | null;
  readonly bridges = new Map<string, Bridge>();
  /** The other end of the wire in `device port`. */
  private readonly ends = new Map<string, WireEnd>();
  private readonly ways = new Map<string, readonly Passing[]>();
  private readonly ports = new Map<string, Port>();

  constructor(site: Site) {
    for (const wire of site.wires) {
      this.ends.set(key(wire.a), wire.b);
      this.ends.set(key(wire.b), wire.a);
    }
    for (const device of site.switches) {
      for (const port of device.ports) this.ports.set(key({ device: device.id, port: port.id }), port);
    }
    const [first, ...rest] = site.switches;
    const rootSwitch = first && rest.reduce((best, other) => (precedes(other, best) ? other : best), first);
    this.root = rootSwitch ? this.add(rootSwitch, 0, null) : null;
    if (rootSwitch) this.span(site, rootSwitch);
  }

  /** Breadth first, nearer and better bridges first: what 802.1D converges to when all links are alike. */
  private span(site: Site, root: Switch): void {
    const switches = new Map(site.switches.map((device) => [device.id, device]));
    let level: Switch[] = [root];
    while (level.length > 0) {
      const next: Switch[] = [];
      for (const parent of level.sort((a, b) => (precedes(a, b) ? -1 : 1))) {
        for (const { to, wireEnd } of this.neighbours(site.wires, parent.id)) {
          const child = switches.get(to);
          if (!child || this.bridges.has(to)) continue;
          this.add(child, (this.bridges.get(parent.id)?.cost ?? 0) + TRUNK_COST, wireEnd.port);
          next.push(child);
        }
      }
      level = next;
    }
  }

  private neighbours(wires: readonly Wire[], device: string): { to: string; wireEnd: WireEnd }[] {
    return wires.flatMap(({ a, b }) => {
      if (a.device === device) return [{ to: b.device, wireEnd: b }];
      return b.device === device ? [{ to: a.device, wireEnd: a }] : [];
    });
  }

  private add(device: Switch, cost: number, rootPort: string | null): Bridge {
    const bridge = { device, mac: macBytes(device.mac), cost, rootPort };
    this.bridges.set(device.id, bridge);
    return bridge;
  }

  otherEnd(device: string, port: string): WireEnd | undefined {
    return this.ends.get(key({ device, port }));
  }

  port(device: string, port: string): Port | undefined {
    return this.ports.get(key({ device, port }));
  }

  /**
   * Ports that a frame passes from a switch port, or from an access point's uplink, up to the root, where the
   * servers and gateways are. A frame is tagged unless its VLAN is the port's own.
   */
  wayUp(device: string, port: string, vlan: number): readonly Passing[] {
    const id = `${device} ${port} ${vlan}`;
    const known = this.ways.get(id);
    if (known !== undefined) return known;
    const way: Passing[] = [];
    let at: WireEnd | undefined = { device, port };
    if (!this.bridges.has(device)) {
      const above = this.otherEnd(device, port);
      way.push({ device, port, tagged: this.isTagged(above, vlan), hears: 'both' });
      at = above;
    }
    while (at !== undefined && this.bridges.has(at.device)) {
      way.push({ ...at, tagged: this.isTagged(at, vlan), hears: 'up' });
      const up: string | null = this.bridges.get(at.device)?.rootPort ?? null;
      if (up === null) {
        way.push({ device: at.device, port: SERVERS_PORT, tagged: true, hears: 'down' });
        break;
      }
      const root = { device: at.device, port: up };
      way.push({ ...root, tagged: this.isTagged(root, vlan), hears: 'down' });
      at = this.otherEnd(at.device, up);
    }
    this.ways.set(id, way);
    return way;
  }

  private isTagged(end: WireEnd | undefined, vlan: number): boolean {
    if (end === undefined) return false;
    const port = this.port(end.device, end.port);
    return port !== undefined && port.vlan !== vlan;
  }
}

const key = ({ device, port }: WireEnd): string => `${device} ${port}`;
