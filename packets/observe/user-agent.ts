import type { Evidence } from './evidence.ts';

/**
 * What a User-Agent header says of the device (RFC 9110 10.1.5: product tokens, then comments of any form).
 * Browsers freeze parts of it: Chrome says Windows NT 10.0, "Android 10; K" and Mac OS X 10_15_7 whatever it
 * runs on, so no version is read from those.
 */
type Rule = readonly [pattern: RegExp, evidence: (match: RegExpExecArray) => Evidence];

const dotted = (text: string): string => text.replaceAll('_', '.');

const FROZEN_MAC = '10_15_7';

/** Order matters: the first that matches decides. No pattern can backtrack by more than its own length. */
const RULES: readonly Rule[] = [
  [/\bXbox\b/, () => device('Game console', 'Xbox', 0.9)],
  [/PLAYSTATION|PlayStation/, () => device('Game console', 'PlayStation', 0.9)],
  [/Nintendo (Switch|3DS|WiiU)/, (m) => device('Game console', `Nintendo ${m[1]}`, 0.9)],
  [/Tizen|SMART-TV|SmartTV/, () => device('Television', 'Tizen', 0.8)],
  [/Web0S|webOS\.TV/, () => device('Television', 'webOS', 0.8)],
  [/\bRoku\//, () => device('Television', 'Roku OS', 0.9)],
  [/\bCrKey\//, () => device('Television', 'Chromecast', 0.85)],
  [/\bAppleTV|\btvOS\b/, () => apple('Apple TV', 'tvOS', 0.9)],
  [/\bWatch OS\b|\bwatchOS\//, () => apple('Apple Watch', 'watchOS', 0.9)],
  [/\biPad\b.{0,60}?\bOS (\d{1,3}(?:_\d{1,3}){0,2})/, (m) => apple('iPad', `iPadOS ${dotted(m[1])}`, 0.95)],
  [
    /\b(iPhone|iPod)\b.{0,60}?\bOS (\d{1,3}(?:_\d{1,3}){0,2})/,
    (m) => apple(m[1] === 'iPod' ? 'iPod' : 'iPhone', `iOS ${dotted(m[2])}`, 0.95),
  ],
  [/\biPad\b/, () => apple('iPad', 'iPadOS', 0.9)],
  [/\biPhone\b/, () => apple('iPhone', 'iOS', 0.9)],
  [
    /\bWindows Phone\b/,
    () => ({ platform: 'windows', family: 'Phone', os: 'Windows Phone', confidence: 0.9 }),
  ],
  // "Android 10; K" is what Chrome says of every Android since version 110.
  [/\bAndroid 10; K\b/, () => android(undefined, 0.9)],
  [/\bAndroid (\d{1,2}(?:\.\d{1,2}){0,2})/, (m) => android(m[1], 0.95)],
  [/\bAndroid\b|\bDalvik\//, () => android(undefined, 0.85)],
  [/\bCrOS\b/, () => ({ platform: 'chromeos', family: 'Chromebook', os: 'ChromeOS', confidence: 0.95 })],
  [/\bWindows NT 10\.0/, () => windows('Windows 10/11', 0.9)],
  [/\bWindows NT 6\.3/, () => windows('Windows 8.1', 0.9)],
  [/\bWindows NT 6\.2/, () => windows('Windows 8', 0.9)],
  [/\bWindows NT 6\.1/, () => windows('Windows 7', 0.9)],
  [/\bWindows NT 6\.0/, () => windows('Windows Vista', 0.9)],
  [/\bWindows NT 5\.[12]/, () => windows('Windows XP', 0.9)],
  [
    /\bMicrosoft-CryptoAPI\/10\.0|\bMicrosoft NCSI\b|\bMicrosoft-Delivery-Optimization\//,
    () => windows('Windows 10/11', 0.85),
  ],
  [
    /\bMicrosoft-(CryptoAPI|WNS)\/|\bWindows-Update-Agent\/|\bMicrosoft BITS\//,
    () => windows('Windows', 0.85),
  ],
  // iPadOS calls itself a Macintosh too, hence less sure of the family.
  [
    /\bMacintosh;.{0,40}?\bMac OS X (\d{2}(?:[._]\d{1,2}){1,2})/,
    (m) => apple('Mac', m[1] === FROZEN_MAC ? 'macOS' : `macOS ${dotted(m[1])}`, 0.75),
  ],
  [/\bMacintosh\b|\bmacOS\b/, () => apple('Mac', 'macOS', 0.75)],
  [/\bCaptiveNetworkSupport\b/i, () => apple('Apple device', undefined, 0.85)],
  [/\bCFNetwork\/.{0,40}?\bDarwin\//, () => apple('Apple device', undefined, 0.85)],
  [/\b(Ubuntu|Fedora|Debian)\b/, (m) => linux(m[1], 0.8)],
  [/\bX11;.{0,30}?\bFreeBSD\b/, () => linux('FreeBSD', 0.8)],
  [/\bLinux\b/, () => linux('Linux', 0.7)],
  [
    /\bESP8266HTTPClient\b|\bESP32HTTPClient\b|\bESP32 HTTP Client\b/,
    () => device('IoT device', 'ESP firmware', 0.9),
  ],
];

const apple = (family: string, os: string | undefined, confidence: number): Evidence => ({
  platform: 'apple',
  family,
  os,
  confidence,
});
const android = (version: string | undefined, confidence: number): Evidence => ({
  platform: 'android',
  family: 'Android device',
  os: version === undefined ? 'Android' : `Android ${version}`,
  confidence,
});
const windows = (os: string, confidence: number): Evidence => ({
  platform: 'windows',
  family: 'Windows PC',
  os,
  confidence,
});
const linux = (os: string, confidence: number): Evidence => ({
  platform: 'linux',
  family: 'Linux device',
  os,
  confidence,
});
const device = (family: string, os: string, confidence: number): Evidence => ({
  platform: 'device',
  family,
  os,
  confidence,
});

/** Longer user agents are not searched further than this. */
const SEARCHED = 512;

export function evidenceOfUserAgent(userAgent: string): Evidence | undefined {
  const searched = userAgent.slice(0, SEARCHED);
  for (const [pattern, evidence] of RULES) {
    const match = pattern.exec(searched);
    if (match !== null) return evidence(match);
  }
  return undefined;
}
