/** What `iw` prints; its own page says that this is not for machines, so that every field may be absent. */
import type { RadioFinding, StationFinding } from '../../ports/finding.ts';

export interface IwInfo {
  mac?: string;
  ssid?: string;
  type?: string;
  frequencyMhz?: number;
  widthMhz?: number;
  txPowerDbm?: number;
}

const first = (text: string, pattern: RegExp): string | undefined => pattern.exec(text)?.[1];
const number = (text: string | undefined): number | undefined =>
  text === undefined || text === '' ? undefined : Number(text);

/** `iw dev X info`. */
export function readInfo(text: string): IwInfo {
  return {
    mac: first(text, /^\s*addr ([0-9a-f:]{17})$/m),
    ssid: first(text, /^\s*ssid (.*)$/m),
    type: first(text, /^\s*type (.+)$/m),
    frequencyMhz: number(first(text, /^\s*channel \d+ \((\d+) MHz\)/m)),
    widthMhz: number(first(text, /width: (\d+) MHz/)),
    txPowerDbm: rounded(number(first(text, /^\s*txpower (-?[\d.]+) dBm/m))),
  };
}

const rounded = (value: number | undefined) => (value === undefined ? undefined : Math.round(value));

/** `iw dev X station dump` of an access point. */
export function readStationDump(text: string, ap: IwInfo, timeMs: number): StationFinding[] {
  return text
    .split(/^(?=Station )/m)
    .map((block) => ({ block, mac: first(block, /^Station ([0-9a-f:]{17}) /i) }))
    .filter(({ mac }) => mac !== undefined)
    .map(({ block, mac }) => ({
      kind: 'station',
      mac: (mac ?? '').toLowerCase(),
      state: /^\s*authorized:\s*no\b/m.test(block) ? 'authenticating' : 'associated',
      bssid: ap.mac,
      ssid: ap.ssid,
      frequencyMhz: ap.frequencyMhz,
      rssiDbm: number(first(block, /^\s*signal:\s*(-?\d+)/m)),
      timeMs,
    }));
}

/** Times of `iw dev X survey dump` for the channel in use, milliseconds since the radio began. */
export interface Survey {
  noiseDbm?: number;
  activeMs?: number;
  busyMs?: number;
  rxMs?: number;
  txMs?: number;
}

export function readSurvey(text: string): Survey | null {
  const block = text.split(/^(?=Survey data)/m).find((part) => part.includes('[in use]'));
  if (block === undefined) return null;
  const ms = (what: string) => number(first(block, new RegExp(`channel ${what} time:\\s*(\\d+) ms`)));
  return {
    noiseDbm: number(first(block, /noise:\s*(-?\d+) dBm/)),
    activeMs: ms('active'),
    busyMs: ms('busy'),
    rxMs: ms('receive'),
    txMs: ms('transmit'),
  };
}

/** How busy the channel was between two surveys, percent. */
export function utilisation(
  before: Survey | null,
  now: Survey,
): Pick<RadioFinding, 'busyPercent' | 'rxPercent' | 'txPercent'> {
  const activeMs = (now.activeMs ?? 0) - (before?.activeMs ?? 0);
  // A driver that was reset counts from zero.
  if (activeMs <= 0 || now.activeMs === undefined) return {};
  const share = (at: number | undefined, from: number | undefined) =>
    at === undefined || at < (from ?? 0) ? undefined : (100 * (at - (from ?? 0))) / activeMs;
  return {
    busyPercent: share(now.busyMs, before?.busyMs),
    rxPercent: share(now.rxMs, before?.rxMs),
    txPercent: share(now.txMs, before?.txMs),
  };
}
