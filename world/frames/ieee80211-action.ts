/**
 * Action frames by which a network helps its stations to roam: neighbour reports (802.11k, IEEE 802.11-2020
 * 9.6.6) and BSS transition management (802.11v, 9.6.13).
 */
import type { Band } from '../site/model.ts';
import { management, Subtype } from './ieee80211.ts';
import type { Bss } from './ieee80211-management.ts';
import { element, le16, le32, type Octets, octets } from './octets.ts';

/** Categories of table 9-51. */
const RADIO_MEASUREMENT = 5;
const WNM = 10;
const NEIGHBOUR_REQUEST = 4;
const NEIGHBOUR_RESPONSE = 5;
const TRANSITION_REQUEST = 7;
const TRANSITION_RESPONSE = 8;

const up = (bss: Bss, station: Uint8Array, body: Octets): Uint8Array =>
  management(Subtype.action, { receiver: bss.bssid, transmitter: station, bssid: bss.bssid }, body);
const down = (bss: Bss, station: Uint8Array, body: Octets): Uint8Array =>
  management(Subtype.action, { receiver: station, transmitter: bss.bssid, bssid: bss.bssid }, body);

/** Global operating classes of table E-4 for 20 MHz. */
function operatingClass(band: Band, channel: number): number {
  if (band === '2.4') return 81;
  if (band === '6') return 131;
  if (channel <= 48) return 115;
  if (channel <= 64) return 118;
  return channel <= 144 ? 121 : 125;
}

/** dot11PHYType: HT, VHT, HE. */
const PHY: Readonly<Record<Band, number>> = { '2.4': 7, '5': 9, '6': 14 };
/** Reachable, of the same security; HT, VHT (9.4.2.36). */
const REACHABLE = 0x03;
const SAME_SECURITY = 0x04;
const HIGH_THROUGHPUT = 0x0800;
const VERY_HIGH_THROUGHPUT = 0x1000;

function neighbour({ bssid, band, channel, security }: Bss, subelements: Octets = []): Uint8Array {
  const information =
    REACHABLE |
    (security === 'open' ? 0 : SAME_SECURITY) |
    (band === '6' ? 0 : HIGH_THROUGHPUT) |
    (band === '5' ? VERY_HIGH_THROUGHPUT : 0);
  const radio = [operatingClass(band, channel), channel, PHY[band]];
  return element(52, octets(bssid, le32(information), radio, subelements));
}

export const neighbourReportRequest = (bss: Bss, station: Uint8Array, token: number): Uint8Array =>
  up(bss, station, [RADIO_MEASUREMENT, NEIGHBOUR_REQUEST, token]);

export const neighbourReportResponse = (
  bss: Bss,
  station: Uint8Array,
  token: number,
  neighbours: readonly Bss[],
): Uint8Array =>
  down(
    bss,
    station,
    octets([RADIO_MEASUREMENT, NEIGHBOUR_RESPONSE, token], ...neighbours.map((one) => neighbour(one))),
  );

const CANDIDATES_INCLUDED = 0x01;
const VALID_BEACONS = 255;
const CANDIDATE_PREFERENCE = 3;

/** The best candidate first, each with its preference (9.4.2.36, subelement 3). */
export const transitionRequest = (
  bss: Bss,
  station: Uint8Array,
  token: number,
  candidates: readonly Bss[],
): Uint8Array =>
  down(
    bss,
    station,
    octets(
      [WNM, TRANSITION_REQUEST, token, CANDIDATES_INCLUDED, ...le16(0), VALID_BEACONS],
      ...candidates.map((one, i) => neighbour(one, [CANDIDATE_PREFERENCE, 1, 255 - i])),
    ),
  );

const ACCEPTED = 0;
/** "No suitable BSS transition candidates" (table 9-428). */
const REJECTED = 7;

/** With the BSSID that it goes to, or null for a refusal. */
export const transitionResponse = (
  bss: Bss,
  station: Uint8Array,
  token: number,
  target: Uint8Array | null,
): Uint8Array =>
  up(
    bss,
    station,
    octets([WNM, TRANSITION_RESPONSE, token, target === null ? REJECTED : ACCEPTED, 0], target ?? []),
  );
