/**
 * All frames of one Wi-Fi station from its acts, in order of time.
 *
 * | has             | does until its next act                                       |
 * |-----------------|---------------------------------------------------------------|
 * | no cell to go to| nothing                                                       |
 * | one to go to    | joins; tries again after 20 to 30 s                            |
 * | a cell          | asks for an address; tries again 30 s after it gave up         |
 * | an address      | traffic, until a bug of its own makes it leave and come back   |
 */
import { macText } from '../../packets/bytes.ts';
import type { Act } from '../association/acts.ts';
import type { Being, WifiTraits } from '../beings/model.ts';
import { nullData } from '../frames/ieee80211.ts';
import { deauthentication, Reason } from '../frames/ieee80211-management.ts';
import { macBytes } from '../frames/octets.ts';
import { type BlamedField, blamed } from '../happenings/conditions.ts';
import { hash, subSeed } from '../random.ts';
import type { Band } from '../site/model.ts';
import { Station } from './attachment.ts';
import { MS, madeUpMac, S } from './chance.ts';
import type { Fact, JoinOutcome, Note, Script, Transmitter } from './emission.ts';
import { Host } from './host.ts';
import type { Cell, SiteNetwork } from './network.ts';
import { configureIpv6, confirmAddress, obtainAddress, SLOW_MS } from './scripts/address.ts';
import { announceServices } from './scripts/announce.ts';
import { portalCheck } from './scripts/browse.ts';
import { identityOf } from './scripts/ieee8021x.ts';
import { join } from './scripts/join.ts';
import { advise, type Helped, report, search } from './scripts/roam-help.ts';
import { burstUs, scan } from './scripts/scan.ts';
import { traffic } from './scripts/traffic.ts';

/** A dozing station shows itself this often, and does something on the network about as often as this. */
const KEEP_ALIVE_S = 15;
const BROWSE_MEAN_S = 150;
const RETRY_S = 20;
const ADDRESS_RETRY_S = 30;

export interface WifiLife {
  being: Being;
  traits: WifiTraits;
  network: SiteNetwork;
  transmitter: Transmitter;
  acts: Iterable<Act>;
  /** Before this, only what later frames depend on needs to be there. */
  quietUntilUs: number;
  /** Nobody wants to know what comes after. */
  toUs: number;
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
  if (act !== undefined) yield* living.act(act, of.toUs);
}

const BLAME: Readonly<Record<Exclude<JoinOutcome, 'joined'>, BlamedField>> = {
  'eap-rejected': 'radius',
  'eap-timeout': 'radius',
  'wrong-key': 'osBugs',
};

class Living {
  private readonly being: Being;
  private readonly network: SiteNetwork;
  private readonly station: Station;
  private readonly host: Host;
  private readonly of: WifiLife;
  private readonly seed: number;
  private bursts = 0;
  /** Where the last script ended: nothing begins before. */
  private timeUs = 0;
  /** Where it wants to be, and where it comes from. */
  private goal: Cell | null = null;
  private previous: Cell | null = null;
  private joinedUs = 0;
  private boundUs: number | null = null;
  /** Whether it has done what newcomers do. */
  private isSettled = false;

  constructor(of: WifiLife) {
    const { being, network, transmitter } = of;
    this.of = of;
    this.being = being;
    this.network = network;
    this.seed = hash(subSeed(network.site.seed, 'frames'), being.index);
    this.station = new Station(network, transmitter, macBytes(being.mac));
    this.host = new Host(being, network, this.station, this.seed);
  }

  /** One act, and what it leads to until the next one. */
  *act(act: Act, untilUs: number): Script<void> {
    const actUs = Math.round(act.tMs * MS);
    this.timeUs = Math.max(this.timeUs + 1, actUs);
    this.host.undertake(actUs);
    switch (act.kind) {
      case 'scan':
        yield* this.scan(act);
        return;
      case 'join':
      case 'roam':
        this.goTo(act);
        break;
      case 'leave':
        yield* this.leave(act.announced, act.reason);
        return;
      default:
        yield* this.consult(act);
    }
    yield* this.stay(untilUs);
  }

