/** How a host hangs on the network: what becomes of an Ethernet frame that it sends or is sent. */
import { macText } from '../../packets/bytes.ts';
import type { Being } from '../beings/model.ts';
import { snapBody } from '../frames/ethernet.ts';
import { type DataAddresses, data, protectedHeader, setSequence } from '../frames/ieee80211.ts';
import { macBytes } from '../frames/octets.ts';
import { ccmp, type PairwiseKeys } from '../frames/wpa-keys.ts';
import { hash } from '../random.ts';
import { segmentOf } from './chance.ts';
import type { Direction, Emission, Transmitter, WireEmission } from './emission.ts';
import type { Cell, SiteNetwork } from './network.ts';
import type { Way } from './topology.ts';

/** More than a station sends or is sent in one segment. */
const MOST_PACKETS = 2 ** 20;
/** Through an access point or a switch, microseconds. */
const FORWARDING_US = 250;

export interface Attachment {
  readonly mac: Uint8Array;
  vlan: number;
  /** Where its frames pass on the wire at this time. */
  way(timeUs: number): Way;
  /** When what the host sends at this time is on the wire. */
  wireUs(timeUs: number): number;
  /** Emissions of a frame that the host sends at this time. */
  send(timeUs: number, frame: Uint8Array): Emission[];
  /** Emissions of a frame that reaches the host a little after this time. */
  receive(timeUs: number, frame: Uint8Array): Emission[];
}

/** The same frame on the wire, in the direction that is told. */
const onWire = (
  timeUs: number,
  { passings, flooded }: Way,
  direction: Direction,
  vlan: number,
  frame: Uint8Array,
): WireEmission => ({
  medium: 'wire',
  timeUs,
  way: passings,
  flooded: isToGroup(frame) ? flooded : [],
  direction,
  vlan,
  frame,
});

/** IEEE 802.3 3.2.3: the first bit of the destination. */
const isToGroup = (frame: Uint8Array): boolean => (frame[0] & 1) === 1;

export class WiredPort implements Attachment {
  readonly mac: Uint8Array;
  vlan: number;
  private readonly device: string;
  private readonly port: string;
  private readonly network: SiteNetwork;

  constructor(being: Being, network: SiteNetwork, vlan: number) {
    if (being.wired === null) throw new Error(`${being.id} hangs on no cable`);
    this.mac = macBytes(being.mac);
    this.network = network;
    this.vlan = vlan;
    this.device = being.wired.device;
    this.port = being.wired.port;
  }

  way(timeUs: number): Way {
    const topology = this.network.topologyAt(this.network.conditionsAt(timeUs / 1000));
    const way = topology.wayUp(this.device, this.port, this.vlan);
    // A host knows nothing of tags, whatever VLAN a fault has put its port into.
    const passings = way.passings.map((passing, i) => (i === 0 ? { ...passing, tagged: false } : passing));
    return { ...way, passings };
  }

  wireUs(timeUs: number): number {
    return timeUs;
  }

  send(timeUs: number, frame: Uint8Array): Emission[] {
    return [onWire(timeUs, this.way(timeUs), 'up', this.vlan, frame)];
  }

  receive(timeUs: number, frame: Uint8Array): Emission[] {
    return [onWire(timeUs, this.way(timeUs), 'down', this.vlan, frame)];
  }

  /** A frame for the switch itself, as EAPOL is: it goes no further. */
  local(timeUs: number, direction: Direction, frame: Uint8Array): Emission {
    const passings = this.way(timeUs).passings.slice(0, 1);
    return onWire(timeUs, { passings, isWhole: false, flooded: [] }, direction, this.vlan, frame);
  }
}

/** A Wi-Fi station, in a cell or not. */
export class Station implements Attachment {
  mac: Uint8Array;
  vlan = 0;
  cell: Cell | null = null;
  /** From the handshake; null in an open network. */
  keys: PairwiseKeys | null = null;
  private readonly network: SiteNetwork;
  private readonly transmitter: Transmitter;
  private segment = 0;
  private sequence = 0;
  private installedIn = 0;
  private sentPackets = 0;
  private receivedPackets = 0;

  constructor(network: SiteNetwork, transmitter: Transmitter, mac: Uint8Array) {
    this.network = network;
    this.transmitter = transmitter;
    this.mac = mac;
  }

  get macText(): string {
    return macText(this.mac, 0);
  }

