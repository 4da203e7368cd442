/** How a network tells its hosts where the portal's API is, so that they need not guess by probes (RFC 8910). */

/** DHCPv4 option 114 (RFC 8910 2.1): code, length, URI. */
const DHCP_CAPTIVE_PORTAL = 114;
/** DHCPv6 option 103 (RFC 8910 2.2). */
const DHCPV6_CAPTIVE_PORTAL = 103;
/** IPv6 router advertisement option 37 (RFC 8910 2.3); its length counts units of 8 octets, padded with zeros. */
const RA_CAPTIVE_PORTAL = 37;
const MOST_DHCP_BYTES = 255;
const RA_UNIT = 8;

function uriBytes(uri: string): Buffer {
  const bytes = Buffer.from(uri, 'ascii');
  // RFC 8910 2: it should be short enough for DHCPv4, so that all three say the same.
  if (bytes.length > MOST_DHCP_BYTES) throw new RangeError(`a captive-portal URI has at most 255 bytes`);
  return bytes;
}

export function dhcpOption(uri: string): Buffer {
  const bytes = uriBytes(uri);
  return Buffer.concat([Buffer.of(DHCP_CAPTIVE_PORTAL, bytes.length), bytes]);
}

export function dhcpv6Option(uri: string): Buffer {
  const bytes = uriBytes(uri);
  const head = Buffer.alloc(4);
  head.writeUInt16BE(DHCPV6_CAPTIVE_PORTAL, 0);
  head.writeUInt16BE(bytes.length, 2);
  return Buffer.concat([head, bytes]);
}

export function routerAdvertisementOption(uri: string): Buffer {
  const bytes = uriBytes(uri);
  const units = Math.ceil((2 + bytes.length) / RA_UNIT);
  const option = Buffer.alloc(units * RA_UNIT);
  option[0] = RA_CAPTIVE_PORTAL;
  option[1] = units;
  bytes.copy(option, 2);
  return option;
}

/** For whoever runs the network's DHCP server. */
export const announcement = (apiUrl: string) => ({
  apiUrl,
  dhcpOption114: dhcpOption(apiUrl).toString('hex'),
  dhcpv6Option103: dhcpv6Option(apiUrl).toString('hex'),
  routerAdvertisementOption37: routerAdvertisementOption(apiUrl).toString('hex'),
  dnsmasq: `dhcp-option-force=114,${apiUrl}`,
});
