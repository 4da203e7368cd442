/**
 * A client of a DHCP server that is not the world's own (RFC 2131 figure 5, without renewal).
 *
 * | state      | takes                 | sends    | then       |
 * |------------|-----------------------|----------|------------|
 * | init       | –                     | DISCOVER | selecting  |
 * | selecting  | OFFER of its own xid  | REQUEST  | requesting |
 * | requesting | ACK                   | –        | bound      |
 * | requesting | NAK                   | DISCOVER | selecting  |
 */
import type { Dissection } from '../../packets/dissection.ts';
import { DHCPV4_YIADDR, dhcpv4MessageType, dhcpv4Xid } from '../../packets/layers/dhcpv4.ts';
import { Dhcpv4Option, dhcpv4Option } from '../../packets/layers/dhcpv4-options.ts';
import { type DhcpClient, DhcpType, dhcpDiscover, dhcpRequest } from '../frames/dhcpv4.ts';

export type DhcpState = 'init' | 'selecting' | 'requesting' | 'bound';

const ipv4At = (b: Uint8Array, at: number): string => b.subarray(at, at + 4).join('.');

export class DhcpConversation {
  state: DhcpState = 'init';
  /** What the server has given, once bound. */
  ipv4: string | null = null;
  private offered = '';
  private server = '';
  private readonly client: DhcpClient;

  constructor(client: DhcpClient) {
    this.client = client;
  }

  start(): Uint8Array[] {
    this.state = 'selecting';
    return [dhcpDiscover(this.client)];
  }

  /** Layer `i` of the frame is DHCP. */
  take(d: Dissection, i: number): Uint8Array[] {
    const b = d.frame;
    const [start, end] = [d.start[i], d.end[i]];
    if (dhcpv4Xid(b, start) !== this.client.transactionId) return [];
    const type = dhcpv4MessageType(b, start, end);
    if (this.state === 'selecting' && type === DhcpType.offer) {
      const server = dhcpv4Option(b, start, end, Dhcpv4Option.serverIdentifier);
      if (server === null) return [];
      this.offered = ipv4At(b, start + DHCPV4_YIADDR);
      this.server = server.join('.');
      this.state = 'requesting';
      return [dhcpRequest(this.client, this.offered, this.server)];
    }
    if (this.state === 'requesting' && type === DhcpType.ack) {
      this.ipv4 = ipv4At(b, start + DHCPV4_YIADDR);
      this.state = 'bound';
    }
    return this.state === 'requesting' && type === DhcpType.nak ? this.start() : [];
  }
}
