import { u32 } from '../bytes.ts';
import { DHCPV4_CHADDR, dhcpv4MessageType } from '../layers/dhcpv4.ts';
import { Dhcpv4Option, dhcpv4Option } from '../layers/dhcpv4-options.ts';
import type { Detector } from './detect.ts';

/** RFC 2132 §9.6 */
const Message = { discover: 1, offer: 2, request: 3, ack: 5, nak: 6 } as const;
const HARDWARE_ETHERNET = 1;

/** DHCP without an offer, refused, or unanswered; the gateway that an acknowledgement names is remembered. */
export const detectDhcp: Detector = (d, layer, scene) => {
  const b = d.frame;
  const start = d.start[layer];
  const end = d.end[layer];
  if (b[start + 1] !== HARDWARE_ETHERNET || b[start + 2] !== 6) return;
  const client = scene.client(b, start + DHCPV4_CHADDR);
  switch (dhcpv4MessageType(b, start, end)) {
    case Message.discover:
      client.expect('dhcp-offer', 'dhcp-no-offer', scene.timeMs + scene.timeouts.dhcpMs);
      return;
    case Message.offer:
      client.met('dhcp-offer');
      return;
    case Message.request:
      client.met('dhcp-offer');
      client.expect('dhcp-ack', 'dhcp-timeout', scene.timeMs + scene.timeouts.dhcpMs);
      return;
    case Message.ack: {
      client.met('dhcp-offer');
      client.met('dhcp-ack');
      const router = dhcpv4Option(b, start, end, Dhcpv4Option.router);
      if (router !== null && router.length >= 4) client.gateway = u32(router, 0);
      return;
    }
    case Message.nak:
      client.met('dhcp-ack');
      scene.fire(client, 'dhcp-nak');
  }
};
