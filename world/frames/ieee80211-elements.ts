/** Elements of management frames, IEEE 802.11-2020 9.4.2. */
import type { Band, Security } from '../site/model.ts';
import { element, le16, type Octets, octets, utf8 } from './octets.ts';

const OUI_RSN = [0x00, 0x0f, 0xac];
const CCMP = [...OUI_RSN, 4];
/** AKM suites of table 9-151. */
const AKM: Record<Exclude<Security, 'open'>, number> = { 'wpa2-enterprise': 1, 'wpa2-psk': 2, 'wpa3-sae': 8 };
const MFP_REQUIRED_AND_CAPABLE = 0x00c0;

export const ssid = (name: string): Uint8Array => element(0, utf8(name));
export const dsParameter = (channel: number): Uint8Array => element(3, [channel]);

/** 500 kb/s units, the basic ones with bit 7. */
export function rates(band: Band): Uint8Array {
  if (band !== '2.4') return element(1, [0x8c, 0x12, 0x98, 0x24, 0xb0, 0x48, 0x60, 0x6c]);
  return octets(
    element(1, [0x82, 0x84, 0x8b, 0x96, 0x0c, 0x12, 0x18, 0x24]),
    element(50, [0x30, 0x48, 0x60, 0x6c]),
  );
}

/** 9.4.2.24: CCMP for group and pairwise; null for an open network. */
export function rsn(security: Security): Uint8Array | null {
  if (security === 'open') return null;
  const capabilities = security === 'wpa3-sae' ? MFP_REQUIRED_AND_CAPABLE : 0;
  return element(
    48,
    octets([1, 0], CCMP, [1, 0], CCMP, [1, 0], [...OUI_RSN, AKM[security]], le16(capabilities)),
  );
}

/** 9.4.2.5: no frames buffered. */
export const tim = (count: number, period: number): Uint8Array => element(5, [count, period, 0, 0]);

/** 9.4.2.8: any environment, all channels of the band at 20 dBm. */
export function country(band: Band): Uint8Array {
  const [first, count] = band === '2.4' ? [1, 11] : [36, 4];
  return element(7, octets(utf8('US '), [first, count, 20]));
}

/** 9.4.2.55: 20 MHz short guard interval, MCS 0 to 15. */
export const htCapabilities = (): Uint8Array =>
  element(45, octets(le16(0x002d), [0x17, 0xff, 0xff], new Uint8Array(14), new Uint8Array(7)));

export const htOperation = (channel: number): Uint8Array =>
  element(61, octets([channel, 0, 0, 0, 0, 0], new Uint8Array(16)));

/** 9.4.2.157: two streams, MCS 0 to 9. */
export const vhtCapabilities = (): Uint8Array =>
  element(191, [0x32, 0x00, 0x80, 0x03, 0xfa, 0xff, 0, 0, 0xfa, 0xff, 0, 0]);

/** WMM: the vendor element that turns QoS on (Wi-Fi Alliance, type 2). */
export const wmmInformation = (): Uint8Array => element(221, [0x00, 0x50, 0xf2, 2, 0, 1, 0]);

/** 9.4.2.26: BSS transition (bit 19), where it is made use of, and operating mode notification. */
export const extendedCapabilities = (transition = true): Uint8Array =>
  element(127, [0, 0, transition ? 8 : 0, 0, 0, 0, 0, 0x40]);

/** 9.4.2.44: neighbour reports (bit 1). */
export const radioMeasurement = (): Uint8Array => element(70, [0x02, 0, 0, 0, 0]);

const BSS_LOAD = 11;

/** 9.4.2.27, as `setBssLoad` fills it in. */
export const bssLoad = (): Uint8Array => element(BSS_LOAD, [0, 0, 0, 0, 0]);

/** How many stations, and the share of the time that the channel is taken, scaled to 255. */
export function setBssLoad(elements: Uint8Array, stations: number, utilisationPercent: number): void {
  for (let at = 0; at + 2 <= elements.length; at += 2 + elements[at + 1]) {
    if (elements[at] !== BSS_LOAD) continue;
    elements[at + 2] = stations & 0xff;
    elements[at + 3] = stations >>> 8;
    elements[at + 4] = Math.round((255 * utilisationPercent) / 100);
    return;
  }
}

/** A vendor's own element: what phones put into probe requests. */
export const vendor = (oui: Octets, body: Octets): Uint8Array => element(221, octets(oui, body));
