/** All frames of one host on a cable: 802.1X where it has a user, addresses, LLDP or CDP, and traffic. */
import { macText } from '../../packets/bytes.ts';
import type { Being } from '../beings/model.ts';
import { cdp } from '../frames/cdp.ts';
import { eapolStart } from '../frames/eap.ts';
import { EtherType, ethernet } from '../frames/ethernet.ts';
import { LldpCapability, lldp } from '../frames/lldp.ts';
import { macBytes } from '../frames/octets.ts';
import { WiredPort } from './attachment.ts';
import { drawsOf, MS, S } from './chance.ts';
import type { AddressOutcome, Fact, Note, Script } from './emission.ts';
import { Host } from './host.ts';
import type { SiteNetwork } from './network.ts';
import { configureIpv6, obtainAddress, renewAddress } from './scripts/address.ts';
import { announceServices } from './scripts/announce.ts';
import { browse } from './scripts/browse.ts';
import { exchange } from './scripts/ieee8021x.ts';

const PAE_GROUP = macBytes('01:80:c2:00:00:03');
const ANNOUNCE_S = 30;
const BROWSE_MEAN_S = 240;

export interface WiredLife {
  being: Being;
  network: SiteNetwork;
  /** Periods during which it is on the cable and switched on, microseconds. */
  periods: Iterable<{ fromUs: number; toUs: number }>;
}

export function* wiredLife({ being, network, periods }: WiredLife): Script<void> {
  const { wired } = being;
  if (wired === null) return;
  const port = network.topology.port(wired.device, wired.port);
  if (port === undefined) return;
  const draws = drawsOf(network.site.seed, being.index, 'wired frames');
  const attachment = new WiredPort(being, network, port.vlan);
  const host = new Host(being, network, attachment, draws);
  for (const { fromUs, toUs } of periods) {
    let timeUs = fromUs + draws.integer(0, 2000) * MS;
    const vlanOf = (atUs: number) =>
      host.conditions(atUs).vlans.find((v) => v.switch === wired.device && v.port === wired.port)?.vlan ??
      port.vlan;
    attachment.vlan = vlanOf(timeUs);
    if (being.userName !== null) {
      const switchMac = macBytes(port.mac);
      yield attachment.local(
        timeUs,
        'up',
        ethernet(PAE_GROUP, attachment.mac, EtherType.eapol, eapolStart()),
      );
      const carry = (atUs: number, up: boolean, eapol: Uint8Array) => {
        const [to, from] = up ? [PAE_GROUP, attachment.mac] : [PAE_GROUP, switchMac];
        return attachment.local(atUs, up ? 'up' : 'down', ethernet(to, from, EtherType.eapol, eapol));
      };
      const eap = yield* exchange({ being, network, draws, carry }, timeUs + 5 * MS);
      timeUs = eap.timeUs + 5 * MS;
      if (eap.outcome !== 'accepted') continue;
    }
    let got = yield* obtainAddress(host, timeUs);
    timeUs = got.timeUs + 5 * MS;
    yield addressNote(host, got);
    if (got.outcome === 'bound') {
      timeUs = (yield* configureIpv6(host, timeUs)) + 5 * MS;
      timeUs = (yield* announceServices(host, timeUs)) + 5 * MS;
    }
    let announceUs = timeUs;
    let browseUs = timeUs + draws.exponential(BROWSE_MEAN_S) * S;
    let renewUs = timeUs + ((host.lease?.leaseS ?? 120) / 2) * S;
    for (;;) {
      const nextUs = Math.round(Math.max(timeUs, Math.min(announceUs, browseUs, renewUs)));
      if (nextUs >= toUs) break;
      timeUs = nextUs;
      const vlan = vlanOf(timeUs);
      if (vlan !== attachment.vlan || (host.lease === null && nextUs >= renewUs)) {
        // The port was moved, or it has no address yet: it asks (again).
        attachment.vlan = vlan;
        got = yield* obtainAddress(host, timeUs);
        timeUs = got.timeUs + 5 * MS;
        yield addressNote(host, got);
        renewUs = timeUs + ((host.lease?.leaseS ?? 120) / 2) * S;
      } else if (nextUs >= announceUs) {
        yield attachment.local(timeUs, 'up', announcement(being, attachment.mac));
        announceUs = timeUs + ANNOUNCE_S * S;
      } else if (nextUs >= renewUs) {
        timeUs = (yield* renewAddress(host, timeUs)) + 5 * MS;
        renewUs = timeUs + ((host.lease?.leaseS ?? 120) / 2) * S;
      } else {
        if (host.lease !== null) timeUs = (yield* browse(host, timeUs)) + 5 * MS;
        browseUs = timeUs + (1 + draws.exponential(BROWSE_MEAN_S)) * S;
      }
    }
  }
}

function addressNote(host: Host, { timeUs, outcome }: { timeUs: number; outcome: AddressOutcome }): Note {
  const { being, attachment, lease } = host;
  const fact: Fact = {
    type: 'address',
    being: being.id,
    mac: macText(attachment.mac, 0),
    vlan: attachment.vlan,
    ipv4: lease?.ipv4 ?? null,
    hostName: being.dhcp?.sendsHostName ? being.hostName : null,
    outcome,
  };
  return { medium: 'note', timeUs: timeUs + MS, fact };
}

/** Cameras speak CDP, all others LLDP with what TIA-1057 adds for endpoints. */
function announcement(being: Being, mac: Uint8Array): Uint8Array {
  const name = being.hostName ?? being.id;
  const software = `${being.os} ${being.osVersion}`.trim();
  if (being.kind === 'camera') {
    return cdp({
      mac,
      deviceId: name,
      portId: 'eth0',
      platform: `${being.manufacturer} ${being.model}`,
      software,
      ttlS: 120,
      ipv4: null,
      nativeVlan: 1,
      capabilities: 0x10,
    });
  }
  return lldp({
    portMac: mac,
    chassisMac: mac,
    portName: 'eth0',
    portDescription: 'eth0',
    systemName: name,
    systemDescription: `${being.manufacturer} ${being.model} ${software}`.trim(),
    capabilities: LldpCapability.station,
    managementIpv4: null,
    ttlS: 4 * ANNOUNCE_S,
    portVlan: null,
    mauType: 30,
    maxFrame: 1522,
    power: null,
    med: { deviceClass: 1, model: being.model },
  });
}
