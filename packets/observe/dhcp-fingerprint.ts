import type { Evidence } from './evidence.ts';

/**
 * DHCP clients ask for the same options in the same order for as long as their code is the same, so option 55
 * tells the client software apart (RFC 2132 9.8 leaves the order to the client). The rows are what the named
 * systems are publicly known to send; a list that several families send has a low confidence.
 */
const rows: readonly (readonly [list: string, evidence: Evidence])[] = [
  ...same('apple', 'iPhone', 'iOS', 0.75, '1,121,3,6,15,108,114,119,252', '1,121,3,6,15,108,114,119,162,252'),
  ...same(
    'apple',
    'iPhone',
    'iOS',
    0.65,
    '1,121,3,6,15,114,119,252',
    '1,121,3,6,15,119,252',
    '1,3,6,15,119,252',
  ),
  // iPads of the desktop class send the list of a Mac.
  ...same(
    'apple',
    'Mac',
    'macOS',
    0.7,
    '1,121,3,6,15,108,114,119,252,95,44,46',
    '1,121,3,6,15,108,114,119,162,252,95,44,46',
  ),
  ...same('apple', 'Mac', 'macOS 11', 0.65, '1,121,3,6,15,114,119,252,95,44,46'),
  ...same(
    'apple',
    'Mac',
    'macOS',
    0.7,
    '1,121,3,6,15,119,252,95,44,46',
    '1,3,6,15,119,95,252,44,46',
    '1,3,6,15,119,95,252,44,46,47',
  ),
  ...same('apple', 'Apple TV', 'tvOS', 0.6, '1,3,6,15,112,113,78,79,95,252'),

  ...same('android', 'Android device', 'Android 11+', 0.85, '1,3,6,15,26,28,51,58,59,43,114,108'),
  ...same('android', 'Android device', 'Android 10', 0.7, '1,3,6,15,26,28,51,58,59,43,114'),
  ...same('android', 'Android device', 'Android 6-10', 0.8, '1,3,6,15,26,28,51,58,59,43'),
  ...same('android', 'Android device', 'Android 5', 0.6, '1,3,6,15,26,28,51,58,59'),
  ...same(
    'android',
    'Android device',
    'Android 4',
    0.75,
    '1,33,3,6,15,26,28,51,58,59',
    '1,33,3,6,15,28,51,58,59',
    '1,121,33,3,6,15,28,51,58,59,119',
  ),

  ...same(
    'windows',
    'Windows PC',
    'Windows 10/11',
    0.9,
    '1,3,6,15,31,33,43,44,46,47,119,121,249,252',
    '1,3,6,15,31,33,43,44,46,47,119,121,249,252,114',
  ),
  ...same('windows', 'Windows PC', 'Windows 10', 0.8, '1,3,6,15,31,33,43,44,46,47,121,249,252'),
  ...same('windows', 'Windows PC', 'Windows 8', 0.8, '1,15,3,6,44,46,47,31,33,121,249,252,43'),
  ...same(
    'windows',
    'Windows PC',
    'Windows 7',
    0.8,
    '1,15,3,6,44,46,47,31,33,121,249,43',
    '1,15,3,6,44,46,47,31,33,121,249,43,252',
  ),
  ...same(
    'windows',
    'Windows PC',
    'Windows XP',
    0.8,
    '1,15,3,6,44,46,47,31,33,249,43',
    '1,15,3,6,44,46,47,31,33,249,43,252',
  ),

  ...same(
    'chromeos',
    'Chromebook',
    'ChromeOS',
    0.8,
    '1,121,33,3,6,12,15,26,28,51,54,58,59,119,252',
    '1,121,33,3,6,12,15,26,28,51,54,58,59,119',
  ),

  // NetworkManager's own client since 1.20, and what it asked dhclient for before.
  ...same(
    'linux',
    'Linux device',
    'Linux (NetworkManager)',
    0.85,
    '1,2,6,12,15,26,28,121,3,33,40,41,42,119,249,252,17',
  ),
  ...same(
    'linux',
    'Linux device',
    'Linux (NetworkManager)',
    0.75,
    '1,28,2,121,15,6,12,40,41,42,26,119,3,121,249,33,252,42',
    '1,28,2,121,15,6,12,40,41,42,26,119,3,121,249,33,252,42,17',
    '1,28,2,3,15,6,119,12,44,47,26,121,42,121,249,33,252,42',
  ),
  ...same(
    'linux',
    'Linux device',
    'Linux (systemd-networkd)',
    0.75,
    '1,3,6,12,15,33,42,120,121,119',
    '1,3,6,12,15,26,33,42,119,120,121',
    '1,3,6,12,15,33,42,119,120,121',
    '1,3,6,12,15,26,33,121',
    '1,3,6,12,15,33,42,121',
  ),
  ...same(
    'linux',
    'Linux device',
    'Linux (dhclient, Debian)',
    0.75,
    '1,28,2,3,15,6,119,12,44,47,26,121,42',
    '1,28,2,3,15,6,119,12,44,47,26,121,42,249,33,252',
  ),
  ...same('linux', 'Linux device', 'Linux (dhclient)', 0.55, '1,28,2,3,15,6,12'),
  ...same('linux', 'Linux device', 'FreeBSD (dhclient)', 0.7, '1,28,2,121,3,15,6,12,119,26'),
  ...same(
    'linux',
    'Linux device',
    'Linux (dhcpcd)',
    0.7,
    '1,121,33,3,6,12,15,26,28,42,51,54,58,59,119',
    '1,121,33,3,6,12,15,28,42,51,54,58,59,119',
  ),
  // BusyBox: routers, cameras, boxes of every kind.
  ...same(
    'linux',
    'Embedded Linux',
    'Linux (udhcpc)',
    0.6,
    '1,3,6,12,15,28,42',
    '1,3,6,12,15,28,40,41,42',
    '1,3,6,12,15,28,42,121',
    '1,3,6,12,15,28,33,42,121,249',
    '1,3,6,12,15,28,42,43',
  ),

  ...same('device', 'IoT device', 'lwIP (ESP8266/ESP32)', 0.7, '1,3,28,6', '1,3,28,6,15,12', '1,3,28,6,42'),
  ...same(
    'device',
    'Printer',
    undefined,
    0.75,
    '6,3,1,15,66,67,13,44',
    '6,3,1,15,66,67,13,44,12',
    '6,3,1,15,66,67,13,44,12,81,252',
    '6,3,1,15,66,67,13,44,119,12,81,252',
    '6,3,1,15,66,67,13,44,2,42,12',
  ),
  ...same('device', 'Printer', undefined, 0.5, '1,3,6,15,44,47', '1,3,6,15,44,47,43', '1,3,6,15,44,47,12'),
  ...same(
    'device',
    'IP phone',
    undefined,
    0.8,
    '1,66,6,3,15,150,35',
    '1,66,6,3,15,150',
    '1,3,6,15,66,67,150,43',
    '1,3,42,6,15,66,67,150',
  ),
  ...same('device', 'Game console', undefined, 0.35, '1,3,15,6'),
];

