import { text } from '../bytes.ts';

export interface SsidRecord {
  /** wlan.ssid as UTF-8 text; empty in a wildcard or hidden one. */
  ssid: string;
  /** Empty, or nothing but NUL bytes: an AP that hides it. */
  hidden: boolean;
}

export function ssidOf(b: Uint8Array, from: number, to: number): SsidRecord {
  const ssid = text(b, from, to);
  return { ssid, hidden: ssid === '' };
}

export interface RatesRecord {
  /** wlan.supported_rates, Mb/s; what is a membership selector stands apart. */
  rates: number[];
  basicRates: number[];
  /** BSS membership selectors (9.4.2.3): 127 HT, 126 VHT, 123 SAE hash-to-element, 122 HE. */
  selectors: number[];
}

const FIRST_SELECTOR = 122;

export function ratesOf(b: Uint8Array, from: number, to: number): RatesRecord {
  const record: RatesRecord = { rates: [], basicRates: [], selectors: [] };
  for (let at = from; at < to; at++) {
    const value = b[at] & 0x7f;
    const isBasic = (b[at] & 0x80) !== 0;
    if (isBasic && value >= FIRST_SELECTOR) record.selectors.push(value);
    else {
      record.rates.push(value / 2);
      if (isBasic) record.basicRates.push(value / 2);
    }
  }
  return record;
}

export const dsParameterOf = (
  b: Uint8Array,
  from: number,
  to: number,
): { currentChannel: number } | undefined => (from < to ? { currentChannel: b[from] } : undefined);
