/** What `ip -j -s -d link` and `bridge -j fdb|vlan` print (iproute2); every field may be absent. */
import type { HostFinding, PortFinding } from '../../ports/finding.ts';

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const count = (value: unknown): number => (typeof value === 'number' && value >= 0 ? value : 0);
const node = (value: unknown): Node => (isNode(value) && !Array.isArray(value) ? value : {});

/** The lines of an answer; null where it is no list. */
export function readLines(json: string): Node[] | null {
  try {
    // Nothing at all is how iproute2 says: none.
    const parsed: unknown = JSON.parse(json.trim() || '[]');
    return Array.isArray(parsed) ? parsed.filter(isNode) : null;
  } catch {
    return null;
  }
}

const STP_STATES: readonly PortFinding['stp'][] = [
  'disabled',
  'listening',
  'learning',
  'forwarding',
  'blocking',
];

/** Ports of the bridge, with the counters of the kernel. */
export function readPorts(links: readonly Node[], bridge: string): PortFinding[] {
  return links
    .filter((link) => link.master === bridge && text(link.ifname) !== undefined)
    .map((link) => {
      const { rx, tx } = node(link.stats64 ?? link.stats);
      const [received, sent] = [node(rx), node(tx)];
      const info = node(node(link.linkinfo).info_slave_data);
      const stp = text(info.state);
      return {
        kind: 'port',
        port: text(link.ifname) ?? '',
        mac: text(link.address),
        up: link.operstate === 'UP',
        mtu: count(link.mtu) || undefined,
        rxBytes: count(received.bytes),
        txBytes: count(sent.bytes),
        rxPackets: count(received.packets),
        txPackets: count(sent.packets),
        rxErrors: count(received.errors),
        txErrors: count(sent.errors),
        rxDropped: count(received.dropped),
        txDropped: count(sent.dropped),
        stp: STP_STATES.find((state) => state === stp),
      };
    });
}

/** Learned hosts, each on its port: what is the bridge's own, or was entered by hand for a group, is none. */
export function readHosts(fdb: readonly Node[], bridge: string, timeMs: number): HostFinding[] {
  const hosts: HostFinding[] = [];
  for (const line of fdb) {
    const [mac, port, master] = [text(line.mac), text(line.ifname), text(line.master)];
    const isOwn = line.state === 'permanent' || (Array.isArray(line.flags) && line.flags.includes('self'));
    if (mac === undefined || port === undefined || port === bridge || isOwn) continue;
    if (master !== undefined && master !== bridge) continue;
    if ((Number.parseInt(mac.slice(0, 2), 16) & 1) !== 0) continue;
    hosts.push({ kind: 'host', mac, port, vlan: count(line.vlan) || undefined, timeMs });
  }
  return hosts;
}

/** VLANs of each port; lines may be ranges. */
export function readVlans(lines: readonly Node[]): Map<string, { vlans: number[]; nativeVlan?: number }> {
  const ports = new Map<string, { vlans: number[]; nativeVlan?: number }>();
  for (const line of lines) {
    const port = text(line.ifname);
    if (port === undefined || !Array.isArray(line.vlans)) continue;
    const of: { vlans: number[]; nativeVlan?: number } = { vlans: [] };
    for (const entry of line.vlans.filter(isNode)) {
      const from = count(entry.vlan);
      const to = count(entry.vlanEnd) || from;
      for (let vlan = from; vlan >= 1 && vlan <= Math.min(to, 4094); vlan++) of.vlans.push(vlan);
      if (Array.isArray(entry.flags) && entry.flags.includes('PVID')) of.nativeVlan = from;
    }
    ports.set(port, of);
  }
  return ports;
}

/** `ethtool --show-pse`: power that the port gives; undefined where it gives none at all. */
export function readPse(said: string): PortFinding['poe'] {
  const state = /Admin State: *(\w+)/i.exec(said)?.[1];
  if (state === undefined) return undefined;
  const delivering = /Power Detection Status: *delivering power/i.test(said);
  const powerClass = /Power Class: *(\d)/i.exec(said)?.[1];
  const milliwatts = /Actual Power: *(\d+)/i.exec(said)?.[1];
  return {
    enabled: state === 'enabled',
    delivering,
    ...(powerClass !== undefined && { class: Number(powerClass) }),
    ...(milliwatts !== undefined && { milliwatts: Number(milliwatts) }),
  };
}
