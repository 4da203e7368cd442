/** How a host gets its addresses: DHCP (RFC 2131), ARP (RFC 5227), SLAAC (RFC 4862), DHCPv6. */

import { ipv6Text } from '../../../packets/bytes.ts';
import { arpAnnouncement, arpProbe, arpReply, arpRequest } from '../../frames/arp.ts';
import {
  type DhcpClient,
  type DhcpLease,
  dhcpDiscover,
  dhcpGrant,
  dhcpNak,
  dhcpRenew,
  dhcpRequest,
} from '../../frames/dhcpv4.ts';
import { dhcpv6FromClient, dhcpv6FromServer } from '../../frames/dhcpv6.ts';
import {
  duplicateAddressProbe,
  linkLocal,
  neighbourAnnouncement,
  routerAdvertisement,
  routerSolicitation,
} from '../../frames/icmpv6.ts';
import { ipv4Bytes, macBytes } from '../../frames/octets.ts';
import { MS, S } from '../chance.ts';
import type { AddressOutcome, Script } from '../emission.ts';
import type { Host } from '../host.ts';

/** An answer that takes longer is a trouble of its own. */
export const SLOW_MS = 500;
/** Waits between DISCOVERs, seconds (RFC 2131 4.1, without its jitter, which is drawn). */
const RETRANSMIT_S = [4, 8, 16];

function clientOf(host: Host): DhcpClient {
  const { being, attachment, draws } = host;
  const traits = being.dhcp;
  return {
    mac: attachment.mac,
    transactionId: draws.bits(),
    parameterRequestList: traits?.parameterRequestList ?? [],
    vendorClass: traits?.vendorClass ?? undefined,
    hostName: traits?.sendsHostName ? (being.hostName ?? undefined) : undefined,
  };
}

/** DISCOVER to ACK. The address is in `host.lease` when the outcome is `bound`. */
export function* obtainAddress(
  host: Host,
  startUs: number,
): Script<{ timeUs: number; outcome: AddressOutcome }> {
  const { attachment, network, draws } = host;
  host.lease = null;
  const client = clientOf(host);
  let timeUs = startUs;
  for (let attempt = 0; ; attempt++) {
    yield* host.send(timeUs, dhcpDiscover(client, Math.round((timeUs - startUs) / S)));
    const { dhcp } = host.conditions(timeUs);
    const lease = network.lease(host.being, attachment.vlan);
    if (dhcp.answer === 'normal' && lease !== null && host.isReachable(timeUs)) {
      const offeredUs = timeUs + dhcp.delayMs * MS + draws.integer(2, 20) * MS;
      yield* host.receive(offeredUs, dhcpGrant(client, lease, 'offer'));
      if (network.bug(host.being, 'ignores-offers', host.conditions(offeredUs))) timeUs = offeredUs;
      else return yield* accept(host, client, lease, offeredUs + draws.integer(5, 60) * MS);
    }
    if (attempt === RETRANSMIT_S.length) {
      if (lease === null) return { timeUs, outcome: 'no-network' };
      return {
        timeUs,
        outcome: dhcp.answer === 'normal' && host.isReachable(timeUs) ? 'offer-ignored' : 'no-offer',
      };
    }
    timeUs += RETRANSMIT_S[attempt] * S + draws.integer(-1000, 1000) * MS;
  }
}

function* accept(
  host: Host,
  client: DhcpClient,
  lease: DhcpLease,
  timeUs: number,
): Script<{ timeUs: number; outcome: AddressOutcome }> {
  yield* host.send(timeUs, dhcpRequest(client, lease.ipv4, lease.server));
  const ackUs = timeUs + host.conditions(timeUs).dhcp.delayMs * MS + host.draws.integer(2, 20) * MS;
  yield* host.receive(ackUs, dhcpGrant(client, lease, 'ack'));
  host.lease = lease;
  if (host.conditions(timeUs).dhcp.delayMs > SLOW_MS) yield host.trouble(ackUs + MS, 'address-slow', 'dhcp');
  return { timeUs: yield* claim(host, ackUs + 20 * MS), outcome: 'bound' };
}

