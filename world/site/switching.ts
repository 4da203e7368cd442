/**
 * What the wires make of the switches: bridges, the spanning tree that rapid spanning tree settles on (IEEE
 * 802.1D-2004 clause 17), and, following from it, neighbours, ways and address tables. Switches of one stack are
 * one bridge.
 */
import type { Port, Site, Switch, WireEnd } from './model.ts';

export interface Bridge {
  /** Name of the stack, or id of the switch. */
  id: string;
  members: Switch[];
  priority: number;
  mac: string;
  /** Of the way to the root; 0 for the root. Infinity where no wire leads. */
  costToRoot: number;
  /** Port that leads there; null for the root. */
  rootPort: WireEnd | null;
}

/** `edge`: no switch at the other end. `stack`: inside a bridge. */
export type PortRole = 'root' | 'designated' | 'alternate' | 'backup' | 'edge' | 'stack' | 'unused';

export interface Station {
  mac: string;
  vlan: number;
  /** The switch port, or the access point's `uplink`, that its frames come through. */
  at: WireEnd;
}

interface Link {
  a: WireEnd;
  b: WireEnd;
}

/** Table 17-3: 20,000 for 1 Gb/s, in inverse proportion. */
const pathCost = (port: Port): number => Math.max(1, Math.round(20_000_000 / port.speedMbps));

/** Ports that join a stack carry no spanning tree and no LLDP. */
export const isStackPort = (port: string): boolean => port.startsWith('vcp-');

const keyOf = ({ device, port }: WireEnd): string => `${device} ${port}`;

/** The first of two lists of numbers and texts that differ decides. */
function compare(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return 0;
}

export class Switching {
  readonly bridges: readonly Bridge[];
  readonly root: Bridge | null;
  private readonly bySwitch = new Map<string, Bridge>();
  private readonly ports = new Map<string, { port: Port; number: number }>();
  private readonly ends = new Map<string, WireEnd>();
  private readonly roles = new Map<string, PortRole>();
  /** Forwarding links between bridges, by bridge. */
  private readonly tree = new Map<Bridge, { own: WireEnd; other: WireEnd; to: Bridge }[]>();

  constructor(site: Site) {
    const stacks = new Map<string, Switch[]>();
    for (const item of site.switches) {
      const id = item.stack ?? item.id;
      stacks.set(id, [...(stacks.get(id) ?? []), item]);
    }
    this.bridges = [...stacks].map(([id, members]) => this.bridge(id, members));
    for (const { a, b } of site.wires) {
      this.ends.set(keyOf(a), b);
      this.ends.set(keyOf(b), a);
    }
    const links = site.wires.filter(
      ({ a, b }) => this.bySwitch.has(a.device) && this.bySwitch.has(b.device) && !isStackPort(a.port),
    );
    this.root = this.bridges.reduce<Bridge | null>(
      (best, bridge) => (best && compare(this.identity(best), this.identity(bridge)) < 0 ? best : bridge),
      null,
    );
    if (this.root) this.settle(this.root, links);
  }

  private bridge(id: string, members: Switch[]): Bridge {
    const first = members.reduce((best, item) => (item.mac < best.mac ? item : best));
    const priority = Math.min(...members.map((item) => item.bridgePriority));
    const bridge: Bridge = { id, members, priority, mac: first.mac, costToRoot: Infinity, rootPort: null };
    let number = 0;
    for (const item of members) {
      this.bySwitch.set(item.id, bridge);
      for (const port of item.ports) {
        this.ports.set(keyOf({ device: item.id, port: port.id }), { port, number: ++number });
      }
    }
    return bridge;
  }

  private identity = (bridge: Bridge): (number | string)[] => [bridge.priority, bridge.mac];

  private number(end: WireEnd): number {
    return this.ports.get(keyOf(end))?.number ?? 0;
  }

  private cost(end: WireEnd): number {
    const known = this.ports.get(keyOf(end));
    return known ? pathCost(known.port) : Infinity;
  }

  private settle(root: Bridge, links: readonly Link[]): void {
    root.costToRoot = 0;
    // Bellman–Ford: a site has few bridges, and every round makes at least one final.
    for (let round = 0; round < this.bridges.length; round++) {
      for (const { a, b } of links) {
        this.relax(a, b);
        this.relax(b, a);
      }
    }
    for (const bridge of this.bridges) {
      if (bridge !== root) bridge.rootPort = this.bestPort(bridge, links);
      this.tree.set(bridge, []);
    }
    for (const link of links) this.assign(link);
  }

  private relax(from: WireEnd, to: WireEnd): void {
    const [near, far] = [this.bySwitch.get(from.device)!, this.bySwitch.get(to.device)!];
    far.costToRoot = Math.min(far.costToRoot, near.costToRoot + this.cost(to));
  }

