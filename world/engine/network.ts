/** The site as its networks have it: who answers what, with which address, and what a station needs to join. */
import type { Being } from '../beings/model.ts';
import type { DhcpLease } from '../frames/dhcpv4.ts';
import { rsn } from '../frames/ieee80211-elements.ts';
import type { Bss } from '../frames/ieee80211-management.ts';
import { be32, ipv4Bytes, ipv6Bytes, macBytes, octets } from '../frames/octets.ts';
import { pskOf } from '../frames/wpa-keys.ts';
import {
  type BlamedField,
  blamed,
  type Conditions,
  type OsBugEffect,
  UNDISTURBED,
} from '../happenings/conditions.ts';
import { Draws, hash, subSeed } from '../random.ts';
import type { AccessPoint, Band, Network, Radio, Site, Ssid, WireEnd } from '../site/model.ts';
import { momentBits, randomOctets } from './chance.ts';
import type { Transmitter } from './emission.ts';
import { Topology, type Way } from './topology.ts';

/** Whether and how something is disturbed, at a time in milliseconds since the Unix epoch. */
export type ConditionsAt = (tMs: number) => Conditions;

export const undisturbed: ConditionsAt = () => UNDISTURBED;

/** One network of one radio, with all that frames of it need. */
export interface Cell {
  accessPoint: AccessPoint;
  index: number;
  radio: Radio;
  ssid: Ssid;
  bss: Bss;
  rsn: Uint8Array | null;
  transmitter: Transmitter;
}

const AP_DEVICES = 0x4000_0000;
const CUTS = ['portsDown', 'switchesDown', 'uplinksDown', 'accessPointsDown', 'vlans'] as const;

export const frequencyMhz = (band: Band, channel: number): number => {
  if (band === '2.4') return channel === 14 ? 2484 : 2407 + 5 * channel;
  return (band === '5' ? 5000 : 5950) + 5 * channel;
};

export class SiteNetwork {
  readonly site: Site;
  /** Of the whole site, with nothing down. */
  readonly topology: Topology;
  private readonly disturbed = new Map<string, Topology>();
  readonly conditionsAt: ConditionsAt;
  private readonly psks = new Map<string, Uint8Array>();
  private readonly cells = new Map<string, Cell>();
  private readonly networks: ReadonlyMap<number, Network>;

  constructor(site: Site, conditionsAt: ConditionsAt) {
    this.site = site;
    this.conditionsAt = conditionsAt;
    this.topology = new Topology(site);
    this.networks = new Map(site.networks.map((network) => [network.vlan, network]));
  }

  /** What spanning tree has settled on with the ports and switches that are down now. */
  topologyAt({ portsDown, switchesDown }: Conditions): Topology {
    if (portsDown.length + switchesDown.length === 0) return this.topology;
    const down = new Set([...switchesDown, ...portsDown.map((of) => `${of.switch} ${of.port}`)]);
    const id = [...down].sort().join('\n');
    const known = this.disturbed.get(id);
    if (known !== undefined) return known;
    const topology = new Topology(this.site, down);
    this.disturbed.set(id, topology);
    return topology;
  }

  network(vlan: number): Network | undefined {
    return this.networks.get(vlan);
  }

  /** Channel that a radio is on, moved by radar or not; null when it is silent. */
  channelAt(index: number, radio: Radio, conditions: Conditions): number | null {
    const { id } = this.site.accessPoints[index];
    if (conditions.accessPointsDown.includes(id)) return null;
    const isThis = (of: { accessPoint: string; band: Band }) =>
      of.accessPoint === id && of.band === radio.band;
    if (conditions.radiosDown.some(isThis)) return null;
    return conditions.channels.find(isThis)?.channel ?? radio.channel;
  }

  /** Undefined where the access point has no radio of the band, or the site no such SSID. */
  cell(index: number, band: Band, ssidName: string): Cell | undefined {
    const id = `${index} ${band} ${ssidName}`;
    const known = this.cells.get(id);
    if (known !== undefined) return known;
    const accessPoint = this.site.accessPoints[index];
    const radio = accessPoint.radios.find((candidate) => candidate.band === band);
    const number = this.site.ssids.findIndex((candidate) => candidate.name === ssidName);
    if (radio === undefined || number < 0) return undefined;
    const ssid = this.site.ssids[number];
    const bssid = macBytes(radio.bssids[number]);
    const bss = { bssid, ssid: ssid.name, security: ssid.security, band, channel: radio.channel };
    const place = { ...accessPoint.at, headingRad: 0 };
    const transmitter = {
      device: AP_DEVICES + index,
      powerDbm: radio.powerDbm + accessPoint.antennaGainDb,
      placeAt: () => place,
    };
    const cell = { accessPoint, index, radio, ssid, bss, rsn: rsn(ssid.security), transmitter };
    this.cells.set(id, cell);
    return cell;
  }

  /** The cell as it is at this time: radar may have moved it. */
  bssAt({ index, radio, bss }: Cell, timeUs: number): Bss {
    const channel = this.channelAt(index, radio, this.conditionsAt(timeUs / 1000)) ?? bss.channel;
    return channel === bss.channel ? bss : { ...bss, channel };
  }

