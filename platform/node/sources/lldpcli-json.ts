/**
 * What `lldpcli -f json0` and `-f json` print. Versions differ in what is a list, what is `{ value }` and what is
 * plain text, and in whether an interface is named by a key or by a field: all are taken.
 */
import type { NeighbourFinding } from '../../ports/finding.ts';

/** IEEE 802.1AB tables 8-2 and 8-3, as lldpd names them. */
const CHASSIS: Readonly<Record<string, number>> = { mac: 4, ip: 5, ifname: 6, local: 7, ifalias: 2 };
const PORT: Readonly<Record<string, number>> = { ifalias: 1, mac: 3, ip: 4, ifname: 5, local: 7 };
/** IEEE 802.1AB 8.5.8. */
const CAPABILITIES: readonly string[] = [
  'Other',
  'Repeater',
  'Bridge',
  'Wlan',
  'Router',
  'Tel',
  'Docsis',
  'Station',
];

type Json = unknown;
type Node = Readonly<Record<string, Json>>;

const isNode = (value: Json): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (value: Json): Json[] => (value === undefined || value === null ? [] : [value].flat(1));
const nodes = (value: Json): Node[] => list(value).filter(isNode);

function text(value: Json): string | undefined {
  const [one] = list(value);
  if (typeof one === 'string') return one;
  if (typeof one === 'number') return String(one);
  return isNode(one) ? text(one.value) : undefined;
}

/** Interfaces by their names, whichever way they are named. */
function* interfaces(root: Json): Generator<[string, Node]> {
  for (const top of nodes(isNode(root) ? root.lldp : root)) {
    for (const entry of nodes(top.interface)) {
      const name = text(entry.name);
      if (name !== undefined) yield [name, entry];
      else for (const [key, of] of Object.entries(entry)) for (const one of nodes(of)) yield [key, one];
    }
  }
}

/** A chassis is a node of its own, or stands behind the name of its system. */
function chassisOf(entry: Node): { name?: string; of: Node } | null {
  const [chassis] = nodes(entry.chassis);
  if (chassis === undefined) return null;
  if ('id' in chassis) return { of: chassis, name: text(chassis.name) };
  const [found] = Object.entries(chassis).filter(([, value]) => isNode(value));
  return found && isNode(found[1]) ? { name: found[0], of: found[1] } : null;
}

const typed = (value: Json): { type: string; value: string } | null => {
  const [one] = nodes(value);
  const said = one && text(one.value);
  return said === undefined || one === undefined ? null : { type: text(one.type) ?? '', value: said };
};

const isYes = (value: Json): boolean => value === true || value === 'on' || value === 'yes';

function bits(of: Node, enabledOnly: boolean): number | undefined {
  const said = nodes(of.capability);
  if (said.length === 0) return undefined;
  let mask = 0;
  for (const capability of said) {
    const bit = CAPABILITIES.indexOf(text(capability.type) ?? '');
    if (bit >= 0 && (!enabledOnly || isYes(capability.enabled))) mask |= 1 << bit;
  }
  return mask;
}

/** Neighbours; null where it is not such an answer at all. */
export function readNeighbours(json: string, timeMs: number): NeighbourFinding[] | null {
  let root: Json;
  try {
    root = JSON.parse(json);
  } catch {
    return null;
  }
  if (!isNode(root) || !('lldp' in root)) return null;
  const found: NeighbourFinding[] = [];
  for (const [port, entry] of interfaces(root)) {
    // lldpd reads CDP, EDP and others, too; this stream is LLDP's.
    const via = text(entry.via);
    const chassis = chassisOf(entry);
    const [portNode] = nodes(entry.port);
    if ((via !== undefined && via !== 'LLDP') || chassis === null || portNode === undefined) continue;
    const chassisId = typed(chassis.of.id);
    const portId = typed(portNode.id);
    if (chassisId === null || portId === null) continue;
    const addresses = list(chassis.of['mgmt-ip']).map(text);
    const vlans = nodes(entry.vlan).filter((vlan) => isYes(vlan.pvid));
    found.push({
      kind: 'neighbour',
      port,
      chassisIdSubtype: CHASSIS[chassisId.type] ?? 0,
      chassisId: chassisId.value,
      portIdSubtype: PORT[portId.type] ?? 0,
      portId: portId.value,
      ttlS: Number(text(portNode.ttl) ?? text(entry.ttl) ?? 120),
      portDescription: text(portNode.descr),
      systemName: chassis.name,
      systemDescription: text(chassis.of.descr),
      capabilities: bits(chassis.of, false),
      enabledCapabilities: bits(chassis.of, true),
      managementAddresses: addresses.filter(
        (address) => address !== undefined && address.length <= 45,
      ) as string[],
      portVlan: vlans.length > 0 ? Number(text(vlans[0]['vlan-id'])) || undefined : undefined,
      timeMs,
    });
  }
  return found;
}
