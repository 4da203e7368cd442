/** Management frames of an infrastructure network, IEEE 802.11-2020 9.3.3. */
import type { Band, Security } from '../site/model.ts';
import { type Addresses, management, Subtype } from './ieee80211.ts';
import * as elements from './ieee80211-elements.ts';
import { BROADCAST_MAC, le16, le64, type Octets, octets } from './octets.ts';

/** One network of one radio. */
export interface Bss {
  bssid: Uint8Array;
  ssid: string;
  security: Security;
  band: Band;
  channel: number;
}

export const BEACON_INTERVAL_TU = 100;
const ESS = 0x0001;
const PRIVACY = 0x0010;
const SHORT_SLOT = 0x0400;

const capabilities = (bss: Bss): number[] => le16(ESS | SHORT_SLOT | (bss.security === 'open' ? 0 : PRIVACY));

const fromAp = (bss: Bss, receiver: Uint8Array): Addresses => ({
  receiver,
  transmitter: bss.bssid,
  bssid: bss.bssid,
});
const toAp = (bss: Bss, station: Uint8Array): Addresses => ({
  receiver: bss.bssid,
  transmitter: station,
  bssid: bss.bssid,
});

function announcement(bss: Bss, timestampUs: number, timIn: Octets): Uint8Array {
  return octets(
    le64(timestampUs),
    le16(BEACON_INTERVAL_TU),
    capabilities(bss),
    elements.ssid(bss.ssid),
    elements.rates(bss.band),
    bss.band === '2.4' ? elements.dsParameter(bss.channel) : [],
    timIn,
    elements.country(bss.band),
    elements.bssLoad(),
    elements.rsn(bss.security) ?? [],
    elements.radioMeasurement(),
    bss.band === '6' ? [] : elements.htCapabilities(),
    bss.band === '6' ? [] : elements.htOperation(bss.channel),
    elements.extendedCapabilities(),
    bss.band === '5' ? elements.vhtCapabilities() : [],
    elements.wmmInformation(),
  );
}

/** Header, timestamp, interval and capabilities come before the elements. */
const ANNOUNCED_ELEMENTS = 24 + 8 + 2 + 2;

/** Beacon or probe response: says how busy the network is. */
export function isAnnouncement(frame: Uint8Array): boolean {
  return frame[0] === Subtype.beacon << 4 || frame[0] === Subtype.probeResponse << 4;
}

export const announceLoad = (frame: Uint8Array, stations: number, utilisationPercent: number): void =>
  elements.setBssLoad(frame.subarray(ANNOUNCED_ELEMENTS), stations, utilisationPercent);

/** `count` beacons have been sent: every third carries the group's traffic (DTIM). */
export const beacon = (bss: Bss, timestampUs: number, count: number): Uint8Array =>
  management(
    Subtype.beacon,
    fromAp(bss, BROADCAST_MAC),
    announcement(bss, timestampUs, elements.tim(2 - (count % 3), 3)),
  );

export const probeResponse = (bss: Bss, station: Uint8Array, timestampUs: number): Uint8Array =>
  management(Subtype.probeResponse, fromAp(bss, station), announcement(bss, timestampUs, []));

/** `name` is empty for the wildcard SSID; `extra` are the vendor elements of its maker. */
export const probeRequest = (
  station: Uint8Array,
  name: string,
  band: Band,
  channel: number,
  extra: Octets = [],
): Uint8Array =>
  management(
    Subtype.probeRequest,
    { receiver: BROADCAST_MAC, transmitter: station, bssid: BROADCAST_MAC },
    octets(
      elements.ssid(name),
      elements.rates(band),
      band === '2.4' ? elements.dsParameter(channel) : [],
      band === '6' ? [] : elements.htCapabilities(),
      elements.extendedCapabilities(),
      band === '5' ? elements.vhtCapabilities() : [],
      extra,
    ),
  );

/** Open System (9.3.3.11): 1 from the station, 2 from the access point. */
export const authentication = (bss: Bss, station: Uint8Array, sequence: 1 | 2, status = 0): Uint8Array =>
  management(Subtype.authentication, sequence === 1 ? toAp(bss, station) : fromAp(bss, station), [
    0,
    0,
    ...le16(sequence),
    ...le16(status),
  ]);

/** SAE (12.4.7.4): commit with group 19, scalar of 32 and element of 64 bytes; then confirm. */
export const saeCommit = (
  bss: Bss,
  station: Uint8Array,
  up: boolean,
  scalar: Uint8Array,
  point: Uint8Array,
): Uint8Array =>
  management(
    Subtype.authentication,
    up ? toAp(bss, station) : fromAp(bss, station),
    octets([3, 0, 1, 0, 0, 0, 19, 0], scalar, point),
  );

export const saeConfirm = (
  bss: Bss,
  station: Uint8Array,
  up: boolean,
  confirm: Uint8Array,
  status = 0,
): Uint8Array =>
  management(
    Subtype.authentication,
    up ? toAp(bss, station) : fromAp(bss, station),
    octets([3, 0, 2, 0], le16(status), [0, 0], confirm),
  );

const LISTEN_INTERVAL = 10;

/** With `from`, the BSSID that it comes from, a reassociation. `helps`: what it makes use of when it roams. */
export const associationRequest = (
  bss: Bss,
  station: Uint8Array,
  from: Uint8Array | null,
  helps: { k: boolean; v: boolean } = { k: false, v: true },
): Uint8Array =>
  management(
    from === null ? Subtype.associationRequest : Subtype.reassociationRequest,
    toAp(bss, station),
    octets(
      capabilities(bss),
      le16(LISTEN_INTERVAL),
      from ?? [],
      elements.ssid(bss.ssid),
      elements.rates(bss.band),
      elements.rsn(bss.security) ?? [],
      helps.k ? elements.radioMeasurement() : [],
      bss.band === '6' ? [] : elements.htCapabilities(),
      elements.extendedCapabilities(helps.v),
      bss.band === '5' ? elements.vhtCapabilities() : [],
      elements.wmmInformation(),
    ),
  );

export interface AssociationAnswer {
  status: number;
  associationId: number;
  reassociation: boolean;
}

export const associationResponse = (bss: Bss, station: Uint8Array, of: AssociationAnswer): Uint8Array =>
  management(
    of.reassociation ? Subtype.reassociationResponse : Subtype.associationResponse,
    fromAp(bss, station),
    octets(
      capabilities(bss),
      le16(of.status),
      // The two top bits are set in the field (9.4.1.8); a refusal gives no id.
      le16(of.status === 0 ? 0xc000 | of.associationId : 0),
      elements.rates(bss.band),
      bss.band === '6' ? [] : elements.htCapabilities(),
      bss.band === '6' ? [] : elements.htOperation(bss.channel),
      elements.extendedCapabilities(),
      bss.band === '5' ? elements.vhtCapabilities() : [],
      elements.wmmInformation(),
    ),
  );

/** Reason codes of table 9-49. */
export const Reason = {
  unspecified: 1,
  notValid: 2,
  deauthLeaving: 3,
  disassocLeaving: 8,
  fourWayTimeout: 15,
  ieee8021xFailed: 23,
} as const;

export const deauthentication = (bss: Bss, station: Uint8Array, up: boolean, reason: number): Uint8Array =>
  management(Subtype.deauthentication, up ? toAp(bss, station) : fromAp(bss, station), le16(reason));

export const disassociation = (bss: Bss, station: Uint8Array, up: boolean, reason: number): Uint8Array =>
  management(Subtype.disassociation, up ? toAp(bss, station) : fromAp(bss, station), le16(reason));
