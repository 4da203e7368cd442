/** Failures that start a capture, named as in the `pcap` message (a test holds the two together). */
export const FAILURE_TRIGGERS = [
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
] as const;
export type PcapTriggerName = (typeof FAILURE_TRIGGERS)[number];

/** How long a client may wait, milliseconds of capture time. */
export interface Timeouts {
  /** From a station's reassociation request. */
  roamMs: number;
  /** From message 1 of a 4-way handshake; hostapd gives up after four tries in about 4 s, stations sooner. */
  handshakeMs: number;
  /** From the last message of 802.1X in either direction. */
  dot1xMs: number;
  /** From the first DHCPDISCOVER or DHCPREQUEST; a client's own first retries come after 4 and 12 s. */
  dhcpMs: number;
  arpMs: number;
  dnsMs: number;
}

export const TIMEOUTS: Timeouts = {
  roamMs: 1000,
  handshakeMs: 2000,
  dot1xMs: 8000,
  dhcpMs: 6000,
  arpMs: 3000,
  dnsMs: 4000,
};