/** Is the address free? Then it is announced. Whoever else claims it says so. */
function* claim(host: Host, startUs: number): Script {
  const { lease, attachment } = host;
  if (lease === null) return startUs;
  const mine = { mac: attachment.mac, ipv4: ipv4Bytes(lease.ipv4) };
  yield* host.send(startUs, arpProbe(mine.mac, mine.ipv4));
  const announceUs = startUs + 300 * MS;
  yield* host.send(announceUs, arpAnnouncement(mine));
  const other = host
    .conditions(announceUs)
    .duplicateIps.find(({ ipv4, vlan }) => ipv4 === lease.ipv4 && vlan === attachment.vlan);
  if (other === undefined) return announceUs;
  const conflictUs = announceUs + 3 * MS;
  yield* host.receive(conflictUs, arpReply({ mac: macBytes(other.mac), ipv4: mine.ipv4 }, mine));
  yield host.trouble(conflictUs + MS, 'address-duplicate', 'duplicateIps');
  return conflictUs + MS;
}

/**
 * After a roam or a sleep: the old address is asked for (INIT-REBOOT). A server that has no addresses left, or
 * of another network, says NAK, and all begins again.
 */
export function* confirmAddress(
  host: Host,
  startUs: number,
): Script<{ timeUs: number; outcome: AddressOutcome }> {
  const old = host.lease;
  const { attachment, network, draws } = host;
  const lease = network.lease(host.being, attachment.vlan);
  if (old === null || lease === null) return yield* obtainAddress(host, startUs);
  const client = clientOf(host);
  yield* host.send(startUs, dhcpRequest(client, old.ipv4, null));
  const { dhcp } = host.conditions(startUs);
  if (dhcp.answer === 'silent' || !host.isReachable(startUs)) {
    // RFC 2131 3.2: without an answer, the address may be used for the rest of the lease.
    return { timeUs: startUs, outcome: 'bound' };
  }
  const answerUs = startUs + dhcp.delayMs * MS + draws.integer(2, 20) * MS;
  if (dhcp.answer === 'normal' && lease.ipv4 === old.ipv4) {
    yield* host.receive(answerUs, dhcpGrant(client, lease, 'ack'));
    return { timeUs: yield* claim(host, answerUs + 20 * MS), outcome: 'bound' };
  }
  const why = dhcp.answer === 'exhausted' ? 'no addresses available' : 'wrong network';
  yield* host.receive(answerUs, dhcpNak(client, lease.server, lease.serverMac, why));
  return yield* obtainAddress(host, answerUs + 500 * MS);
}

/** At half of the lease; unanswered, the address is kept until it runs out. */
export function* renewAddress(host: Host, startUs: number): Script {
  const { lease, draws } = host;
  if (lease === null) return startUs;
  const client = clientOf(host);
  yield* host.send(startUs, dhcpRenew(client, lease));
  const { dhcp } = host.conditions(startUs);
  if (dhcp.answer !== 'normal' || !host.isReachable(startUs)) {
    yield host.trouble(startUs + MS, 'lease-not-renewed', 'dhcp');
    return startUs + MS;
  }
  const ackUs = startUs + dhcp.delayMs * MS + draws.integer(2, 20) * MS;
  yield* host.receive(ackUs, dhcpGrant(client, lease, 'ack', true));
  return ackUs;
}

const ROUTER_LIFETIME_S = 1800;
const MTU = 1500;

