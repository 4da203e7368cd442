import { u32 } from '../bytes.ts';
import {
  ARP_REPLY,
  ARP_REQUEST,
  ARP_SENDER_IPV4,
  ARP_SENDER_MAC,
  ARP_TARGET_IPV4,
  ARP_TARGET_MAC,
  arpIsIpv4,
  arpOpcode,
} from '../layers/arp.ts';
import type { Detector } from './detect.ts';

/** A gateway, as DHCP named it to the client, that does not answer when the client asks for its address. */
export const detectArp: Detector = (d, layer, scene) => {
  const b = d.frame;
  const start = d.start[layer];
  if (!arpIsIpv4(b, start)) return;
  const opcode = arpOpcode(b, start);
  if (opcode === ARP_REQUEST && (b[start + ARP_SENDER_MAC] & 1) === 0) {
    const client = scene.client(b, start + ARP_SENDER_MAC);
    const target = u32(b, start + ARP_TARGET_IPV4);
    if (target !== client.gateway || target === u32(b, start + ARP_SENDER_IPV4)) return;
    client.expect('arp', 'arp-gateway-unanswered', scene.timeMs + scene.timeouts.arpMs);
  } else if (opcode === ARP_REPLY && (b[start + ARP_TARGET_MAC] & 1) === 0) {
    const client = scene.client(b, start + ARP_TARGET_MAC);
    if (u32(b, start + ARP_SENDER_IPV4) === client.gateway) client.met('arp');
  }
};