  /** Pairwise master key: from the passphrase, or what the authentication server would have given. */
  pmk({ ssid }: Cell, draws: Draws): Uint8Array {
    if (ssid.security !== 'wpa2-psk') return randomOctets(draws, 32);
    const known = this.psks.get(ssid.name) ?? pskOf(ssid.passphrase ?? '', ssid.name);
    this.psks.set(ssid.name, known);
    return known;
  }

  groupKey({ index, bss }: Cell): Uint8Array {
    return randomOctets(new Draws(hash(subSeed(this.site.seed, `group ${bss.ssid} ${bss.band}`), index)), 16);
  }

  /** Address by the being's number, so that no order of arrival decides it. */
  lease(being: Being, vlan: number): DhcpLease | null {
    const network = this.networks.get(vlan);
    if (network === undefined) return null;
    const { dhcp, dns } = this.site.servers;
    const [base, length] = network.ipv4.split('/');
    const size = 2 ** (32 - Number(length));
    const low = Math.min(20, size >>> 2);
    const host = low + (being.index % Math.max(1, size - low - 2));
    const start = ipv4Bytes(base);
    const first = ((start[0] << 24) | (start[1] << 16) | (start[2] << 8) | start[3]) >>> 0;
    return {
      ipv4: be32((first + host) >>> 0).join('.'),
      prefixLength: Number(length),
      router: network.gateway.ipv4,
      dns: dns.ipv4,
      domain: dns.domain,
      leaseS: dhcp.leaseS,
      server: dhcp.ipv4,
      serverMac: this.nextHop(vlan, dhcp),
    };
  }

  /** A server's own address on its network, the gateway's from all others. */
  nextHop(vlan: number, server: { mac: string; ipv4: string }): Uint8Array {
    const network = this.networks.get(vlan);
    if (network === undefined || isWithin(network.ipv4, server.ipv4)) return macBytes(server.mac);
    return macBytes(network.gateway.mac);
  }

  /** Stable interface identifier that is not the MAC (RFC 7217), below the network's prefix. */
  ipv6(being: Being, vlan: number): Uint8Array | null {
    const prefix = this.networks.get(vlan)?.ipv6;
    if (!prefix) return null;
    const draws = new Draws(hash(subSeed(this.site.seed, `ipv6 ${vlan}`), being.index));
    return octets(ipv6Bytes(prefix.split('/')[0]).subarray(0, 8), randomOctets(draws, 8));
  }

  bug(being: Being, effect: OsBugEffect, conditions: Conditions) {
    return conditions.osBugs.find(
      (bug) =>
        bug.effect === effect &&
        (bug.being ?? being.id) === being.id &&
        bug.os === being.os &&
        being.osVersion.startsWith(bug.osVersion),
    );
  }

  /** Whether a fault is in the way. */
  isCut(way: readonly WireEnd[], conditions: Conditions): boolean {
    const { uplinksDown, switchesDown, portsDown, accessPointsDown } = conditions;
    const count = uplinksDown.length + switchesDown.length + portsDown.length + accessPointsDown.length;
    if (count === 0) return false;
    return way.some(
      ({ device, port }) =>
        uplinksDown.includes(device) ||
        switchesDown.includes(device) ||
        accessPointsDown.includes(device) ||
        portsDown.some((down) => down.switch === device && down.port === port),
    );
  }

  /** Whether a frame that is sent up at this time is damaged on its way into a port, by a bad cable. */
  isDamaged(way: readonly WireEnd[], timeUs: number): boolean {
    const { cableFaults } = this.conditionsAt(timeUs / 1000);
    return cableFaults.some(
      ({ switch: device, port, errorsPerMille }) =>
        way.some((passing) => passing.device === device && passing.port === port) &&
        momentBits(subSeed(this.site.seed, `cable ${device} ${port}`), timeUs) % 1000 < errorsPerMille,
    );
  }

  /** Whether what is sent up at this time arrives, and answers come back. */
  passes({ passings, isWhole }: Way, timeUs: number): boolean {
    if (!isWhole || this.isCut(passings, this.conditionsAt(timeUs / 1000))) return false;
    return !this.isDamaged(passings, timeUs);
  }

  /** Happenings that explain a trouble: those behind these conditions, and behind a way that does not pass. */
  causes(timeUs: number, { passings, isWhole }: Way, fields: readonly BlamedField[]): string[] {
    const conditions = this.conditionsAt(timeUs / 1000);
    const wire: BlamedField[] = [];
    if (!isWhole || this.isCut(passings, conditions)) wire.push(...CUTS);
    if (conditions.cableFaults.length > 0) wire.push('cableFaults');
    return blamed(conditions, [...fields, ...wire]);
  }
}

function isWithin(cidr: string, address: string): boolean {
  const [base, length] = cidr.split('/');
  const bits = (text: string): number => ipv4Bytes(text).reduce((sum, byte) => sum * 256 + byte, 0);
  const unit = 2 ** (32 - Number(length));
  return Math.floor(bits(base) / unit) === Math.floor(bits(address) / unit);
}