/** Link-local and, where the network has a prefix, a global address; Windows and Linux ask DHCPv6 as well. */
export function* configureIpv6(host: Host, startUs: number): Script {
  const { attachment, network, being, draws } = host;
  const prefix = network.network(attachment.vlan);
  const address = network.ipv6(being, attachment.vlan);
  if (address === null || prefix === undefined) return startUs;
  const { mac } = attachment;
  yield* host.send(startUs, duplicateAddressProbe(mac, linkLocal(mac)));
  const solicitUs = startUs + draws.integer(5, 100) * MS;
  yield* host.send(solicitUs, routerSolicitation(mac));
  if (host.conditions(solicitUs).gatewaysGone.includes(attachment.vlan) || !host.isReachable(solicitUs)) {
    return solicitUs;
  }
  const gateway = macBytes(prefix.gateway.mac);
  let timeUs = solicitUs + draws.integer(1, 20) * MS;
  yield* host.receive(
    timeUs,
    routerAdvertisement({ mac: gateway, prefix: address, lifetimeS: ROUTER_LIFETIME_S, mtu: MTU }),
  );
  timeUs += 10 * MS;
  yield* host.send(timeUs, duplicateAddressProbe(mac, address));
  timeUs += S;
  yield* host.send(timeUs, neighbourAnnouncement(mac, address));
  return being.os === 'Windows' ? yield* solicitDhcpv6(host, gateway, address, timeUs + 50 * MS) : timeUs;
}

function* solicitDhcpv6(host: Host, serverMac: Uint8Array, prefix: Uint8Array, startUs: number): Script {
  const { draws, being, attachment } = host;
  const client = { mac: attachment.mac, transactionId: draws.bits(), hostName: being.hostName ?? undefined };
  const leased = prefix.slice();
  leased.set([0, 0, 0, 0, 0, 1, being.index >>> 8, being.index & 0xff], 8);
  const lease = { ipv6: ipv6Text(leased, 0), serverMac, validS: 86_400 };
  let timeUs = startUs;
  yield* host.send(timeUs, dhcpv6FromClient(client, 'solicit', null));
  if (host.conditions(timeUs).dhcp.answer !== 'normal') return timeUs;
  timeUs += draws.integer(2, 20) * MS;
  yield* host.receive(timeUs, dhcpv6FromServer(client, 'advertise', lease));
  timeUs += draws.integer(2, 50) * MS;
  yield* host.send(timeUs, dhcpv6FromClient(client, 'request', lease));
  timeUs += draws.integer(2, 20) * MS;
  yield* host.receive(timeUs, dhcpv6FromServer(client, 'reply', lease));
  return timeUs;
}

/** Who has the gateway? Null when nobody answers. */
export function* resolveGateway(host: Host, startUs: number): Script<{ timeUs: number; found: boolean }> {
  const { lease, attachment, network, draws } = host;
  const gateway = network.network(attachment.vlan)?.gateway;
  if (lease === null || gateway === undefined) return { timeUs: startUs, found: false };
  const mine = { mac: attachment.mac, ipv4: ipv4Bytes(lease.ipv4) };
  let timeUs = startUs;
  for (let attempt = 0; attempt < 3; attempt++, timeUs += S) {
    yield* host.send(timeUs, arpRequest(mine, ipv4Bytes(gateway.ipv4)));
    const isGone = host.conditions(timeUs).gatewaysGone.includes(attachment.vlan);
    if (isGone || !host.isReachable(timeUs)) continue;
    timeUs += draws.integer(1, 4) * MS;
    yield* host.receive(
      timeUs,
      arpReply({ mac: macBytes(gateway.mac), ipv4: ipv4Bytes(gateway.ipv4) }, mine),
    );
    const other = host
      .conditions(timeUs)
      .duplicateIps.find(({ ipv4, vlan }) => ipv4 === gateway.ipv4 && vlan === attachment.vlan);
    if (other !== undefined) {
      timeUs += 2 * MS;
      yield* host.receive(
        timeUs,
        arpReply({ mac: macBytes(other.mac), ipv4: ipv4Bytes(gateway.ipv4) }, mine),
      );
      timeUs += MS;
      yield host.trouble(timeUs, 'address-duplicate', 'duplicateIps');
    }
    return { timeUs, found: true };
  }
  yield host.trouble(timeUs, 'gateway-silent', 'gatewaysGone');
  return { timeUs, found: false };
}