/** Vendor class identifiers (option 60), the first that matches. */
const classes: readonly (readonly [pattern: RegExp, evidence: (match: RegExpExecArray) => Evidence])[] = [
  [/^MSFT 5\.0 XBOX/, () => ({ platform: 'device', family: 'Game console', os: 'Xbox', confidence: 0.95 })],
  [/^MSFT 5\.0$/, () => ({ platform: 'windows', family: 'Windows PC', os: 'Windows', confidence: 0.75 })],
  [/^MSFT 98$/, () => ({ platform: 'windows', family: 'Windows PC', os: 'Windows 98', confidence: 0.7 })],
  [
    /^android-dhcp-(\d{1,2}(?:\.\d{1,2}){0,2})/,
    (m) => ({ platform: 'android', family: 'Android device', os: `Android ${m[1]}`, confidence: 0.95 }),
  ],
  [/android/i, () => ({ platform: 'android', family: 'Android device', os: 'Android', confidence: 0.85 })],
  [/^AAPLBSDPC/, () => ({ platform: 'apple', family: 'Mac', os: 'macOS (netboot)', confidence: 0.9 })],
  [
    /^dhcpcd-[^:]{1,20}:(Linux|FreeBSD|NetBSD|OpenBSD)-/,
    (m) => ({ platform: 'linux', family: 'Linux device', os: m[1], confidence: 0.85 }),
  ],
  [
    /^dhcpcd[ -]/,
    () => ({ platform: 'linux', family: 'Linux device', os: 'Linux (dhcpcd)', confidence: 0.6 }),
  ],
  [/^udhcp/, () => ({ platform: 'linux', family: 'Embedded Linux', os: 'Linux (udhcpc)', confidence: 0.7 })],
  [/^Hewlett-Packard (JetDirect|OfficeJet|LaserJet)|^HP Printer/i, () => printer()],
  [/^(Brother|Canon|EPSON|LEXMARK|XEROX|KYOCERA|RICOH|Samsung Network Printer|Mfg=)/i, () => printer()],
  [/^Cisco Systems, Inc\. IP Phone/, () => phone('Cisco IP Phone', 0.95)],
  [/^Polycom-/, () => phone('Polycom', 0.95)],
  [/^yealink/i, () => phone('Yealink', 0.95)],
  [
    /^(snom|Grandstream|Mitel|Avaya|ccp\.avaya\.com|Aastra|OpenStage|optiIpPhone)/i,
    () => phone(undefined, 0.9),
  ],
  [/^AXIS,/, () => camera('AXIS OS')],
  [/(Network|IP) ?Camera|^IPCAM|hikvision/i, () => camera(undefined)],
  [/^PS[345]\b/, () => ({ platform: 'device', family: 'Game console', os: 'PlayStation', confidence: 0.9 })],
  [
    /^(ArubaAP|Cisco AP|ubnt|Juniper-ap|Mist)/i,
    () => ({ platform: 'device', family: 'Access point', confidence: 0.85 }),
  ],
  [/^(Juniper-|ciscopnp|Cisco-)/, () => ({ platform: 'device', family: 'Network device', confidence: 0.75 })],
  [/^PXEClient/, () => ({ platform: 'device', family: 'PC firmware', os: 'PXE', confidence: 0.3 })],
];

function same(
  platform: Evidence['platform'],
  family: string,
  os: string | undefined,
  confidence: number,
  ...lists: string[]
): (readonly [string, Evidence])[] {
  return lists.map((list) => [list, { platform, family, os, confidence }] as const);
}

function printer(): Evidence {
  return { platform: 'device', family: 'Printer', confidence: 0.9 };
}

function phone(os: string | undefined, confidence: number): Evidence {
  return { platform: 'device', family: 'IP phone', os, confidence };
}

function camera(os: string | undefined): Evidence {
  return { platform: 'device', family: 'Camera', os, confidence: 0.85 };
}

const byList = new Map(rows);

/** @param requested option 55, in the order that the client asked. */
export function evidenceOfParameterList(requested: Iterable<number>): Evidence | undefined {
  return byList.get([...requested].join(','));
}

const SEARCHED = 128;

/** @param vendorClass option 60 as text. */
export function evidenceOfVendorClass(vendorClass: string): Evidence | undefined {
  const searched = vendorClass.slice(0, SEARCHED);
  for (const [pattern, evidence] of classes) {
    const match = pattern.exec(searched);
    if (match !== null) return evidence(match);
  }
  return undefined;
}
