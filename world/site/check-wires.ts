/** What can be wrong with a site's wires, and with the power that they carry. */
import { AP_WATTS } from './equipment.ts';
import type { Site, WireEnd } from './model.ts';
import type { Add } from './problem.ts';

const SHOWN = 6;
const some = (names: Iterable<string>): string => {
  const all = [...names];
  const rest = all.length > SHOWN ? ` and ${all.length - SHOWN} more` : '';
  return all.length === 0 ? 'there are none' : `there are ${all.slice(0, SHOWN).join(', ')}${rest}`;
};

/** Ends exist, are used once, and the wires between switches make no ring that spanning tree was not asked for. */
export function checkWires(site: Site, add: Add): void {
  const used = new Map<string, string>();
  const devices = new Map<string, ReadonlySet<string>>([
    ...site.switches.map((s) => [s.id, new Set(s.ports.map((port) => port.id))] as const),
    ...site.accessPoints.map((ap) => [ap.id, new Set(['uplink'])] as const),
  ]);
  const checkEnd = ({ device, port }: WireEnd, path: string) => {
    const ports = devices.get(device);
    if (!ports) add(path, `no device ${device}; ${some(devices.keys())}`);
    else if (!ports.has(port)) add(path, `${device} has no port ${port}; ${some(ports)}`);
    const before = used.get(`${device} ${port}`);
    if (before) add(path, `${device} ${port} is used by ${before} already; choose another port`);
    else used.set(`${device} ${port}`, path);
  };
  const above = new Map<string, string>();
  const top = (id: string): string => {
    let at = id;
    for (let up = above.get(at); up !== undefined && up !== at; up = above.get(at)) at = up;
    return at;
  };
  site.wires.forEach((wire, i) => {
    checkEnd(wire.a, `wires[${i}].a`);
    checkEnd(wire.b, `wires[${i}].b`);
    const [a, b] = [top(wire.a.device), top(wire.b.device)];
    if (a === b && !wire.redundant)
      add(`wires[${i}]`, 'closes a ring with the wires before it; remove it, or write redundant: true');
    above.set(a, b);
  });
  site.clients?.forEach((client, i) => {
    if (client.wired !== null) checkEnd(client.wired, `clients[${i}].wired`);
  });
}

/** Power over Ethernet: what the access points of a switch draw, against its ports and its budget. */
export function checkPower(site: Site, add: Add): void {
  const accessPoints = new Set(site.accessPoints.map(({ id }) => id));
  const fed = new Set(
    site.wires.flatMap(({ a, b }) => {
      if (accessPoints.has(b.device)) return [`${a.device} ${a.port}`];
      return accessPoints.has(a.device) ? [`${b.device} ${b.port}`] : [];
    }),
  );
  site.switches.forEach((item, i) => {
    let count = 0;
    item.ports.forEach(({ id, poeWatts }, p) => {
      // A port without PoE: the access point has a power supply of its own.
      if (poeWatts === 0 || !fed.has(`${item.id} ${id}`)) return;
      count++;
      if (poeWatts < AP_WATTS)
        add(
          `switches[${i}].ports[${p}].poeWatts`,
          `${poeWatts} W do not feed the access point there; write at least ${AP_WATTS}, or 0 where it has power of its own`,
        );
    });
    const drawn = count * AP_WATTS;
    if (drawn > item.poeBudgetWatts)
      add(
        `switches[${i}].poeBudgetWatts`,
        `${count} access points draw ${drawn} W, the budget is ${item.poeBudgetWatts}; write at least ${drawn}, or move some to another switch`,
      );
  });
}
