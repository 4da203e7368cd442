import { AddressList } from './address-list.ts';
import { combine, type Evidence, type Placed, type Verdict } from './evidence.ts';
import { isLocallyAdministered, type ManufacturerOf } from './manufacturer.ts';
import { OptionMemory } from './option-memory.ts';
import type { HostProvenance, HostRecord } from './records.ts';
import type { WifiSide } from './wifi-side.ts';

const MAX_IP4 = 8;
const MAX_IP6 = 16;
const MAX_PORTS = 8;
/** Longest names and user agents that are kept, UTF-16 code units; the device link's bounds. */
export const MAX_NAME = 255;
export const MAX_USER_AGENT = 1024;

/** A port that the host transmitted on. */
export interface PortSighting {
  port: string;
  frame: number;
  vlan: number;
  vlanFrame: number;
  lastSeenMs: number;
  /** As `Host.heardMs`. */
  heardMs: number;
  /** Nothing was heard of it there for too long. */
  isGone: boolean;
}

const NO_SIGHTING: PortSighting = {
  port: '',
  frame: 0,
  vlan: -1,
  vlanFrame: 0,
  lastSeenMs: 0,
  heardMs: 0,
  isGone: false,
};

/** Where a host name came from, the best last: a better or equal source replaces the name. */
export const NameSource = { none: 0, assigned: 1, multicastDns: 2, fqdn: 3, dhcp: 4 } as const;

export type EvidenceSource = 'dhcpList' | 'dhcpClass' | 'dhcpv6Class' | 'userAgent' | 'hostName';

/**
 * All that is known of one MAC address. Written by the observers, read as a `HostRecord`. An object serves for
 * one address after the other.
 */
export class Host {
  private macHigh = 0;
  private macLow = 0;
  private readonly manufacturerOf: ManufacturerOf | undefined;
  firstFrame = 0;
  firstSeenMs = 0;
  lastSeenMs = 0;
  /** When it was heard itself, by the time that passes for all (`HostTable.nowMs`). */
  heardMs = 0;
  frames = 0;
  ip4: AddressList | null = null;
  ip6: AddressList | null = null;
  hostName: string | undefined;
  hostNameFrame = 0;
  private hostNameSource: number = NameSource.none;
  userName: string | undefined;
  userNameFrame = 0;
  userAgent: string | undefined;
  userAgentFrame = 0;
  private userAgentTells = false;
  tlsFingerprint: string | undefined;
  private tlsFingerprintFrame = 0;
  /** Set when it was heard as a Wi-Fi station. */
  wifi: WifiSide | null = null;
  /** The current one first; behind `portCount` are those that a use before this one has left. */
  private readonly sightings: PortSighting[] = [];
  private portCount = 0;
  private dhcpMemory: OptionMemory | null = null;
  private evidence: Map<EvidenceSource, Placed> | null = null;
  private verdict: Verdict | undefined;
  private judged = true;

  constructor(manufacturerOf: ManufacturerOf | undefined) {
    this.manufacturerOf = manufacturerOf;
  }

  /**
   * Forgets all and starts over for another address.
   * @param high first four bytes of the address; `low` the last two. Texts are made when a record is.
   */
  begin(high: number, low: number, frame: number, timeMs: number): void {
    this.macHigh = high;
    this.macLow = low;
    this.firstFrame = frame;
    this.firstSeenMs = timeMs;
    this.lastSeenMs = timeMs;
    this.frames = 0;
    this.ip4?.clear();
    this.ip6?.clear();
    this.hostName = undefined;
    this.hostNameFrame = 0;
    this.hostNameSource = NameSource.none;
    this.userName = undefined;
    this.userNameFrame = 0;
    this.userAgent = undefined;
    this.userAgentFrame = 0;
    this.userAgentTells = false;
    this.tlsFingerprint = undefined;
    this.wifi = null;
    this.portCount = 0;
    this.dhcpMemory?.clear();
    this.evidence?.clear();
    this.verdict = undefined;
    this.judged = true;
  }

  get dhcp(): OptionMemory {
    if (this.dhcpMemory === null) this.dhcpMemory = new OptionMemory();
    return this.dhcpMemory;
  }

  learnIp4(b: Uint8Array, at: number, frame: number, sure: boolean): void {
    if (this.ip4 === null) this.ip4 = new AddressList(4, MAX_IP4);
    this.ip4.learn(b, at, frame, sure);
  }

  learnIp6(b: Uint8Array, at: number, frame: number, sure: boolean): void {
    if (this.ip6 === null) this.ip6 = new AddressList(16, MAX_IP6);
    this.ip6.learn(b, at, frame, sure);
  }

  setHostName(name: string, source: number, frame: number): void {
    if (name === '' || source < this.hostNameSource) return;
    this.hostNameSource = source;
    const kept = name.slice(0, MAX_NAME);
    if (kept === this.hostName) return;
    this.hostName = kept;
    this.hostNameFrame = frame;
  }

  setUserName(name: string, frame: number): void {
    if (name === '' || name === this.userName) return;
    this.userName = name.slice(0, MAX_NAME);
    this.userNameFrame = frame;
  }