  /** Nothing of it is seen later: its bursts may be counted and left out. */
  private get isQuiet(): boolean {
    return this.timeUs < this.of.quietUntilUs;
  }

  private *scan({ answers }: Extract<Act, { kind: 'scan' }>): Script<void> {
    const { being, station, network, host } = this;
    const { traits } = this.of;
    const burst = this.bursts++;
    if (this.isQuiet) {
      this.timeUs += burstUs(traits);
      return;
    }
    const cell = answers === null ? undefined : this.cell(answers);
    station.cell = null;
    this.timeUs = yield* scan(
      { being, station, network, draws: host.draws, traits, burst, answers: cell ?? null },
      this.timeUs,
    );
    yield this.note({ type: 'scan', being: being.id, mac: station.macText, frames: traits.framesPerBurst });
  }

  private note(fact: Fact): Note {
    return { medium: 'note', timeUs: this.timeUs, fact };
  }

  private cell({ accessPoint, band }: { accessPoint: number; band: Band }): Cell | undefined {
    const name = this.of.traits.ssid ?? this.network.site.ssids[0]?.name;
    return name === undefined ? undefined : this.network.cell(accessPoint, band, name);
  }

  private goTo(to: Extract<Act, { kind: 'join' | 'roam' }>): void {
    const { station, network, being } = this;
    this.goal = this.cell(to) ?? null;
    this.previous = to.kind === 'roam' ? station.cell : null;
    station.cell = null;
    if (this.previous === null) this.isSettled = false;
    if (this.goal !== null) station.mac = joinedMac(network.site.seed, being, this.goal.ssid.name);
  }

  private *consult(act: Extract<Act, { kind: 'search' | 'report' | 'advise' }>): Script<void> {
    const { being, station, network, host } = this;
    const { cell } = station;
    if (cell === null) return;
    const of: Helped = { being, traits: this.of.traits, station, network, draws: host.draws, cell };
    const script = this.consultation(of, act);
    const { isQuiet } = this;
    let step = script.next();
    for (; !step.done; step = script.next()) if (!isQuiet) yield step.value;
    this.timeUs = step.value;
  }

  private consultation(of: Helped, act: Extract<Act, { kind: 'search' | 'report' | 'advise' }>): Script {
    if (act.kind === 'report') return report(of, act.neighbours, this.timeUs);
    return act.kind === 'advise' ? advise(of, act, this.timeUs) : search(of, act.on, this.timeUs);
  }

  private *stay(untilUs: number): Script<void> {
    while (this.goal !== null && this.timeUs < untilUs) {
      if (this.station.cell === null) {
        const joined = yield* this.join(this.goal);
        if (!joined) this.pause(RETRY_S);
      } else if (this.boundUs === null) {
        const bound = yield* this.address();
        if (!bound) this.pause(ADDRESS_RETRY_S);
      } else if (!this.isSettled) {
        yield* this.settle();
      } else if (!(yield* this.use(this.boundUs, untilUs))) {
        return;
      }
    }
  }

  private pause(seconds: number): void {
    this.timeUs += (seconds + this.host.draws.integer(0, 10)) * S;
  }

  private *join(goal: Cell): Script<boolean> {
    const { being, station, network, host, previous } = this;
    const startUs = this.timeUs;
    const joining = { being, station, network, draws: host.draws, cell: goal, from: previous };
    const { timeUs, outcome } = yield* join(joining, startUs);
    this.timeUs = timeUs + 5 * MS;
    this.previous = null;
    this.boundUs = null;
    const isJoined = outcome === 'joined';
    this.joinedUs = this.timeUs;
    const fields = isJoined ? [] : [BLAME[outcome]];
    yield this.note({
      type: previous === null ? 'join' : 'roam',
      being: being.id,
      mac: station.macText,
      accessPoint: goal.accessPoint.id,
      band: goal.radio.band,
      bssid: macText(goal.bss.bssid, 0),
      ssid: goal.ssid.name,
      userName: goal.ssid.security === 'wpa2-enterprise' ? identityOf(being) : null,
      outcome,
      causes: isJoined ? [] : network.causes(startUs, station.wayFrom(goal, startUs), fields),
    });
    if (!isJoined) {
      station.cell = null;
      return false;
    }
    const { radius } = network.conditionsAt(startUs / MS);
    if (goal.ssid.security === 'wpa2-enterprise' && radius.delayMs > SLOW_MS) {
      this.timeUs += MS;
      yield host.trouble(this.timeUs, 'authentication-slow', 'radius');
    }
    return true;
  }