  /** Packet numbers of new keys begin anew. */
  install(keys: PairwiseKeys, timeUs: number): void {
    this.at(timeUs);
    this.keys = keys;
    this.installedIn = this.segment;
    this.sentPackets = 0;
    this.receivedPackets = 0;
  }

  forgetKeys(): void {
    this.keys = null;
  }

  private at(timeUs: number): void {
    const segment = segmentOf(timeUs);
    if (segment <= this.segment) return;
    this.segment = segment;
    this.sequence = hash(this.network.site.seed, this.transmitter.device, segment) & 0xfff;
    this.sentPackets = 0;
    this.receivedPackets = 0;
  }

  /** A frame of the station's own on a channel, numbered. */
  transmit(
    timeUs: number,
    frame: Uint8Array,
    channel: { band: Cell['bss']['band']; channel: number },
  ): Emission {
    this.at(timeUs);
    setSequence(frame, this.sequence++);
    const { band } = channel;
    return {
      medium: 'air',
      timeUs,
      from: this.transmitter,
      accessPoint: -1,
      band,
      channel: channel.channel,
      frame,
      numbered: true,
    };
  }

  /** A frame of the station in its cell. */
  up(timeUs: number, frame: Uint8Array): Emission {
    return this.transmit(timeUs, frame, this.channel(timeUs));
  }

  /** A frame of its access point. */
  down(timeUs: number, frame: Uint8Array): Emission {
    const { index, transmitter } = this.current;
    const on = this.channel(timeUs);
    return { medium: 'air', timeUs, from: transmitter, accessPoint: index, ...on, frame, numbered: false };
  }

  private get current(): Cell {
    if (this.cell === null) throw new Error('the station is in no cell');
    return this.cell;
  }

  private channel(timeUs: number): { band: Cell['bss']['band']; channel: number } {
    const { index, radio } = this.current;
    const moved = this.network.channelAt(index, radio, this.network.conditionsAt(timeUs / 1000));
    return { band: radio.band, channel: moved ?? radio.channel };
  }

  way(timeUs: number): Way {
    return this.wayFrom(this.current, timeUs);
  }

  /** As it would be in this cell. */
  wayFrom({ accessPoint }: Cell, timeUs: number): Way {
    const topology = this.network.topologyAt(this.network.conditionsAt(timeUs / 1000));
    return topology.wayUp(accessPoint.id, 'uplink', this.vlan);
  }

  wireUs(timeUs: number): number {
    return timeUs + FORWARDING_US;
  }

  send(timeUs: number, frame: Uint8Array): Emission[] {
    const { bss } = this.current;
    this.at(timeUs);
    const to = { up: true, bssid: bss.bssid, station: this.mac, other: frame.subarray(0, 6) };
    const mpdu = this.mpdu(to, frame);
    const wireUs = this.wireUs(timeUs);
    return [this.up(timeUs, mpdu), onWire(wireUs, this.way(wireUs), 'up', this.vlan, frame)];
  }

  /** Access points turn what is for a group into frames for each station, as controllers' proxies do. */
  receive(timeUs: number, frame: Uint8Array): Emission[] {
    const { bss } = this.current;
    this.at(timeUs);
    const to = { up: false, bssid: bss.bssid, station: this.mac, other: frame.subarray(6, 12) };
    return [
      onWire(timeUs, this.way(timeUs), 'down', this.vlan, frame),
      this.down(timeUs + FORWARDING_US, this.mpdu(to, frame)),
    ];
  }

  /** EAPOL and the like, in the clear until the keys are installed (12.7.6). */
  clear(timeUs: number, up: boolean, frame: Uint8Array): Emission {
    const { bss } = this.current;
    const mpdu = data({ up, bssid: bss.bssid, station: this.mac, other: bss.bssid }, snapBody(frame));
    return up ? this.up(timeUs, mpdu) : this.down(timeUs, mpdu);
  }

  private mpdu(to: DataAddresses, frame: Uint8Array): Uint8Array {
    const body = snapBody(frame);
    if (this.keys === null) return data(to, body);
    const count = to.up ? ++this.sentPackets : ++this.receivedPackets;
    const packetNumber = (this.segment - this.installedIn) * MOST_PACKETS + count;
    return ccmp(protectedHeader(to), body, this.keys.temporal, packetNumber, 0);
  }
}
