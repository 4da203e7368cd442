/** All frames of one Wi-Fi station from its acts, in order of time. */
import { macText } from '../../packets/bytes.ts';
import type { Being, WifiTraits } from '../beings/model.ts';
import { nullData } from '../frames/ieee80211.ts';
import { deauthentication, Reason } from '../frames/ieee80211-management.ts';
import { macBytes } from '../frames/octets.ts';
import { subSeed } from '../random.ts';
import type { Act } from './acts.ts';
import { Station } from './attachment.ts';
import { drawsOf, MS, madeUpMac, S } from './chance.ts';
import type { AddressOutcome, Fact, Note, Script, Transmitter } from './emission.ts';
import { Host } from './host.ts';
import type { Cell, SiteNetwork } from './network.ts';
import { configureIpv6, confirmAddress, obtainAddress, renewAddress } from './scripts/address.ts';
import { announceServices } from './scripts/announce.ts';
import { browse, portalCheck } from './scripts/browse.ts';
import { identityOf } from './scripts/ieee8021x.ts';
import { join } from './scripts/join.ts';
import { scan } from './scripts/scan.ts';

/** A dozing station shows itself this often, and does something on the network about as often as this. */
const KEEP_ALIVE_S = 15;
const BROWSE_MEAN_S = 150;
const RETRY_S = 20;

export interface WifiLife {
  being: Being;
  traits: WifiTraits;
  network: SiteNetwork;
  transmitter: Transmitter;
  acts: Iterable<Act>;
}

/** The address that a being shows in a network (its policy: one for each SSID, or the burnt-in one). */
export function joinedMac(seed: number, being: Being, ssid: string): Uint8Array {
  if (being.macPolicy.joined === 'permanent') return macBytes(being.mac);
  return madeUpMac(subSeed(seed, `ssid ${ssid}`), being.index, 0);
}

export function* wifiLife(of: WifiLife): Script<void> {
  const living = new Living(of);
  let act: Act | undefined;
  for (const next of of.acts) {
    if (act !== undefined) yield* living.act(act, next.tMs * MS);
    act = next;
  }
  if (act !== undefined) yield* living.act(act, Number.POSITIVE_INFINITY);
}

class Living {
  private readonly being: Being;
  private readonly network: SiteNetwork;
  private readonly station: Station;
  private readonly host: Host;
  private readonly of: WifiLife;
  private readonly draws;
  private bursts = 0;
  /** Where the last script ended: nothing begins before. */
  private timeUs = 0;

  constructor(of: WifiLife) {
    const { being, network, transmitter } = of;
    this.of = of;
    this.being = being;
    this.network = network;
    this.draws = drawsOf(network.site.seed, being.index, 'frames');
    this.station = new Station(network, transmitter, macBytes(being.mac), this.draws.integer(0, 4095));
    this.host = new Host(being, network, this.station, this.draws);
  }

  /** One act, and what it leads to until the next one. */
  *act(act: Act, untilUs: number): Script<void> {
    this.timeUs = Math.max(this.timeUs + MS, Math.round(act.tMs * MS));
    switch (act.kind) {
      case 'scan':
        yield* this.scan(act);
        return;
      case 'join':
      case 'roam':
        yield* this.enter(act, untilUs);
        return;
      case 'leave':
        yield* this.leave(act.announced);
    }
  }

  private *scan({ answers }: Extract<Act, { kind: 'scan' }>): Script<void> {
    const { being, station, network, draws } = this;
    const { traits } = this.of;
    const cell = answers === null ? undefined : this.cell(answers.accessPoint, answers.band);
    const burst = this.bursts++;
    station.cell = null;
    this.timeUs = yield* scan(
      { being, station, network, draws, traits, burst, answers: cell ?? null },
      this.timeUs,
    );
    yield this.note({ type: 'scan', being: being.id, mac: station.macText, frames: traits.framesPerBurst });
  }

  private note(fact: Fact): Note {
    return { medium: 'note', timeUs: this.timeUs, fact };
  }

  private cell(accessPoint: number, band: Extract<Act, { kind: 'join' }>['band']): Cell | undefined {
    const name = this.of.traits.ssid ?? this.network.site.ssids[0]?.name;
    return name === undefined ? undefined : this.network.cell(accessPoint, band, name);
  }

