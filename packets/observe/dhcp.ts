import { text, u32 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import { DHCPV4_CHADDR, DHCPV4_CIADDR, DHCPV4_YIADDR, dhcpv4Op } from '../layers/dhcpv4.ts';
import { clientFqdn, Dhcpv4Option, type Dhcpv4OptionRange, dhcpv4Options } from '../layers/dhcpv4-options.ts';
import { evidenceOfParameterList, evidenceOfVendorClass } from './dhcp-fingerprint.ts';
import type { Evidence } from './evidence.ts';
import type { Derive } from './frame-meta.ts';
import { type EvidenceSource, type Host, NameSource } from './host.ts';
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
    else if (fromClient) clientOption(client, derive, b, option, frame);
    // A server that assigns a name says so in its reply; the client's own word counts more.
    else if (code === Dhcpv4Option.hostName)
      setName(client, derive, text(b, from, to), NameSource.assigned, frame);
  }
  address(client, b, start, type, requested, frame);
}

function clientOption(
  client: Host,
  derive: Derive,
  b: Uint8Array,
  option: Dhcpv4OptionRange,
  frame: number,
): void {
  const { code, start, end } = option;
  switch (code) {
    case Dhcpv4Option.hostName:
      if (client.dhcp.isNew(code, b, start, end))
        setName(client, derive, text(b, start, end), NameSource.dhcp, frame);
      return;
    case Dhcpv4Option.clientFqdn:
      if (!client.dhcp.isNew(code, b, start, end)) return;
      setName(client, derive, clientFqdn(b.subarray(start, end)) ?? '', NameSource.fqdn, frame);
      return;
    case Dhcpv4Option.vendorClass:
      if (!derive.family || !client.dhcp.isNew(code, b, start, end)) return;
      note(client, 'dhcpClass', evidenceOfVendorClass(text(b, start, end)), frame);
      return;
    case Dhcpv4Option.parameterRequestList:
      if (!derive.family || !client.dhcp.isNew(code, b, start, end)) return;
      note(client, 'dhcpList', evidenceOfParameterList(b.subarray(start, end)), frame);
  }
}

function setName(client: Host, derive: Derive, name: string, source: number, frame: number): void {
  if (derive.hostName) client.setHostName(name, source, frame);
  if (derive.family) note(client, 'hostName', evidenceOfHostName(name), frame);
}

function note(client: Host, source: EvidenceSource, evidence: Evidence | undefined, frame: number): void {
  if (evidence !== undefined) client.addEvidence(source, evidence, frame);
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
