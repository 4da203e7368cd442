/** What access points and switches send by themselves: beacons, LLDP and spanning tree. */
import { DESIGNATED_FORWARDING, rapidBpdu } from '../frames/bridge-protocol.ts';
import { BEACON_INTERVAL_TU, beacon } from '../frames/ieee80211-management.ts';
import { LldpCapability, lldp } from '../frames/lldp.ts';
import { macBytes } from '../frames/octets.ts';
import type { Conditions } from '../happenings/conditions.ts';
import { hash, subSeed } from '../random.ts';
import type { AccessPoint, Port, Switch } from '../site/model.ts';
import { S } from './chance.ts';
import { type Script, tick, type WireEmission } from './emission.ts';
import type { Cell, SiteNetwork } from './network.ts';

const LLDP_S = 30;
const LLDP_HOLD = 4;
const HELLO_S = 2;
const GIGABIT_MAU = 30;
const LONGEST_FRAME = 1522;
/** Power that an access point asks for, watts. */
const AP_WATTS = 19.5;

/** A phase of its own for each device: not all speak in one instant. */
const phaseUs = (network: SiteNetwork, purpose: string, index: number, periodUs: number): number =>
  hash(subSeed(network.site.seed, purpose), index) % periodUs;

/** From `fromUs` for ever, every `periodUs`. */
function* every(fromUs: number, periodUs: number, phase: number): Generator<number> {
  for (let timeUs = Math.ceil((fromUs - phase) / periodUs) * periodUs + phase; ; timeUs += periodUs)
    yield timeUs;
}

/**
 * Beacons of one radio's networks. Every one, each 102.4 ms, or one in `oneIn`: the timestamps and the interval
 * that they state stay right.
 */
export function* beacons(
  network: SiteNetwork,
  cells: readonly Cell[],
  fromUs: number,
  oneIn: number,
): Script<void> {
  const [{ index, radio }] = cells;
  const intervalUs = BEACON_INTERVAL_TU * 1024;
  const phase = phaseUs(network, `beacon ${radio.band}`, index, intervalUs);
  for (const timeUs of every(fromUs, intervalUs * oneIn, phase)) {
    const channel = network.channelAt(index, radio, network.conditionsAt(timeUs / 1000));
    if (channel === null) {
      yield tick(timeUs);
      continue;
    }
    for (const [n, { bss, transmitter }] of cells.entries()) {
      const atUs = timeUs + n * 1500;
      const count = Math.round((timeUs - phase) / intervalUs);
      yield {
        medium: 'air',
        timeUs: atUs,
        from: transmitter,
        accessPoint: index,
        band: radio.band,
        channel,
        frame: beacon(channel === bss.channel ? bss : { ...bss, channel }, tsfUs(atUs), count),
        numbered: false,
      };
    }
  }
}

/** The timer of an access point: microseconds since it was started, which was at midnight. */
export const tsfUs = (timeUs: number): number => timeUs % 86_400_000_000;

/** Straight to the port at the other end, no further (LLDP and BPDUs are not forwarded). */
function toNeighbour(
  network: SiteNetwork,
  device: string,
  port: string,
  timeUs: number,
  frame: Uint8Array,
): WireEmission | null {
  const conditions = network.conditionsAt(timeUs / 1000);
  const end = network.topology.otherEnd(device, port) ?? loopedEnd(conditions, device, port);
  if (end === undefined) return null;
  const way = [{ ...end, tagged: false, hears: 'both' as const }];
  if (network.isCut([{ device, port }, end], conditions)) return null;
  return { medium: 'wire', timeUs, way, direction: 'up', vlan: 0, frame };
}

/** The other port of the same switch, where a cable joins the two. */
function loopedEnd({ loops }: Conditions, device: string, port: string) {
  for (const { switch: looped, ports } of loops) {
    const at = looped === device ? ports.indexOf(port) : -1;
    if (at >= 0) return { device, port: ports[1 - at] };
  }
  return undefined;
}

