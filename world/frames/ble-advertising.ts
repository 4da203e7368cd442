/** BLE advertising data: AD structures (Core Specification vol. 3 part C 11) of the common formats. */
import { be16, be32, le16, type Octets, octets, utf8 } from './octets.ts';

const AdType = { flags: 0x01, uuids16: 0x03, name: 0x09, serviceData16: 0x16, manufacturer: 0xff };
const EDDYSTONE = 0xfeaa;

/** AD structures: their length byte counts the type too. */
const structure = (type: number, body: Octets): Uint8Array => octets([1 + body.length, type], body);
/** LE general discoverable, no classic Bluetooth. */
const flags = structure(AdType.flags, [0x06]);

export interface IBeacon {
  /** 32 hexadecimal digits, with or without dashes. */
  uuid: string;
  major: number;
  minor: number;
  /** dBm at 1 m. */
  measuredPowerDbm: number;
}

/** `digits` in pairs. */
export const hexBytes = (digits: string): Uint8Array =>
  Uint8Array.from(digits.replaceAll('-', '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

export const iBeacon = (of: IBeacon): Uint8Array =>
  octets(
    flags,
    structure(
      AdType.manufacturer,
      octets([0x4c, 0, 2, 21], hexBytes(of.uuid), be16(of.major), be16(of.minor), [
        of.measuredPowerDbm & 0xff,
      ]),
    ),
  );

const eddystone = (body: Octets): Uint8Array =>
  octets(
    flags,
    structure(AdType.uuids16, le16(EDDYSTONE)),
    structure(AdType.serviceData16, octets(le16(EDDYSTONE), body)),
  );

/** `namespace` of 10 and `instance` of 6 bytes, hexadecimal. */
export const eddystoneUid = (txPowerDbm: number, namespace: string, instance: string): Uint8Array =>
  eddystone(octets([0x00, txPowerDbm & 0xff], hexBytes(namespace), hexBytes(instance), [0, 0]));

const SCHEMES = ['http://www.', 'https://www.', 'http://', 'https://'];
const ENDINGS = [
  '.com/',
  '.org/',
  '.edu/',
  '.net/',
  '.info/',
  '.biz/',
  '.gov/',
  '.com',
  '.org',
  '.edu',
  '.net',
];

export function eddystoneUrl(txPowerDbm: number, url: string): Uint8Array {
  const scheme = SCHEMES.findIndex((prefix) => url.startsWith(prefix));
  let rest = url.slice(SCHEMES[scheme].length);
  const encoded: number[] = [];
  while (rest !== '') {
    const ending = ENDINGS.findIndex((text) => rest.startsWith(text));
    encoded.push(ending >= 0 ? ending : rest.charCodeAt(0));
    rest = rest.slice(ending >= 0 ? ENDINGS[ending].length : 1);
  }
  return eddystone([0x10, txPowerDbm & 0xff, scheme, ...encoded]);
}

export interface EddystoneTlm {
  batteryMv: number;
  temperatureC: number;
  advertisements: number;
  /** Since boot, in tenths of a second. */
  uptimeTenths: number;
}

/** Temperature is signed 8.8 fixed point. */
export const eddystoneTlm = (of: EddystoneTlm): Uint8Array =>
  eddystone(
    octets(
      [0x20, 0],
      be16(of.batteryMv),
      be16(Math.round(of.temperatureC * 256) & 0xffff),
      be32(of.advertisements),
      be32(of.uptimeTenths),
    ),
  );

/** A wearable: flags, services, manufacturer data, and a name where it gives one. */
export const wearable = (companyId: number, data: Octets, name: string | null): Uint8Array =>
  octets(
    flags,
    structure(AdType.manufacturer, octets(le16(companyId), data)),
    name === null ? [] : structure(AdType.name, utf8(name)),
  );

/** Top bits 01: a resolvable private address (vol. 6 part B 1.3.2.2); 11: random static. */
export function randomAddress(bytes: Uint8Array, kind: 'resolvable' | 'static'): string {
  const top = kind === 'static' ? 0xc0 : 0x40;
  return [...bytes]
    .map((byte, i) => (i === 0 ? (byte & 0x3f) | top : byte).toString(16).padStart(2, '0'))
    .join(':');
}
