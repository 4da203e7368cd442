/**
 * Devices as they are met in the field. What each sends is what its system is publicly known to send, so that
 * whoever observes it can tell (packets/observe has the other side of it). Blocks of addresses are real ones of
 * the manufacturer; only the simulated air ever carries them.
 */
import type { Band } from '../site/model.ts';
import type { BeingKind, DhcpTraits, MacPolicy } from './model.ts';

export type HostNameHabit =
  /** `Annas-iPhone` */
  | 'possessive'
  /** `Galaxy-S23` */
  | 'model'
  /** `LAPTOP-4F2KQ1A` */
  | 'generated'
  /** Prefix and the end of its MAC. */
  | 'mac-6'
  | 'mac-12'
  | 'none';

export interface DeviceType {
  kind: BeingKind;
  /** Name of the block's holder in the IEEE registry. */
  manufacturer: string;
  /** First three bytes of its MAC. */
  block: string;
  model: string;
  os: string;
  versions: readonly string[];
  hostName: HostNameHabit;
  /** Before what the habit makes; `Annas-` + `iPhone`, `NPI` + MAC. */
  label: string;
  dhcp: DhcpTraits | null;
  /** `%v` is the version, `%u` the version with underscores. */
  userAgent: string | null;
  mac: MacPolicy;
  bands: readonly Band[];
  powerDbm: number;
  roaming: { k: boolean; v: boolean; r: boolean };
  /** Share among devices of its kind. */
  weight: number;
}

const list = (text: string): number[] => text.split(',').map(Number);

const asks = (parameters: string, vendorClass: string | null = null, sendsFqdn = false): DhcpTraits => ({
  parameterRequestList: list(parameters),
  vendorClass,
  sendsHostName: true,
  sendsFqdn,
});

const PRIVATE: MacPolicy = { joined: 'per-ssid', probing: 'burst' };
/** One phone in eleven kept its address while it probed. */
const HALF_PRIVATE: MacPolicy = { joined: 'per-ssid', probing: 'permanent' };
const WINDOWS: MacPolicy = { joined: 'permanent', probing: 'burst' };
const OPEN: MacPolicy = { joined: 'permanent', probing: 'permanent' };
const ALL = { k: true, v: true, r: true };
const NO_FAST = { k: true, v: true, r: false };
const NONE = { k: false, v: false, r: false };
const TRI: readonly Band[] = ['2.4', '5', '6'];
const DUAL: readonly Band[] = ['2.4', '5'];
const LOW: readonly Band[] = ['2.4'];

const IOS = '1,121,3,6,15,108,114,119,252';
const MAC_OS = '1,121,3,6,15,108,114,119,252,95,44,46';
const ANDROID = '1,3,6,15,26,28,51,58,59,43,114,108';
const WINDOWS_10 = '1,3,6,15,31,33,43,44,46,47,119,121,249,252';
const SAFARI = 'AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1';

const common = { label: '', powerDbm: 15, roaming: ALL, mac: OPEN, bands: DUAL, userAgent: null } as const;

const android = (
  kind: BeingKind,
  manufacturer: string,
  block: string,
  model: string,
  version: string,
  weight: number,
): DeviceType => ({
  ...common,
  kind,
  manufacturer,
  block,
  model,
  os: 'Android',
  versions: [version],
  hostName: 'model',
  dhcp: asks(ANDROID, `android-dhcp-${version}`),
  userAgent: `Dalvik/2.1.0 (Linux; U; Android %v; ${model} Build/UP1A.231005.007)`,
  mac: PRIVATE,
  bands: TRI,
  weight,
});