  private *enter(act: Extract<Act, { kind: 'join' | 'roam' }>, untilUs: number): Script<void> {
    const cell = this.cell(act.accessPoint, act.band);
    if (cell === undefined) return;
    const { being, station, network, draws } = this;
    const from = act.kind === 'roam' ? station.cell : null;
    station.mac = joinedMac(network.site.seed, being, cell.ssid.name);
    for (let previous = from; this.timeUs < untilUs; previous = null) {
      const joined = yield* join({ being, station, network, draws, cell, from: previous }, this.timeUs);
      this.timeUs = joined.timeUs + 5 * MS;
      yield this.note({
        type: previous === null ? 'join' : 'roam',
        being: being.id,
        mac: station.macText,
        accessPoint: cell.accessPoint.id,
        bssid: macText(cell.bss.bssid, 0),
        ssid: cell.ssid.name,
        userName: cell.ssid.security === 'wpa2-enterprise' ? identityOf(being) : null,
        outcome: joined.outcome,
      });
      if (joined.outcome === 'joined') {
        if (!(yield* this.use(previous !== null, untilUs))) return;
      }
      this.timeUs += (RETRY_S + draws.integer(0, 10)) * S;
    }
  }

  /** Connected: until the next act, or until it goes by itself, which a bug may make it do (true). */
  private *use(isRoam: boolean, untilUs: number): Script<boolean> {
    const { host } = this;
    const sinceUs = this.timeUs;
    const address = isRoam ? confirmAddress : obtainAddress;
    let got = yield* address(host, this.timeUs);
    while (got.outcome !== 'bound' && got.timeUs + 30 * S < untilUs) {
      yield this.addressNote(got);
      if (got.outcome === 'no-network') return false;
      got = yield* obtainAddress(host, got.timeUs + 30 * S);
    }
    yield this.addressNote(got);
    this.timeUs = got.timeUs + 5 * MS;
    if (got.outcome !== 'bound') return false;
    if (!isRoam && this.timeUs < untilUs) {
      this.timeUs = (yield* configureIpv6(host, this.timeUs)) + 5 * MS;
      this.timeUs = (yield* announceServices(host, this.timeUs)) + 5 * MS;
      this.timeUs = (yield* portalCheck(host, this.timeUs)) + 5 * MS;
    }
    return yield* this.traffic(sinceUs, untilUs);
  }

  private addressNote({ timeUs, outcome }: { timeUs: number; outcome: AddressOutcome }): Note {
    this.timeUs = timeUs + MS;
    const { being, station, host } = this;
    return this.note({
      type: 'address',
      being: being.id,
      mac: station.macText,
      vlan: station.vlan,
      ipv4: host.lease?.ipv4 ?? null,
      hostName: being.dhcp?.sendsHostName ? being.hostName : null,
      outcome,
    });
  }

  private *traffic(sinceUs: number, untilUs: number): Script<boolean> {
    const { host, station, draws, network, being } = this;
    let browseUs = this.timeUs + draws.exponential(BROWSE_MEAN_S) * S;
    let renewUs = this.timeUs + ((host.lease?.leaseS ?? 3600) / 2) * S;
    for (;;) {
      const aliveUs = this.timeUs + KEEP_ALIVE_S * S;
      const nextUs = Math.round(Math.min(browseUs, renewUs, aliveUs));
      if (nextUs >= untilUs) return false;
      this.timeUs = nextUs;
      const bug = network.bug(being, 'disconnects', network.conditionsAt(nextUs / 1000));
      if (bug !== undefined && nextUs - sinceUs > bug.everyMs * MS) {
        yield* this.leave(true);
        return true;
      }
      if (nextUs >= browseUs) {
        this.timeUs = (yield* browse(host, nextUs)) + 5 * MS;
        browseUs = this.timeUs + (1 + draws.exponential(BROWSE_MEAN_S)) * S;
      } else if (nextUs >= renewUs) {
        this.timeUs = (yield* renewAddress(host, nextUs)) + 5 * MS;
        renewUs = this.timeUs + ((host.lease?.leaseS ?? 3600) / 2) * S;
      } else if (station.cell !== null) {
        yield station.up(nextUs, nullData(station.cell.bss.bssid, station.mac, draws.chance(0.5)));
      }
    }
  }

  private *leave(announced: boolean): Script<void> {
    const { station } = this;
    // Management frames of a WPA3 network are protected (12.2.6); its stations go without a word here.
    if (announced && station.cell !== null && station.cell.ssid.security !== 'wpa3-sae') {
      yield station.up(
        this.timeUs,
        deauthentication(station.cell.bss, station.mac, true, Reason.deauthLeaving),
      );
    }
    station.cell = null;
    station.install(null);
    yield this.note({ type: 'leave', being: this.being.id, mac: station.macText });
  }
}
