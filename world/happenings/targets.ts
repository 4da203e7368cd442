/** What a happening strikes: what was named, or what chance picks from the site. */
import type { Draws } from '../random.ts';
import { boundingBox, contains } from '../site/geometry.ts';
import type { AccessPoint, Network, Place, Site, Switch, WireEnd } from '../site/model.ts';
import { pointInside } from '../site/routes.ts';

export class Targets {
  readonly seed: number;
  private readonly site: Site;
  private readonly draws: Draws;

  constructor(site: Site, draws: Draws) {
    this.site = site;
    this.seed = site.seed;
    this.draws = draws;
  }

  number(): number {
    return this.draws.integer(0, 0xff_ff);
  }

  accessPoint(id: string | undefined): string {
    return id ?? this.draws.pick(this.site.accessPoints).id;
  }

  switch(id: string | undefined): string {
    return id ?? this.draws.pick(this.site.switches).id;
  }

  poeSwitch(id: string | undefined): string {
    const powering = this.site.switches.filter((item) => item.poeBudgetWatts > 0);
    return id ?? this.draws.pick(powering.length > 0 ? powering : this.site.switches).id;
  }

  vlans(): number[] {
    return this.site.networks.map((network) => network.vlan);
  }

  network(vlan: number | undefined): Network {
    return this.site.networks.find((network) => network.vlan === vlan) ?? this.site.networks[0];
  }

  someSsid(): string {
    return this.draws.pick(this.site.ssids).name;
  }

  cells(id: string): { bssids: string[]; at: Place } {
    const { radios, at }: AccessPoint =
      this.site.accessPoints.find((ap) => ap.id === id) ?? this.site.accessPoints[0];
    return { bssids: radios.flatMap((radio) => radio.bssids), at };
  }

  /** On a floor, within its outline. */
  somewhere(): Place {
    const floor = this.draws.pick(this.site.floors);
    const box = boundingBox(floor.outline);
    for (let i = 0; i < 20; i++) {
      const x = Math.round(this.draws.between(box.west, box.east) * 10) / 10;
      const y = Math.round(this.draws.between(box.south, box.north) * 10) / 10;
      if (contains(floor.outline, { x, y })) return { floor: floor.id, x, y, z: 1 };
    }
    return { floor: floor.id, ...pointInside(floor.outline), z: 1 };
  }

  /** The access point that is next to a place. */
  nearest(at: Place): string[] {
    const far = (ap: AccessPoint) => (ap.at.x - at.x) ** 2 + (ap.at.y - at.y) ** 2;
    const near = this.site.accessPoints
      .filter((ap) => ap.at.floor === at.floor)
      .reduce<AccessPoint | null>((best, ap) => (!best || far(ap) < far(best) ? ap : best), null);
    return near ? [near.id] : [];
  }

  /** A port with something in it. */
  wiredPort(write: { switch?: string; port?: string }): WireEnd {
    const ends = this.site.wires
      .flatMap((wire) => [wire.a, wire.b])
      .filter((end) => this.switchOf(end.device) && (write.switch ?? end.device) === end.device);
    const { device, port } = this.draws.pick(ends.length > 0 ? ends : [this.anyPort(write.switch)]);
    return { device, port: write.port ?? port };
  }

  private anyPort(id: string | undefined): WireEnd {
    const item = this.switchOf(id ?? '') ?? this.site.switches[0];
    return { device: item.id, port: item.ports[0].id };
  }

  private switchOf(id: string): Switch | undefined {
    return this.site.switches.find((item) => item.id === id);
  }

  /** A port, and what is on the other end of its wire. */
  around(end: WireEnd): string[] {
    const wire = this.site.wires.find(({ a, b }) => same(a, end) || same(b, end));
    const other = wire && (same(wire.a, end) ? wire.b : wire.a);
    return [`${end.device} ${end.port}`, ...(other ? [other.device] : [])];
  }

  private wiresOf(id: string): { own: WireEnd; other: WireEnd }[] {
    return this.site.wires.flatMap(({ a, b }) => {
      if (a.device === id) return [{ own: a, other: b }];
      return b.device === id ? [{ own: b, other: a }] : [];
    });
  }

  /** Access points that get their power from a switch. */
  poweredBy(id: string): string[] {
    const points = new Set(this.site.accessPoints.map((ap) => ap.id));
    return this.wiresOf(id)
      .map(({ other }) => other.device)
      .filter((device) => points.has(device));
  }

  /** Ports of a switch that give power, but those to other switches. */
  poeDevicePorts(id: string): string[] {
    const trunks = new Set(
      this.wiresOf(id)
        .filter(({ other }) => this.switchOf(other.device))
        .map(({ own }) => own.port),
    );
    const ports = this.switchOf(id)?.ports ?? [];
    return ports.filter((port) => port.poeWatts > 0 && !trunks.has(port.id)).map((port) => port.id);
  }

  /** Two ports that nothing is in, or the last two. */
  twoFreePorts(id: string | undefined): { device: string; ports: [string, string] } {
    const item = this.switchOf(this.switch(id)) ?? this.site.switches[0];
    const used = new Set(this.wiresOf(item.id).map(({ own }) => own.port));
    const free = item.ports.filter((port) => !used.has(port.id));
    const [first, second] = free.length >= 2 ? free : item.ports.slice(-2);
    return { device: item.id, ports: [first.id, (second ?? first).id] };
  }
}

const same = (a: WireEnd, b: WireEnd): boolean => a.device === b.device && a.port === b.port;
