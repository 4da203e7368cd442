import { macText, text, u16, u32 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import { bodyOffset } from '../layers/ieee80211.ts';
import { hasBadFcs } from '../layers/ieee80211-capture.ts';
import * as header from '../layers/ieee80211-header.ts';
import { associationStatus } from '../layers/ieee80211-management.ts';
import { ppi } from '../layers/ppi.ts';
import { RadiotapReading, readRadiotap } from '../layers/radiotap.ts';
import { Proto } from '../protocols.ts';
import { AccessPoints } from './access-points.ts';
import { channelOfFrequency } from './channel.ts';
import type { Derive, FrameMeta } from './frame-meta.ts';
import type { Host } from './host.ts';
import type { HostTable } from './host-table.ts';
import { ssidOf } from './ssid.ts';
import { observeUpper } from './upper.ts';
import { WifiSide } from './wifi-side.ts';

const { Management } = header;

/**
 * Wi-Fi stations from 802.11 frames.
 *
 * | frame                                        | state of the station afterwards              |
 * |----------------------------------------------|----------------------------------------------|
 * | probe request                                | probing, if new or left                      |
 * | authentication, (re)association request      | authenticating                               |
 * | (re)association response, status 0           | associated                                   |
 * | data to or from the access point (class 3)   | associated                                   |
 * | deauthentication, disassociation, either way | left                                         |
 *
 * A station is what talks to a BSSID and has not sent a beacon. Signal is counted only for frames that the
 * station itself transmitted; frames with a bad FCS are not looked at.
 */
export class WifiObserver {
  readonly accessPoints: AccessPoints;
  private readonly hosts: HostTable;
  private readonly derive: Derive;
  private readonly reading = new RadiotapReading();

  constructor(hosts: HostTable, derive: Derive, maxAccessPoints: number, seed: number) {
    this.hosts = hosts;
    this.derive = derive;
    this.accessPoints = new AccessPoints(maxAccessPoints, seed);
  }

  /** `i` is the 802.11 layer of `d`. */
  frame(d: Dissection, i: number, meta: FrameMeta): void {
    if (hasBadFcs(d, i)) return;
    this.readCaptureHeader(d, i);
    const b = d.frame;
    const s = d.start[i];
    switch (header.frameType(b, s)) {
      case header.TYPE_MANAGEMENT:
        this.management(d, i, s, meta);
        return;
      case header.TYPE_DATA:
        this.data(d, i, s, meta);
        return;
      case header.TYPE_CONTROL:
        this.control(b, s, meta);
    }
  }

  private readCaptureHeader(d: Dissection, i: number): void {
    const r = this.reading;
    if (i > 0 && d.proto[i - 1] === Proto.radiotap) {
      readRadiotap(r, d.frame, d.start[i - 1], d.headerEnd[i - 1]);
      return;
    }
    const common = i > 0 && d.proto[i - 1] === Proto.ppi ? ppi.record(d, i - 1).common : undefined;
    r.signalDbm = common?.dbmAntSignal ?? Number.NaN;
    r.frequencyMhz = common?.chanFreq ?? 0;
  }

  private management(d: Dissection, i: number, s: number, meta: FrameMeta): void {
    const b = d.frame;
    const subtype = header.frameSubtype(b, s);
    if (subtype === Management.beacon || subtype === Management.probeResponse) {
      this.announcement(d, i, s, meta);
      return;
    }
    const station = header.stationOffset(b, s);
    if (station < 0) return;
    const isSender = station === s + header.ADDRESS_2;
    const host = isSender ? this.sender(b, station, meta) : this.hosts.known(b, station);
    switch (subtype) {
      case Management.probeRequest:
        if (host?.wifi?.state === 'left') host.wifi.enter('probing', meta.number);
        return;
      case Management.authentication:
        if (isSender && host) this.join(host, d, s + header.ADDRESS_3, 'authenticating', meta);
        return;
      case Management.associationRequest:
      case Management.reassociationRequest:
        if (isSender && host) this.associationRequest(host, d, i, s, meta);
        return;
      case Management.associationResponse:
      case Management.reassociationResponse:
        if (!isSender) this.associationResponse(d, i, s, station, meta);
        return;
      case Management.disassociation:
      case Management.deauthentication:
        if (host?.wifi?.bssidHigh === u32(b, s + header.ADDRESS_3)) host.wifi.enter('left', meta.number);
    }
  }

  private announcement(d: Dissection, i: number, s: number, meta: FrameMeta): void {
    const isNew = this.accessPoints.announcement(d, i, bodyOffset(d, i), this.reading, meta);
    const asStation = isNew ? this.hosts.known(d.frame, s + header.ADDRESS_2) : undefined;
    if (asStation !== undefined) asStation.wifi = null;
  }

  private associationRequest(host: Host, d: Dissection, i: number, s: number, meta: FrameMeta): void {
    this.join(host, d, s + header.ADDRESS_3, 'authenticating', meta);
    const ssid = header.isProtected(d.frame, s) ? -1 : ssidOf(d, i, bodyOffset(d, i));
    if (host.wifi === null || ssid < 0) return;
    const name = text(d.frame, ssid + 2, ssid + 2 + d.frame[ssid + 1]);
    if (name === host.wifi.ssid) return;
    host.wifi.ssid = name;
    host.wifi.ssidFrame = meta.number;
  }

  private associationResponse(d: Dissection, i: number, s: number, station: number, meta: FrameMeta): void {
    const body = bodyOffset(d, i);
    if (header.isProtected(d.frame, s) || body + 4 > d.end[i] || associationStatus(d.frame, body) !== 0)
      return;
    const host = this.hosts.obtain(d.frame, station, meta.number, meta.timeMs);
    if (host !== null) this.join(host, d, s + header.ADDRESS_3, 'associated', meta);
  }

  private data(d: Dissection, i: number, s: number, meta: FrameMeta): void {
    const b = d.frame;
    const station = header.stationOffset(b, s);
    if (station < 0) {
      this.betweenStations(d, s, meta);
      return;
    }
    const isSender = header.toDs(b, s);
    const bssid = header.bssidOffset(b, s);
    if ((b[bssid] & 1) !== 0) return;
    const host = isSender
      ? this.sender(b, station, meta)
      : this.hosts.obtain(b, station, meta.number, meta.timeMs);
    if (host === null || host === undefined) return;
    this.join(host, d, bssid, 'associated', meta);
    if (i + 1 < d.count) {
      observeUpper(this.hosts, this.derive, d, i + 1, isSender ? host : null, station, meta);
    }
  }

  /** Direct links (TDLS) and ad-hoc networks: the sender counts if it is known to be a station. */
  private betweenStations(d: Dissection, s: number, meta: FrameMeta): void {
    const b = d.frame;
    if (header.toDs(b, s) || header.fromDs(b, s)) {
      // From an access point to a group: what it relays may still be a DHCP reply to one of its clients.
      if (!header.toDs(b, s)) this.relayed(d, s, meta);
      return;
    }
    this.heardAgain(b, s + header.ADDRESS_2, meta);
  }

  private relayed(d: Dissection, s: number, meta: FrameMeta): void {
    const i = d.find(Proto.ieee80211);
    observeUpper(this.hosts, this.derive, d, i + 1, null, s + header.ADDRESS_2, meta);
  }

  private control(b: Uint8Array, s: number, meta: FrameMeta): void {
    const transmitter = header.transmitterOffset(b, s);
    if (transmitter >= 0) this.heardAgain(b, transmitter, meta);
  }

  private heardAgain(b: Uint8Array, transmitter: number, meta: FrameMeta): void {
    const host = this.hosts.known(b, transmitter);
    if (host === undefined || host.wifi === null) return;
    host.frames++;
    this.hosts.hear(host, meta.timeMs);
    this.heard(host.wifi, meta);
  }

  /** The station that transmitted this frame; undefined when the address is an access point's. */
  private sender(b: Uint8Array, at: number, meta: FrameMeta): Host | undefined {
    if (this.accessPoints.has(b, at)) return undefined;
    const host = this.hosts.transmitter(b, at, meta.number, meta.timeMs);
    if (host === null) return undefined;
    if (host.wifi === null) host.wifi = new WifiSide(meta.number);
    this.heard(host.wifi, meta);
    return host;
  }

  private heard(wifi: WifiSide, meta: FrameMeta): void {
    const { signalDbm, frequencyMhz } = this.reading;
    if (!Number.isNaN(signalDbm)) wifi.rssi.add(signalDbm, meta.number);
    if (frequencyMhz === 0 || frequencyMhz === wifi.frequencyMhz) return;
    wifi.frequencyMhz = frequencyMhz;
    const tuned = channelOfFrequency(frequencyMhz);
    wifi.channel = tuned?.channel;
    wifi.band = tuned?.band;
    wifi.channelFrame = meta.number;
  }

  private join(
    host: Host,
    d: Dissection,
    bssid: number,
    state: 'authenticating' | 'associated',
    meta: FrameMeta,
  ): void {
    if (host.wifi === null) host.wifi = new WifiSide(meta.number);
    const { wifi } = host;
    const b = d.frame;
    const high = u32(b, bssid);
    const low = u16(b, bssid + 4);
    if (wifi.bssidHigh !== high || wifi.bssidLow !== low) {
      wifi.bssidHigh = high;
      wifi.bssidLow = low;
      wifi.bssid = macText(b, bssid);
      wifi.bssidFrame = meta.number;
      wifi.ssid = undefined;
    }
    wifi.enter(state, meta.number);
  }
}