export const CATALOGUE: readonly DeviceType[] = [
  {
    ...common,
    kind: 'phone',
    manufacturer: 'Apple, Inc.',
    block: '10:42:10',
    model: 'iPhone 15',
    os: 'iOS',
    versions: ['17.4.1', '17.5', '18.1'],
    hostName: 'possessive',
    label: 'iPhone',
    dhcp: asks(IOS),
    userAgent: `Mozilla/5.0 (iPhone; CPU iPhone OS %u like Mac OS X) ${SAFARI}`,
    mac: PRIVATE,
    powerDbm: 14,
    weight: 38,
  },
  {
    ...common,
    kind: 'phone',
    manufacturer: 'Apple, Inc.',
    block: '10:30:25',
    model: 'iPhone 11',
    os: 'iOS',
    versions: ['16.7', '17.2'],
    hostName: 'possessive',
    label: 'iPhone',
    dhcp: asks(IOS),
    userAgent: `Mozilla/5.0 (iPhone; CPU iPhone OS %u like Mac OS X) ${SAFARI}`,
    mac: PRIVATE,
    powerDbm: 14,
    weight: 12,
  },
  android('phone', 'Samsung Electronics Co.,Ltd', '10:39:17', 'Galaxy-S23', '14', 20),
  android('phone', 'Samsung Electronics Co.,Ltd', '14:01:52', 'Galaxy-A54', '13', 10),
  android('phone', 'Google, Inc.', '24:05:88', 'Pixel-8', '14', 7),
  android('phone', 'OnePlus Technology (Shenzhen) Co., Ltd', '48:74:12', 'OnePlus-9', '13', 4),
  {
    ...android('phone', 'Xiaomi Communications Co Ltd', '18:59:36', 'Redmi-Note-11', '12', 9),
    mac: HALF_PRIVATE,
    bands: DUAL,
    roaming: NO_FAST,
  },
  {
    ...common,
    kind: 'tablet',
    manufacturer: 'Apple, Inc.',
    block: '10:29:59',
    model: 'iPad',
    os: 'iPadOS',
    versions: ['16.6', '17.4'],
    hostName: 'possessive',
    label: 'iPad',
    dhcp: asks(IOS),
    userAgent: `Mozilla/5.0 (iPad; CPU OS %u like Mac OS X) ${SAFARI}`,
    mac: PRIVATE,
    weight: 8,
  },
  android('tablet', 'Samsung Electronics Co.,Ltd', '10:30:47', 'Galaxy-Tab-A8', '13', 3),
  {
    ...common,
    kind: 'laptop',
    manufacturer: 'Intel Corporate',
    block: '10:51:07',
    model: 'Latitude 5440',
    os: 'Windows',
    versions: ['10', '11'],
    hostName: 'generated',
    label: 'LAPTOP-',
    dhcp: asks(WINDOWS_10, 'MSFT 5.0', true),
    userAgent: 'Microsoft NCSI',
    mac: WINDOWS,
    bands: TRI,
    powerDbm: 17,
    weight: 55,
  },
  {
    ...common,
    kind: 'laptop',
    manufacturer: 'Apple, Inc.',
    block: '10:00:20',
    model: 'MacBook Pro',
    os: 'macOS',
    versions: ['13.6', '14.4'],
    hostName: 'possessive',
    label: 'MacBook-Pro',
    dhcp: asks(MAC_OS),
    userAgent:
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15',
    mac: PRIVATE,
    bands: TRI,
    powerDbm: 17,
    weight: 28,
  },
  {
    ...common,
    kind: 'laptop',
    manufacturer: 'Intel Corporate',
    block: '18:26:49',
    model: 'ThinkPad X1',
    os: 'Linux',
    versions: ['6.6'],
    hostName: 'generated',
    label: 'thinkpad-',
    dhcp: asks('1,2,6,12,15,26,28,121,3,33,40,41,42,119,249,252,17'),
    userAgent: 'Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:124.0) Gecko/20100101 Firefox/124.0',
    mac: WINDOWS,
    bands: TRI,
    powerDbm: 17,
    weight: 6,
  },
  {
    ...common,
    kind: 'laptop',
    manufacturer: 'Intel Corporate',
    block: '18:56:80',
    model: 'Chromebook 314',
    os: 'ChromeOS',
    versions: ['120.0.6099.272'],
    hostName: 'none',
    dhcp: { ...asks('1,121,33,3,6,12,15,26,28,51,54,58,59,119,252'), sendsHostName: false },
    userAgent:
      'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36',
    mac: WINDOWS,
    roaming: NO_FAST,
    weight: 11,
  },
  {
    ...common,
    kind: 'printer',
    manufacturer: 'HP Inc.',
    block: '50:81:40',
    model: 'LaserJet M507',
    os: 'HP FutureSmart',
    versions: ['5.7'],
    hostName: 'mac-6',
    label: 'NPI',
    dhcp: asks('6,3,1,15,66,67,13,44,12,81,252', 'Hewlett-Packard LaserJet'),
    bands: [],
    weight: 2,
  },
  {
    ...common,
    kind: 'printer',
    manufacturer: 'Brother Industries, LTD.',
    block: '3c:2a:f4',
    model: 'HL-L2350DW',
    os: 'Brother firmware',
    versions: ['1.76'],
    hostName: 'mac-12',
    label: 'BRW',
    dhcp: asks('1,3,6,15,44,47', 'Brother HL-L2350DW'),
    bands: LOW,
    roaming: NONE,
    weight: 1,
  },
  {
    ...common,
    kind: 'camera',
    manufacturer: 'Axis Communications AB',
    block: 'b8:a4:4f',
    model: 'P3245-V',
    os: 'AXIS OS',
    versions: ['10.12', '11.8'],
    hostName: 'mac-12',
    label: 'axis-',
    dhcp: asks('1,3,6,12,15,28,40,41,42', 'AXIS,Network Camera,P3245-V,10.12.65'),
    bands: [],
    weight: 2,
  },
  {
    ...common,
    kind: 'camera',
    manufacturer: 'Hangzhou Hikvision Digital Technology Co.,Ltd.',
    block: '18:80:25',
    model: 'DS-2CD2143',
    os: 'Hikvision firmware',
    versions: ['5.7.3'],
    hostName: 'none',
    dhcp: { ...asks('1,3,6,12,15,28,42', 'hikvision camera'), sendsHostName: false },
    bands: [],
    weight: 1,
  },
  {
    ...android('scanner', 'Zebra Technologies Inc.', '60:95:32', 'TC52', '11', 1),
    hostName: 'mac-6',
    label: 'android-',
    mac: OPEN,
    bands: DUAL,
  },
  {
    ...common,
    kind: 'iot',
    manufacturer: 'Espressif Inc.',
    block: '14:08:08',
    model: 'ESP32',
    os: 'ESP-IDF',
    versions: ['4.4', '5.1'],
    hostName: 'mac-6',
    label: 'ESP-',
    dhcp: asks('1,3,28,6'),
    userAgent: 'ESP32 HTTP Client/1.0',
    bands: LOW,
    roaming: NONE,
    weight: 5,
  },
  {
    ...common,
    kind: 'iot',
    manufacturer: 'Raspberry Pi (Trading) Ltd',
    block: '2c:cf:67',
    model: 'Raspberry Pi 4',
    os: 'Linux',
    versions: ['6.1'],
    hostName: 'model',
    label: 'raspberrypi',
    dhcp: asks(
      '1,121,33,3,6,12,15,26,28,42,51,54,58,59,119',
      'dhcpcd-9.4.1:Linux-6.1.21-v8+:aarch64:BCM2835',
    ),
    roaming: NO_FAST,
    weight: 1,
  },
  {
    ...common,
    kind: 'tag',
    manufacturer: 'Espressif Inc.',
    block: '14:63:93',
    model: 'asset tag',
    os: '',
    versions: ['1.0'],
    hostName: 'none',
    dhcp: null,
    bands: [],
    powerDbm: 0,
    weight: 1,
  },
  {
    ...common,
    kind: 'wearable',
    manufacturer: 'Garmin International',
    block: '0c:7e:24',
    model: 'Forerunner 255',
    os: '',
    versions: ['13.2'],
    hostName: 'none',
    dhcp: null,
    bands: [],
    powerDbm: 0,
    weight: 1,
  },
];
