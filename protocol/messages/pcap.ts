import { z } from 'zod';
import { data } from './envelope.ts';
import { bytes, bytesUpTo, mac, name, uint } from './fields.ts';

export const PCAP_TRIGGERS = [
  'association-refused',
  'authentication-refused',
  'handshake-timeout',
  'dot1x-failure',
  'dot1x-timeout',
  'dhcp-no-offer',
  'dhcp-nak',
  'dhcp-timeout',
  'arp-gateway-unanswered',
  'dns-unanswered',
  'dns-servfail',
  'roam-failure',
  'error-burst',
  'manual',
  'continuous',
] as const;
export type PcapTrigger = (typeof PCAP_TRIGGERS)[number];

/** One part of a capture. Each part is a whole pcapng section: parts put end to end are a valid file. */
export const pcap = data.extend({
  class: z.enum(['pcap.headers', 'pcap.payload']),
  captureId: bytes(16),
  trigger: z.enum(PCAP_TRIGGERS),
  /** Whom the capture is about; absent when it is of a port or a radio. */
  client: mac.optional(),
  interfaceName: name.optional(),
  /** Capture time of the first and last frame of this part, Unix milliseconds. */
  fromMs: uint,
  toMs: uint,
  part: uint.min(1),
  last: z.boolean(),
  packets: uint,
  /** Bytes on the wire, and bytes of them in `section`. */
  bytesSeen: uint,
  bytesKept: uint,
  section: bytesUpTo(192 * 1024),
});
export type Pcap = z.infer<typeof pcap>;