  /** A user agent that names a platform is not replaced by one that does not (curl, update services). */
  setUserAgent(userAgent: string, evidence: Evidence | undefined, frame: number): void {
    if (userAgent === '' || (this.userAgentTells && evidence === undefined)) return;
    this.userAgentTells = evidence !== undefined;
    this.userAgent = userAgent.slice(0, MAX_USER_AGENT);
    this.userAgentFrame = frame;
  }

  /** A host has as many as it has programs that speak TLS; the last one counts. */
  setTlsFingerprint(fingerprint: string, frame: number): void {
    if (fingerprint === this.tlsFingerprint) return;
    this.tlsFingerprint = fingerprint;
    this.tlsFingerprintFrame = frame;
  }

  addEvidence(source: EvidenceSource, evidence: Evidence, frame: number): void {
    if (this.evidence === null) this.evidence = new Map();
    const known = this.evidence.get(source);
    if (known !== undefined && known.family === evidence.family && known.os === evidence.os) return;
    this.evidence.set(source, { ...evidence, frame });
    this.judged = false;
  }

  /** Notes that it transmitted on `port`, `vlan` −1 where the frame had no tag. */
  seenOn(port: string, vlan: number, frame: number, timeMs: number): void {
    const isCurrent = this.portCount > 0 && this.sightings[0].port === port;
    const sighting = isCurrent ? this.sightings[0] : this.otherPort(port, frame);
    sighting.lastSeenMs = timeMs;
    sighting.heardMs = this.heardMs;
    sighting.isGone = false;
    if (vlan >= 0 && sighting.vlan !== vlan) {
      sighting.vlan = vlan;
      sighting.vlanFrame = frame;
    }
  }

  /** Leaves where it was not heard since; whether that is news. What is known of it is kept, should it come back. */
  leave(beforeMs: number): boolean {
    const { wifi } = this;
    if (wifi !== null) {
      const isJoined = wifi.state === 'associated' || wifi.state === 'authenticating';
      if (!isJoined || this.heardMs > beforeMs) return false;
      wifi.enter('left', 0);
      return true;
    }
    let isNews = false;
    for (let i = 0; i < this.portCount; i++) {
      const sighting = this.sightings[i];
      if (sighting.isGone || sighting.heardMs > beforeMs) continue;
      sighting.isGone = true;
      isNews = true;
    }
    return isNews;
  }

  /** Ports that it was seen on, the current one first. */
  get ports(): readonly PortSighting[] {
    return this.sightings.slice(0, this.portCount);
  }

  /** Moves `port` to the front, anew where it is not known, over the last one where there is no room. */
  private otherPort(port: string, frame: number): PortSighting {
    const { sightings } = this;
    let at = 0;
    while (at < this.portCount && sightings[at].port !== port) at++;
    const isNew = at === this.portCount;
    if (isNew && at === MAX_PORTS) at--;
    else if (isNew) this.portCount++;
    const sighting = at < sightings.length ? sightings[at] : { ...NO_SIGHTING };
    for (let i = at; i > 0; i--) sightings[i] = sightings[i - 1];
    sightings[0] = sighting;
    if (!isNew) return sighting;
    sighting.port = port;
    sighting.frame = frame;
    sighting.vlan = -1;
    sighting.vlanFrame = 0;
    return sighting;
  }

  private judgement(): Verdict | undefined {
    if (!this.judged) {
      this.verdict = combine(this.evidence?.values() ?? []);
      this.judged = true;
    }
    return this.verdict;
  }

  /** The fields that clients and wired hosts share, and where they came from. */
  record(): { host: HostRecord; provenance: HostProvenance } {
    const digits = (this.macHigh * 0x1_0000 + this.macLow).toString(16).padStart(12, '0');
    const mac = digits.replace(/..(?=.)/g, '$&:');
    const manufacturer = this.manufacturerOf?.(mac);
    const host: HostRecord = {
      mac,
      randomized: isLocallyAdministered(this.macHigh >>> 24),
      frames: this.frames,
      firstSeenMs: this.firstSeenMs,
      lastSeenMs: this.lastSeenMs,
    };
    const provenance: HostProvenance = { mac: this.firstFrame };
    if (manufacturer !== undefined) host.manufacturer = manufacturer;
    if (this.ip4 !== null && this.ip4.count > 0) {
      host.ip4 = this.ip4.texts;
      provenance.ip4 = this.ip4.frames;
    }
    if (this.ip6 !== null && this.ip6.count > 0) {
      host.ip6 = this.ip6.texts;
      provenance.ip6 = this.ip6.frames;
    }
    if (this.hostName !== undefined) {
      host.hostName = this.hostName;
      provenance.hostName = this.hostNameFrame;
    }
    if (this.userName !== undefined) {
      host.userName = this.userName;
      provenance.userName = this.userNameFrame;
    }
    if (this.userAgent !== undefined) {
      host.userAgent = this.userAgent;
      provenance.userAgent = this.userAgentFrame;
    }
    if (this.tlsFingerprint !== undefined) {
      host.tlsFingerprint = this.tlsFingerprint;
      provenance.tlsFingerprint = this.tlsFingerprintFrame;
    }
    const verdict = this.judgement();
    if (verdict !== undefined) {
      host.family = verdict.family;
      host.confidence = verdict.confidence;
      provenance.family = verdict.familyFrame;
      provenance.confidence = verdict.frames;
      if (verdict.os !== undefined) {
        host.os = verdict.os;
        provenance.os = verdict.osFrame;
      }
    }
    return { host, provenance };
  }
}