  /** 17.6: least cost, then the better neighbour, then its port, then the own port. */
  private bestPort(bridge: Bridge, links: readonly Link[]): WireEnd | null {
    let best: { port: WireEnd; vector: (number | string)[] } | null = null;
    for (const { a, b } of links) {
      for (const [own, other] of [
        [a, b],
        [b, a],
      ]) {
        const neighbour = this.bySwitch.get(other.device)!;
        if (this.bySwitch.get(own.device) !== bridge || neighbour === bridge) continue;
        const cost = neighbour.costToRoot + this.cost(own);
        const vector = [cost, ...this.identity(neighbour), this.number(other), this.number(own)];
        if (Number.isFinite(cost) && (!best || compare(vector, best.vector) < 0))
          best = { port: own, vector };
      }
    }
    return best?.port ?? null;
  }

  private assign({ a, b }: Link): void {
    const rank = (end: WireEnd) => {
      const bridge = this.bySwitch.get(end.device)!;
      return [bridge.costToRoot, ...this.identity(bridge), this.number(end)];
    };
    const [better, worse] = compare(rank(a), rank(b)) < 0 ? [a, b] : [b, a];
    const [upper, lower] = [this.bySwitch.get(better.device)!, this.bySwitch.get(worse.device)!];
    this.roles.set(keyOf(better), 'designated');
    if (upper === lower) {
      this.roles.set(keyOf(worse), 'backup');
    } else if (lower.rootPort && keyOf(lower.rootPort) === keyOf(worse)) {
      this.roles.set(keyOf(worse), 'root');
      this.tree.get(upper)!.push({ own: better, other: worse, to: lower });
      this.tree.get(lower)!.push({ own: worse, other: better, to: upper });
    } else {
      this.roles.set(keyOf(worse), 'alternate');
    }
  }

  bridgeOf(device: string): Bridge | null {
    return this.bySwitch.get(device) ?? null;
  }

  portRole(end: WireEnd): PortRole {
    if (!this.ends.has(keyOf(end))) return 'unused';
    if (isStackPort(end.port)) return 'stack';
    return this.roles.get(keyOf(end)) ?? 'edge';
  }

  forwards(end: WireEnd): boolean {
    const role = this.portRole(end);
    return role !== 'alternate' && role !== 'backup' && role !== 'unused';
  }

  /** Who is heard by LLDP at a port: what is at the other end of its wire, also where spanning tree blocks it. */
  neighbourOf(end: WireEnd): WireEnd | null {
    return isStackPort(end.port) ? null : (this.ends.get(keyOf(end)) ?? null);
  }

  /** Whether frames of a VLAN may pass a port. */
  carries(end: WireEnd, vlan: number): boolean {
    const port = this.ports.get(keyOf(end))?.port;
    return port !== undefined && (port.vlan === vlan || port.tagged.includes(vlan));
  }

  /** The switch port that a device's frames come in by: itself, or where its wire ends. */
  private edge(end: WireEnd): WireEnd | null {
    if (this.bySwitch.has(end.device)) return end;
    const other = this.ends.get(keyOf(end));
    return other && this.bySwitch.has(other.device) ? other : null;
  }

  /**
   * Ports that a frame passes from one switch port or access point to another, in and out of each bridge in
   * turn; null where no way carries the VLAN.
   */
  path(from: WireEnd, to: WireEnd, vlan: number): WireEnd[] | null {
    const [start, end] = [this.edge(from), this.edge(to)];
    if (!start || !end) return null;
    const goal = this.bySwitch.get(end.device)!;
    const seen = new Set<Bridge>();
    const search = (bridge: Bridge, inward: WireEnd): WireEnd[] | null => {
      if (bridge === goal) return [inward, end];
      seen.add(bridge);
      for (const { own, other, to: next } of this.tree.get(bridge) ?? []) {
        if (seen.has(next) || !this.carries(own, vlan) || !this.carries(other, vlan)) continue;
        const rest = search(next, other);
        if (rest) return [inward, own, ...rest];
      }
      return null;
    };
    return this.carries(start, vlan) && this.carries(end, vlan)
      ? search(this.bySwitch.get(start.device)!, start)
      : null;
  }

  /** The address table of a bridge once everybody has been heard: VLAN and MAC to the port towards them. */
  macTable(bridge: Bridge, stations: readonly Station[]): Map<string, WireEnd> {
    const table = new Map<string, WireEnd>();
    for (const { mac, vlan, at } of stations) {
      const start = this.edge(at);
      const towards = start && this.towards(bridge, start, vlan);
      if (towards) table.set(`${vlan} ${mac}`, towards);
    }
    return table;
  }

  private towards(bridge: Bridge, end: WireEnd, vlan: number): WireEnd | null {
    if (!this.carries(end, vlan)) return null;
    if (this.bySwitch.get(end.device) === bridge) return end;
    for (const { own, to } of this.tree.get(bridge) ?? []) {
      if (this.carries(own, vlan) && this.reaches(to, bridge, end, vlan)) return own;
    }
    return null;
  }

  private reaches(bridge: Bridge, from: Bridge, end: WireEnd, vlan: number): boolean {
    if (this.bySwitch.get(end.device) === bridge) return true;
    return (this.tree.get(bridge) ?? []).some(
      ({ own, other, to }) =>
        to !== from &&
        this.carries(own, vlan) &&
        this.carries(other, vlan) &&
        this.reaches(to, bridge, end, vlan),
    );
  }
}
