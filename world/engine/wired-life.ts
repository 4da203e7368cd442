/** All frames of one host on a cable: 802.1X where it has a user, addresses, LLDP or CDP, and traffic. */
import type { Being } from '../beings/model.ts';
import { cdp } from '../frames/cdp.ts';
import { eapolStart } from '../frames/eap.ts';
import { EtherType, ethernet } from '../frames/ethernet.ts';
import { LldpCapability, lldp } from '../frames/lldp.ts';
import { macBytes } from '../frames/octets.ts';
import { hash, subSeed } from '../random.ts';
import type { Port, WireEnd } from '../site/model.ts';
import { WiredPort } from './attachment.ts';
import { MS, S } from './chance.ts';
import type { Emission, Script } from './emission.ts';
import { Host } from './host.ts';
import type { SiteNetwork } from './network.ts';
import { configureIpv6, confirmAddress, obtainAddress } from './scripts/address.ts';
import { announceServices } from './scripts/announce.ts';
import { exchange } from './scripts/ieee8021x.ts';
import { traffic } from './scripts/traffic.ts';

const PAE_GROUP = macBytes('01:80:c2:00:00:03');
const ANNOUNCE_S = 30;
const BROWSE_MEAN_S = 240;
const RETRY_S = 60;

export interface WiredLife {
  being: Being;
  network: SiteNetwork;
  /** When it is on the cable and switched on, microseconds; each is a life of its own. */
  periods: Iterable<{ fromUs: number; toUs: number }>;
  /** Before this, only what later frames depend on needs to be there. */
  quietUntilUs: number;
}

export function* wiredLife(of: WiredLife): Script<void> {
  const { wired } = of.being;
  const port = wired && of.network.topology.port(wired.device, wired.port);
  if (!wired || !port) return;
  const living = new Plugged(of, wired, port);
  for (const period of of.periods) yield* living.live(period);
}

class Plugged {
  private readonly being: Being;
  private readonly network: SiteNetwork;
  private readonly wired: WireEnd;
  private readonly port: Port;
  private readonly attachment: WiredPort;
  private readonly host: Host;
  private readonly seed: number;
  private readonly quietUntilUs: number;
  private timeUs = 0;

  constructor({ being, network, quietUntilUs }: WiredLife, wired: WireEnd, port: Port) {
    this.being = being;
    this.network = network;
    this.wired = wired;
    this.port = port;
    this.quietUntilUs = quietUntilUs;
    this.seed = hash(subSeed(network.site.seed, 'wired frames'), being.index);
    this.attachment = new WiredPort(being, network, port.vlan);
    this.host = new Host(being, network, this.attachment, this.seed);
  }

  /** From switching on to switching off. After a loss of link, or in another VLAN, all begins anew. */
  *live({ fromUs, toUs }: { fromUs: number; toUs: number }): Script<void> {
    const { host } = this;
    host.undertake(fromUs);
    host.lease = null;
    this.timeUs = fromUs + host.draws.integer(0, 2000) * MS;
    while (this.timeUs < toUs) {
      if (this.isUnplugged(this.timeUs)) {
        this.timeUs += S;
        continue;
      }
      host.undertake(this.timeUs);
      this.attachment.vlan = this.vlanAt(this.timeUs);
      if (!(yield* this.authenticate()) || !(yield* this.address())) {
        yield this.announce(this.timeUs);
        this.timeUs += RETRY_S * S;
        continue;
      }
      const boundUs = this.timeUs;
      this.timeUs = (yield* configureIpv6(host, this.timeUs)) + 5 * MS;
      this.timeUs = (yield* announceServices(host, this.timeUs)) + 5 * MS;
      yield this.announce(this.timeUs);
      const end = yield* this.use(boundUs, toUs);
      this.timeUs = Math.max(this.timeUs + MS, end.timeUs);
      if (!end.ended) return;
      yield host.trouble(this.timeUs, 'link-down', 'portsDown', 'switchesDown', 'vlans');
      this.timeUs += MS;
    }
  }

  private vlanAt(timeUs: number): number {
    const { vlans } = this.host.conditions(timeUs);
    const { device, port } = this.wired;
    return vlans.find((moved) => moved.switch === device && moved.port === port)?.vlan ?? this.port.vlan;
  }

  private isUnplugged(timeUs: number): boolean {
    return this.network.isCut([this.wired], this.host.conditions(timeUs));
  }

  /** At any second since the beat before. */
  private wasUnplugged(timeUs: number): boolean {
    for (let s = 0; s < ANNOUNCE_S; s++) if (this.isUnplugged(timeUs - s * S)) return true;
    return false;
  }

  private announce(timeUs: number): Emission {
    return this.attachment.local(timeUs, 'up', announcement(this.being, this.attachment.mac));
  }

  /** IEEE 802.1X, where it has a user. */
  private *authenticate(): Script<boolean> {
    const { being, network, attachment, host } = this;
    if (being.userName === null) return true;
    const switchMac = macBytes(this.port.mac);
    const start = ethernet(PAE_GROUP, attachment.mac, EtherType.eapol, eapolStart());
    yield attachment.local(this.timeUs, 'up', start);
    const carry = (atUs: number, up: boolean, eapol: Uint8Array) => {
      const from = up ? attachment.mac : switchMac;
      return attachment.local(atUs, up ? 'up' : 'down', ethernet(PAE_GROUP, from, EtherType.eapol, eapol));
    };
    const eap = yield* exchange({ being, network, draws: host.draws, carry }, this.timeUs + 5 * MS);
    this.timeUs = eap.timeUs + 5 * MS;
    return eap.outcome === 'accepted';
  }

  private *address(): Script<boolean> {
    const { host } = this;
    const startUs = this.timeUs;
    const { timeUs, outcome } = yield* host.lease === null
      ? obtainAddress(host, startUs)
      : confirmAddress(host, startUs);
    this.timeUs = timeUs + MS;
    const isBound = outcome === 'bound';
    yield host.addressed(this.timeUs, startUs, outcome);
    this.timeUs += 5 * MS;
    return isBound;
  }

  private use(boundUs: number, toUs: number): Script<{ timeUs: number; ended: boolean }> {
    const { host, seed, quietUntilUs, attachment } = this;
    return traffic(
      {
        host,
        seed,
        boundUs,
        browseMeanS: BROWSE_MEAN_S,
        beatS: ANNOUNCE_S,
        quietUntilUs,
        beat: (timeUs) => [this.announce(timeUs)],
        ends: (timeUs) => this.wasUnplugged(timeUs) || this.vlanAt(timeUs) !== attachment.vlan,
      },
      this.timeUs,
      toUs,
    );
  }
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
