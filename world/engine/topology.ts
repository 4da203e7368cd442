/** Where frames go on the wires of a site, by what spanning tree makes of them (world/site/switching.ts). */
import { macBytes } from '../frames/octets.ts';
import type { Port, Site, Switch, WireEnd } from '../site/model.ts';
import { type Bridge, type PortRole, Switching } from '../site/switching.ts';
import type { Passing } from './emission.ts';

/** The root's way out of the site's wires: to the routers and servers, with all VLANs tagged. */
export const SERVERS_PORT = 'uplink';

export interface Way {
  /** Ports that a frame passes, in order. */
  passings: readonly Passing[];
  /** Whether it ends at the servers: no blocked port, missing wire or VLAN that a trunk does not carry. */
  isWhole: boolean;
  /** Ports of other bridges that take a frame in that goes to everybody. */
  flooded: readonly Passing[];
}

/** What a hello of a port says (IEEE 802.1D-2004 9.3.3). */
export interface HelloPort {
  port: Port;
  /** From 1, all members of a stack counted on. */
  number: number;
}

export class Topology {
  private readonly switching: Switching;
  private readonly ways = new Map<string, Way>();
  private readonly floods = new Map<number, readonly { bridge: Bridge; passing: Passing }[]>();
  private readonly ports = new Map<string, Port>();

  /** `down`: switches by their ids, and ports as `switch port`. */
  constructor(site: Site, down: ReadonlySet<string> = new Set()) {
    const isUp = (end: WireEnd) => !down.has(end.device) && !down.has(key(end));
    const wires = site.wires.filter(({ a, b }) => isUp(a) && isUp(b));
    const switches = site.switches.filter(({ id }) => !down.has(id));
    this.switching = new Switching({ ...site, switches, wires });
    for (const device of site.switches) {
      for (const port of device.ports) this.ports.set(key({ device: device.id, port: port.id }), port);
    }
  }

  get root(): Bridge | null {
    return this.switching.root;
  }

  bridgeOf(device: string): Bridge | null {
    return this.switching.bridgeOf(device);
  }

  macOf(bridge: Bridge): Uint8Array {
    return macBytes(bridge.mac);
  }

  role(device: string, port: string): PortRole {
    return this.switching.portRole({ device, port });
  }

  /** Its ports, by the numbers that its BPDUs have. */
  helloPorts({ id }: Switch): HelloPort[] {
    const before: Switch[] = [];
    for (const member of this.bridgeOf(id)?.members ?? []) {
      if (member.id === id) {
        const offset = before.reduce((sum, other) => sum + other.ports.length, 0);
        return member.ports.map((port, i) => ({ port, number: offset + i + 1 }));
      }
      before.push(member);
    }
    return [];
  }

  /** Bridges that the root's word has passed: each adds a second to its age (17.21.7). */
  hopsToRoot(bridge: Bridge): number {
    const { rootPort } = bridge;
    const above = rootPort && this.otherEnd(rootPort.device, rootPort.port);
    const next = above ? this.bridgeOf(above.device) : null;
    return next === null ? 0 : 1 + this.hopsToRoot(next);
  }

  /** The other end of a wire; none where there is no wire, nor inside a stack. */
  otherEnd(device: string, port: string): WireEnd | undefined {
    return this.switching.neighbourOf({ device, port }) ?? undefined;
  }

  port(device: string, port: string): Port | undefined {
    return this.ports.get(key({ device, port }));
  }

  /**
   * The way from a switch port, or from an access point's uplink, up to the root, where the servers and gateways
   * are. A frame is tagged unless its VLAN is the port's own.
   */
  wayUp(device: string, port: string, vlan: number): Way {
    const id = `${device} ${port} ${vlan}`;
    const known = this.ways.get(id);
    if (known !== undefined) return known;
    const way = this.find({ device, port }, vlan);
    this.ways.set(id, way);
    return way;
  }

  private find(from: WireEnd, vlan: number): Way {
    const { switching } = this;
    const passings: Passing[] = [];
    const passed = new Set<Bridge>();
    let at: WireEnd | undefined = from;
    if (switching.bridgeOf(from.device) === null) {
      at = this.otherEnd(from.device, from.port);
      passings.push({ ...from, tagged: this.isTagged(at, vlan), hears: 'both' });
    }
    let isWhole = false;
    while (at !== undefined) {
      const bridge = switching.bridgeOf(at.device);
      if (bridge === null) break;
      passed.add(bridge);
      passings.push({ ...at, tagged: this.isTagged(at, vlan), hears: 'up' });
      if (bridge === switching.root) {
        passings.push({ device: bridge.members[0].id, port: SERVERS_PORT, tagged: true, hears: 'down' });
        isWhole = true;
        break;
      }
      const up: WireEnd | null = bridge.rootPort;
      const next = up === null ? undefined : this.otherEnd(up.device, up.port);
      if (up === null || next === undefined) break;
      if (!switching.carries(up, vlan) || !switching.carries(next, vlan)) break;
      passings.push({ ...up, tagged: this.isTagged(up, vlan), hears: 'down' });
      at = next;
    }
    const flooded = isWhole
      ? this.floodOf(vlan).flatMap(({ bridge, passing }) => (passed.has(bridge) ? [] : [passing]))
      : [];
    return { passings, isWhole, flooded };
  }

  /** Root ports of all bridges that the VLAN leads to from the root: a group frame comes in there. */
  private floodOf(vlan: number): readonly { bridge: Bridge; passing: Passing }[] {
    const known = this.floods.get(vlan);
    if (known !== undefined) return known;
    const { switching } = this;
    const reached = new Set<Bridge>();
    const leads = (bridge: Bridge): boolean => {
      if (bridge === switching.root || reached.has(bridge)) return true;
      const up = bridge.rootPort;
      const next = up === null ? undefined : this.otherEnd(up.device, up.port);
      if (up === null || next === undefined) return false;
      if (!switching.carries(up, vlan) || !switching.carries(next, vlan)) return false;
      const above = switching.bridgeOf(next.device);
      if (above === null || !leads(above)) return false;
      reached.add(bridge);
      return true;
    };
    const flood = switching.bridges.flatMap((bridge) => {
      const { rootPort } = bridge;
      if (rootPort === null || !leads(bridge)) return [];
      const tagged = this.isTagged(rootPort, vlan);
      return [{ bridge, passing: { ...rootPort, tagged, hears: 'both' as const } }];
    });
    this.floods.set(vlan, flood);
    return flood;
  }

  private isTagged(end: WireEnd | undefined, vlan: number): boolean {
    if (end === undefined) return false;
    const port = this.port(end.device, end.port);
    return port !== undefined && port.vlan !== vlan;
  }
}

const key = ({ device, port }: WireEnd): string => `${device} ${port}`;
