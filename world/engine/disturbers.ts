/** Those who are not of the site: rogue access points, evil twins, floods, and what a loop does. */
import { arpRequest } from '../frames/arp.ts';
import { beacon, deauthentication, Reason } from '../frames/ieee80211-management.ts';
import { BROADCAST_MAC, ipv4Bytes, macBytes } from '../frames/octets.ts';
import { hash } from '../random.ts';
import type { Place } from '../site/model.ts';
import { MS, S } from './chance.ts';
import { type Emission, type Script, type Transmitter, tick } from './emission.ts';
import { tsfUs } from './infrastructure.ts';
import type { SiteNetwork } from './network.ts';

const STRANGERS = 0x6000_0000;
/** A loop sends a broadcast around as fast as its slowest port goes; these many a second are enough to see. */
const STORM_PER_S = 100;

function stranger(bssid: string, at: Place, powerDbm: number): Transmitter {
  const place = { ...at, headingRad: 0 };
  return {
    device: STRANGERS + (hash(Number.parseInt(bssid.slice(9).replaceAll(':', ''), 16), 0) >>> 4),
    powerDbm,
    placeAt: () => place,
  };
}

/** One second at a time, by the conditions at its start. */
export function* disturbers(network: SiteNetwork, fromUs: number): Script<void> {
  for (let timeUs = Math.floor(fromUs / S) * S; ; timeUs += S) {
    const { rogueAps, deauthFloods, loops } = network.conditionsAt(timeUs / 1000);
    if (rogueAps.length + deauthFloods.length + loops.length === 0) {
      yield tick(timeUs);
      continue;
    }
    const all = [...rogues(network, timeUs), ...floods(network, timeUs), ...storms(network, timeUs)];
    yield* all.sort((a, b) => a.timeUs - b.timeUs);
  }
}

function rogues(network: SiteNetwork, timeUs: number): Emission[] {
  return network.conditionsAt(timeUs / 1000).rogueAps.map((rogue, i) => {
    const { band, channel, ssid, security } = rogue;
    const bss = { bssid: macBytes(rogue.bssid), ssid, security, band, channel };
    const atUs = timeUs + i * 5 * MS;
    return {
      medium: 'air',
      timeUs: atUs,
      from: stranger(rogue.bssid, rogue.at, rogue.powerDbm),
      accessPoint: -1,
      band,
      channel,
      frame: beacon(bss, tsfUs(atUs), Math.floor(timeUs / S)),
      numbered: false,
    };
  });
}

/** To everybody, in the name of a BSSID of the site, on that BSSID's channel. */
function floods(network: SiteNetwork, timeUs: number): Emission[] {
  return network.conditionsAt(timeUs / 1000).deauthFloods.flatMap((flood) => {
    const radio = network.site.accessPoints
      .flatMap((ap) => ap.radios)
      .find((r) => r.bssids.includes(flood.bssid));
    if (radio === undefined) return [];
    const { band, channel } = radio;
    const bss = { bssid: macBytes(flood.bssid), ssid: '', security: 'open' as const, band, channel };
    return Array.from(
      { length: flood.framesPerS },
      (_, n): Emission => ({
        medium: 'air',
        timeUs: timeUs + Math.floor((n * S) / flood.framesPerS),
        from: stranger(flood.bssid, flood.at, flood.powerDbm),
        accessPoint: -1,
        band,
        channel,
        frame: deauthentication(bss, BROADCAST_MAC, false, Reason.unspecified),
        numbered: false,
      }),
    );
  });
}

/** One host's ARP request that comes in again and again on both ports. */
function storms(network: SiteNetwork, timeUs: number): Emission[] {
  return network.conditionsAt(timeUs / 1000).loops.flatMap((loop) => {
    const port = network.topology.port(loop.switch, loop.ports[0]);
    const gateway = port && network.network(port.vlan)?.gateway;
    if (!gateway) return [];
    const asked = ipv4Bytes(gateway.ipv4);
    const frame = arpRequest(
      { mac: macBytes(gateway.mac), ipv4: asked },
      asked.map((byte, i) => (i === 3 ? 254 : byte)),
    );
    return Array.from(
      { length: STORM_PER_S },
      (_, n): Emission => ({
        medium: 'wire',
        timeUs: timeUs + Math.floor((n * S) / STORM_PER_S),
        way: [{ device: loop.switch, port: loop.ports[n % 2], tagged: false, hears: 'both' }],
        direction: 'up',
        vlan: port.vlan,
        frame,
      }),
    );
  });
}
