/**
 * A being of the world at a wire on which real servers answer: it takes an address, answers for it, and opens
 * connections, with the addresses and habits that it has in the simulation. Frames in, frames out; whoever
 * drives it owns the wire and the time.
 */
import { macText } from '../../packets/bytes.ts';
import { dissect } from '../../packets/dissect.ts';
import { Dissection } from '../../packets/dissection.ts';
import {
  ARP_REPLY,
  ARP_REQUEST,
  ARP_SENDER_IPV4,
  ARP_SENDER_MAC,
  ARP_TARGET_IPV4,
  arpOpcode,
} from '../../packets/layers/arp.ts';
import { tcp as tcpLayer } from '../../packets/layers/tcp.ts';
import { LinkType } from '../../packets/linktype.ts';
import { Proto } from '../../packets/protocols.ts';
import type { Being } from '../beings/model.ts';
import { arpAnnouncement, arpReply, arpRequest } from '../frames/arp.ts';
import { EtherType, ethernet } from '../frames/ethernet.ts';
import { IpProtocol, ipv4, tcp } from '../frames/ip.ts';
import { ipv4Bytes, macBytes } from '../frames/octets.ts';
import type { Draws } from '../random.ts';
import { DhcpConversation } from './dhcp-client.ts';
import { TcpConversation, type TcpSegment } from './tcp-client.ts';

interface Connection {
  tcp: TcpConversation;
  peer: string;
  peerPort: number;
  port: number;
  /** Waiting for the peer's MAC. */
  pending: TcpSegment[];
}

export class ConversingHost {
  readonly being: Being;
  readonly mac: Uint8Array;
  readonly dhcp: DhcpConversation;
  private readonly draws: Draws;
  private readonly dissection = new Dissection();
  private readonly neighbours = new Map<string, Uint8Array>();
  private readonly connections: Connection[] = [];
  private ipId: number;

  /** `mac`: what it shows in the network; its permanent one on a cable. */
  constructor(being: Being, draws: Draws, mac = macBytes(being.mac)) {
    this.being = being;
    this.mac = mac;
    this.draws = draws;
    this.ipId = draws.integer(0, 0xffff);
    const { dhcp, hostName } = being;
    this.dhcp = new DhcpConversation({
      mac,
      transactionId: draws.bits(),
      parameterRequestList: dhcp?.parameterRequestList ?? [],
      vendorClass: dhcp?.vendorClass ?? undefined,
      hostName: dhcp?.sendsHostName ? (hostName ?? undefined) : undefined,
    });
  }

  get macText(): string {
    return macText(this.mac, 0);
  }

  get ipv4(): string | null {
    return this.dhcp.ipv4;
  }

  /** Frames to send, and the connection, which is open when its state says so. */
  connect(peer: string, peerPort: number): { connection: TcpConversation; frames: Uint8Array[] } {
    const conversation = new TcpConversation(this.draws.bits());
    const port = this.draws.integer(49_152, 65_535);
    const connection: Connection = { tcp: conversation, peer, peerPort, port, pending: [] };
    this.connections.push(connection);
    return { connection: conversation, frames: this.carry(connection, conversation.open()) };
  }

  /** Frames that carry what the connection has to say. */
  say(connection: TcpConversation, segments: readonly TcpSegment[]): Uint8Array[] {
    const of = this.connections.find((candidate) => candidate.tcp === connection);
    return of === undefined ? [] : this.carry(of, segments);
  }

  /** What it sends in answer to a frame on its wire. Frames for others are let pass. */
  receive(frame: Uint8Array): Uint8Array[] {
    const isGroup = (frame[0] & 1) === 1;
    if (!isGroup && macText(frame, 0) !== this.macText) return [];
    const d = this.dissection;
    dissect(d, frame, LinkType.ethernet);
    const arp = d.find(Proto.arp);
    if (arp >= 0) return this.resolve(d.frame, d.start[arp]);
    const dhcp = d.find(Proto.dhcpv4);
    if (dhcp >= 0) {
      const wasBound = this.dhcp.state === 'bound';
      const answers = this.dhcp.take(d, dhcp);
      if (wasBound || this.dhcp.ipv4 === null) return answers;
      return [arpAnnouncement({ mac: this.mac, ipv4: ipv4Bytes(this.dhcp.ipv4) })];
    }
    const tcpAt = d.find(Proto.tcp);
    return tcpAt >= 0 ? this.continue(d, tcpAt) : [];
  }

  private resolve(b: Uint8Array, start: number): Uint8Array[] {
    const { ipv4: own } = this;
    if (own === null) return [];
    const mine = { mac: this.mac, ipv4: ipv4Bytes(own) };
    const sender = {
      mac: b.slice(start + ARP_SENDER_MAC, start + ARP_SENDER_MAC + 6),
      ipv4: b.slice(start + ARP_SENDER_IPV4, start + ARP_SENDER_IPV4 + 4),
    };
    const isMine = b.subarray(start + ARP_TARGET_IPV4, start + ARP_TARGET_IPV4 + 4).join('.') === own;
    if (!isMine) return [];
    if (arpOpcode(b, start) === ARP_REQUEST) return [arpReply(mine, sender)];
    if (arpOpcode(b, start) !== ARP_REPLY) return [];
    const peer = sender.ipv4.join('.');
    this.neighbours.set(peer, sender.mac);
    return this.connections.flatMap((connection) =>
      connection.peer === peer ? this.carry(connection, connection.pending.splice(0)) : [],
    );
  }

  private continue(d: Dissection, i: number): Uint8Array[] {
    const record = tcpLayer.record(d, i);
    const connection = this.connections.find(
      ({ port, peerPort }) => port === record.destinationPort && peerPort === record.sourcePort,
    );
    if (connection === undefined) return [];
    const payload = d.frame.slice(d.headerEnd[i], d.end[i]);
    return this.carry(connection, connection.tcp.take(record, payload));
  }

  private carry(connection: Connection, segments: readonly TcpSegment[]): Uint8Array[] {
    const { peer, peerPort, port } = connection;
    const own = this.ipv4;
    if (own === null || segments.length === 0) return [];
    const from = ipv4Bytes(own);
    const to = ipv4Bytes(peer);
    const peerMac = this.neighbours.get(peer);
    if (peerMac === undefined) {
      connection.pending.push(...segments);
      return [arpRequest({ mac: this.mac, ipv4: from }, to)];
    }
    return segments.map(({ seq, ack, flags, options, payload }) => {
      this.ipId = (this.ipId + 1) & 0xffff;
      const segment = tcp(
        { from, to },
        { fromPort: port, toPort: peerPort, seq, ack, flags, options },
        payload,
      );
      const packet = ipv4({ from, to }, IpProtocol.tcp, segment, { id: this.ipId });
      return ethernet(peerMac, this.mac, EtherType.ipv4, packet);
    });
  }
}
