import { text, u32 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import { DHCPV4_CHADDR, DHCPV4_CIADDR, DHCPV4_YIADDR, dhcpv4Op } from '../layers/dhcpv4.ts';
import { clientFqdn, Dhcpv4Option, dhcpv4Options } from '../layers/dhcpv4-options.ts';
import { evidenceOfParameterList, evidenceOfVendorClass } from './dhcp-fingerprint.ts';
import type { Derive } from './frame-meta.ts';
import { type Host, NameSource } from './host.ts';
import { evidenceOfHostName } from './host-name.ts';
import type { HostTable } from './host-table.ts';

const REQUEST = 1;
const HARDWARE_ETHERNET = 1;
const MAC_BYTES = 6;
/** RFC 2132 9.6. */
const DECLINE = 4;
const ACK = 5;
const RELEASE = 7;
const INFORM = 8;

/**
 * What a DHCP message says of its client: name, address, what software asks like this. The client is `chaddr`,
 * whoever sent the frame; one that was never heard (behind a relay) is left alone.
 */
export function observeDhcpv4(
  hosts: HostTable,
  derive: Derive,
  d: Dissection,
  i: number,
  frame: number,
): void {
  const b = d.frame;
  const start = d.start[i];
  if (b[start + 1] !== HARDWARE_ETHERNET || b[start + 2] !== MAC_BYTES) return;
  const client = hosts.known(b, start + DHCPV4_CHADDR);
  if (client === undefined) return;
  const fromClient = dhcpv4Op(b, start) === REQUEST;
  let type = 0;
  let requested = -1;
  for (const option of dhcpv4Options(b, start, d.end[i])) {
    const { code, start: from, end: to } = option;
    if (code === Dhcpv4Option.messageType && to > from) type = b[from];
    else if (code === Dhcpv4Option.requestedAddress && to - from === 4) requested = from;
    else if (code === Dhcpv4Option.hostName)
      name(client, derive, text(b, from, to), fromClient ? NameSource.dhcp : NameSource.assigned, frame);
    else if (!fromClient) continue;
    else if (code === Dhcpv4Option.clientFqdn)
      name(client, derive, clientFqdn(b.subarray(from, to)) ?? '', NameSource.fqdn, frame);
    else if (code === Dhcpv4Option.vendorClass && derive.family) {
      const evidence = evidenceOfVendorClass(text(b, from, to));
      if (evidence !== undefined) client.addEvidence('dhcpClass', evidence, frame);
    } else if (code === Dhcpv4Option.parameterRequestList && derive.family) {
      const evidence = evidenceOfParameterList(b.subarray(from, to));
      if (evidence !== undefined) client.addEvidence('dhcpList', evidence, frame);
    }
  }
  address(client, b, start, type, requested, frame);
}

function name(client: Host, derive: Derive, hostName: string, source: number, frame: number): void {
  if (derive.hostName) client.setHostName(hostName, source, frame);
  if (!derive.family) return;
  const evidence = evidenceOfHostName(hostName);
  if (evidence !== undefined) client.addEvidence('hostName', evidence, frame);
}

function address(
  client: Host,
  b: Uint8Array,
  start: number,
  type: number,
  requested: number,
  frame: number,
): void {
  const current = start + DHCPV4_CIADDR;
  const yours = start + DHCPV4_YIADDR;
  if (type === ACK && u32(b, yours) !== 0) client.learnIp4(b, yours, frame, true);
  // RFC 2131 4.4.3: an INFORM comes from the address that the client has already.
  else if (type === INFORM && u32(b, current) !== 0) client.learnIp4(b, current, frame, true);
  else if (type === RELEASE) client.ip4?.forget(b, current);
  else if (type === DECLINE && requested >= 0) client.ip4?.forget(b, requested);
}