  private *address(): Script<boolean> {
    const { host } = this;
    const startUs = this.timeUs;
    const address = host.lease !== null && this.isSettled ? confirmAddress : obtainAddress;
    const { timeUs, outcome } = yield* address(host, startUs);
    this.timeUs = timeUs + MS;
    const isBound = outcome === 'bound';
    yield host.addressed(this.timeUs, startUs, outcome);
    this.timeUs += 5 * MS;
    this.boundUs = isBound ? this.timeUs : null;
    return isBound;
  }

  private *settle(): Script<void> {
    const { host } = this;
    this.isSettled = true;
    this.timeUs = (yield* configureIpv6(host, this.timeUs)) + 5 * MS;
    this.timeUs = (yield* announceServices(host, this.timeUs)) + 5 * MS;
    this.timeUs = (yield* portalCheck(host, this.timeUs)) + 5 * MS;
  }

  /** Connected: until the next act, or until it goes by itself, which a bug may make it do (true). */
  private *use(boundUs: number, untilUs: number): Script<boolean> {
    const { host, station, network, being, joinedUs, seed } = this;
    const { timeUs, ended } = yield* traffic(
      {
        host,
        seed,
        boundUs,
        browseMeanS: BROWSE_MEAN_S,
        beatS: KEEP_ALIVE_S,
        quietUntilUs: this.of.quietUntilUs,
        *beat(atUs) {
          if (station.cell === null) return;
          const isDozing = (hash(seed, Math.floor(atUs / S) | 0) & 1) === 1;
          yield station.up(atUs, nullData(station.cell.bss.bssid, station.mac, isDozing));
        },
        ends: (atUs) => {
          const bug = network.bug(being, 'disconnects', network.conditionsAt(atUs / MS));
          return bug !== undefined && atUs - joinedUs > bug.everyMs * MS;
        },
      },
      this.timeUs,
      untilUs,
    );
    this.timeUs = Math.max(this.timeUs, timeUs);
    if (!ended) return false;
    const { goal } = this;
    this.host.undertake(this.timeUs);
    yield* this.leave(true, 'bug');
    this.goal = goal;
    this.pause(RETRY_S);
    return true;
  }

  private *leave(announced: boolean, reason: Extract<Fact, { type: 'leave' }>['reason']): Script<void> {
    const { station, being, network } = this;
    const { cell } = station;
    const up = reason !== 'session-timeout';
    // Management frames of a WPA3 network are protected (12.2.6); its stations go without a word here.
    if (announced && cell !== null && cell.ssid.security !== 'wpa3-sae') {
      const code = up ? Reason.deauthLeaving : Reason.notValid;
      const frame = deauthentication(cell.bss, station.mac, up, code);
      yield up ? station.up(this.timeUs, frame) : station.down(this.timeUs, frame);
    }
    const fields: Readonly<Record<typeof reason, readonly BlamedField[]>> = {
      away: [],
      'session-timeout': [],
      bug: ['osBugs'],
      deauthenticated: ['deauthFloods'],
      lost: ['accessPointsDown', 'radiosDown', 'interference'],
    };
    const wasConnected = cell !== null;
    station.cell = null;
    station.forgetKeys();
    this.goal = null;
    this.boundUs = null;
    this.isSettled = false;
    if (reason !== 'bug') this.host.lease = null;
    if (!wasConnected) return;
    const causes: string[] = blamed(network.conditionsAt(this.timeUs / MS), fields[reason]);
    yield this.note({ type: 'leave', being: being.id, mac: station.macText, reason, causes });
  }
}