export function* accessPointLldp(
  network: SiteNetwork,
  ap: AccessPoint,
  index: number,
  fromUs: number,
): Script<void> {
  for (const timeUs of every(fromUs, LLDP_S * S, phaseUs(network, 'lldp ap', index, LLDP_S * S))) {
    if (network.conditionsAt(timeUs / 1000).accessPointsDown.includes(ap.id)) {
      yield tick(timeUs);
      continue;
    }
    const frame = lldp({
      portMac: macBytes(ap.mac),
      chassisMac: macBytes(ap.mac),
      portName: 'eth0',
      portDescription: 'uplink',
      systemName: ap.name,
      systemDescription: `${ap.model} access point`,
      capabilities: LldpCapability.bridge | LldpCapability.accessPoint,
      managementIpv4: null,
      ttlS: LLDP_S * LLDP_HOLD,
      portVlan: null,
      mauType: GIGABIT_MAU,
      maxFrame: LONGEST_FRAME,
      power: { watts: AP_WATTS, role: 'pd' },
      med: null,
    });
    const emission = toNeighbour(network, ap.id, 'uplink', timeUs, frame);
    yield emission ?? tick(timeUs);
  }
}

export function* switchLldp(
  network: SiteNetwork,
  device: Switch,
  index: number,
  fromUs: number,
): Script<void> {
  for (const timeUs of every(fromUs, LLDP_S * S, phaseUs(network, 'lldp switch', index, LLDP_S * S))) {
    yield tick(timeUs);
    for (const [n, port] of device.ports.entries()) {
      const emission = toNeighbour(network, device.id, port.id, timeUs + n * 100, portLldp(device, port));
      if (emission !== null) yield emission;
    }
  }
}

const portLldp = (device: Switch, port: Port): Uint8Array =>
  lldp({
    portMac: macBytes(port.mac),
    chassisMac: macBytes(device.mac),
    portName: port.id,
    portDescription: port.id,
    systemName: device.name,
    systemDescription: `${device.model} switch`,
    capabilities: LldpCapability.bridge,
    managementIpv4: null,
    ttlS: LLDP_S * LLDP_HOLD,
    portVlan: port.vlan,
    mauType: GIGABIT_MAU,
    maxFrame: LONGEST_FRAME,
    power: port.poeWatts > 0 ? { watts: port.poeWatts, role: 'pse' } : null,
    med: null,
  });

/** Rapid spanning tree: a hello on each designated port (IEEE 802.1D-2004 17.14), also where nobody answers. */
export function* hellos(network: SiteNetwork, device: Switch, index: number, fromUs: number): Script<void> {
  /** By port; the same until spanning tree settles anew. */
  const frames = new Map<number, Uint8Array>();
  let settled = network.topology;
  for (const timeUs of every(fromUs, HELLO_S * S, phaseUs(network, 'hello', index, HELLO_S * S))) {
    yield tick(timeUs);
    const topology = network.topologyAt(network.conditionsAt(timeUs / 1000));
    if (topology !== settled) frames.clear();
    settled = topology;
    const { root } = topology;
    const bridge = topology.bridgeOf(device.id);
    // Cut off from all others, a bridge is its own root (17.6); here it only falls silent on its edge ports.
    if (root === null || bridge === null || !Number.isFinite(bridge.costToRoot)) continue;
    for (const { port, number } of topology.helloPorts(device)) {
      const role = topology.role(device.id, port.id);
      if (role !== 'designated' && role !== 'edge') continue;
      const frame =
        frames.get(number) ??
        rapidBpdu({
          source: macBytes(port.mac),
          root: { priority: root.priority, mac: topology.macOf(root) },
          rootPathCost: bridge.costToRoot,
          bridge: { priority: bridge.priority, mac: topology.macOf(bridge) },
          port: { priority: 128, number },
          messageAgeS: topology.hopsToRoot(bridge),
          flags: DESIGNATED_FORWARDING,
        });
      frames.set(number, frame);
      const emission = toNeighbour(network, device.id, port.id, timeUs + number * 100, frame);
      if (emission !== null) yield emission;
    }
  }
}
