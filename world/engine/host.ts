/** A host's side of IP: what it has, whom it talks to, and the draws that its frames are made from. */
import { macText } from '../../packets/bytes.ts';
import type { Being } from '../beings/model.ts';
import type { DhcpLease } from '../frames/dhcpv4.ts';
import { EtherType, ethernet } from '../frames/ethernet.ts';
import { type IpEnds, ipv4 } from '../frames/ip.ts';
import { ipv4Bytes } from '../frames/octets.ts';
import type { BlamedField, Conditions } from '../happenings/conditions.ts';
import { Draws } from '../random.ts';
import type { Attachment } from './attachment.ts';
import { momentBits } from './chance.ts';
import type { AddressOutcome, Emission, Fact, Note, Trouble } from './emission.ts';
import type { SiteNetwork } from './network.ts';

export interface Peer {
  ipv4: string;
  /** Who takes the frame: the peer, or the gateway on the way to it. */
  mac: Uint8Array;
}

export class Host {
  readonly being: Being;
  readonly network: SiteNetwork;
  readonly attachment: Attachment;
  readonly draws: Draws;
  lease: DhcpLease | null = null;
  private readonly seed: number;
  private ipId = 0;
  private port = 0;

  /** `seed`: what all its draws come from, each undertaking's from its own moment. */
  constructor(being: Being, network: SiteNetwork, attachment: Attachment, seed: number) {
    this.being = being;
    this.network = network;
    this.attachment = attachment;
    this.seed = seed;
    this.draws = new Draws(seed);
  }

  /** What it undertakes now draws nothing from what went before: the time alone decides. */
  undertake(timeUs: number): void {
    this.draws.restart(momentBits(this.seed, timeUs));
    this.ipId = this.draws.integer(0, 0xffff);
    this.port = this.draws.integer(49_152, 60_000);
  }

  /** Something goes wrong for it now; whatever of the conditions explains it is blamed. */
  trouble(timeUs: number, what: Trouble, ...fields: readonly BlamedField[]): Note {
    const { being, attachment, network } = this;
    const causes = network.causes(timeUs, attachment.way(timeUs), fields);
    const mac = macText(attachment.mac, 0);
    return { medium: 'note', timeUs, fact: { type: 'trouble', being: being.id, mac, what, causes } };
  }

  /** What came of asking for an address since `startUs`. */
  addressed(timeUs: number, startUs: number, outcome: AddressOutcome): Note {
    const { being, attachment, network, lease } = this;
    const fields: BlamedField[] = outcome === 'offer-ignored' ? ['osBugs'] : ['dhcp', 'vlans'];
    const fact: Fact = {
      type: 'address',
      being: being.id,
      mac: macText(attachment.mac, 0),
      vlan: attachment.vlan,
      ipv4: lease?.ipv4 ?? null,
      hostName: being.dhcp?.sendsHostName ? being.hostName : null,
      outcome,
      causes: outcome === 'bound' ? [] : network.causes(startUs, attachment.way(startUs), fields),
    };
    return { medium: 'note', timeUs, fact };
  }

  conditions(timeUs: number): Conditions {
    return this.network.conditionsAt(timeUs / 1000);
  }

  /** Whether what it sends now comes as far as servers and gateways, and their answers back. */
  isReachable(timeUs: number): boolean {
    const wireUs = this.attachment.wireUs(timeUs);
    return this.network.passes(this.attachment.way(wireUs), wireUs);
  }

  send = (timeUs: number, frame: Uint8Array): Emission[] => this.attachment.send(timeUs, frame);
  receive = (timeUs: number, frame: Uint8Array): Emission[] => this.attachment.receive(timeUs, frame);

  /** An ephemeral port that it has not used lately (RFC 6335 6). */
  nextPort(): number {
    this.port = this.port >= 65_535 ? 49_152 : this.port + 1;
    return this.port;
  }

  /** An IPv4 packet to the peer, or from it. */
  packet(
    peer: Peer,
    direction: 'to' | 'from',
    protocol: number,
    segment: (ends: IpEnds) => Uint8Array,
  ): Uint8Array {
    if (this.lease === null) throw new Error(`${this.being.id} has no address`);
    const mine = ipv4Bytes(this.lease.ipv4);
    const theirs = ipv4Bytes(peer.ipv4);
    const ends = direction === 'to' ? { from: mine, to: theirs } : { from: theirs, to: mine };
    this.ipId = (this.ipId + 1) & 0xffff;
    // What has come through a router has a hop or two less.
    const packet = ipv4(ends, protocol, segment(ends), { id: this.ipId, ttl: direction === 'to' ? 64 : 57 });
    const [to, from] = direction === 'to' ? [peer.mac, this.attachment.mac] : [this.attachment.mac, peer.mac];
    return ethernet(to, from, EtherType.ipv4, packet);
  }
}
