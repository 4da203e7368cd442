/** 802.11 frames made by hand (IEEE 802.11-2020 clause 9), without radiotap and FCS. */
import { cat, hex, le16 } from './build-frames.ts';

export const AP = hex('020000000001');
export const STATION = hex('020000000002');
export const OTHER = hex('020000000003');
export const FOURTH = hex('020000000004');

const MANAGEMENT = 0;
const CONTROL = 1;
const DATA = 2;
const frameControl = (type: number, subtype: number, flags: number): number[] => [
  (subtype << 4) | (type << 2),
  flags,
];

export const management = (subtype: number, body: Uint8Array | readonly number[], flags = 0): Uint8Array =>
  cat(frameControl(MANAGEMENT, subtype, flags), le16(314), AP, STATION, AP, le16((1234 << 4) | 0), body);

export const control = (subtype: number, rest: Uint8Array | readonly number[], flags = 0): Uint8Array =>
  cat(frameControl(CONTROL, subtype, flags), le16(44), rest);

/** Addresses 1 to 3, sequence control, then all that the flags and the subtype ask for. */
export const data = (subtype: number, flags: number, rest: Uint8Array | readonly number[]): Uint8Array =>
  cat(frameControl(DATA, subtype, flags), le16(60), AP, STATION, OTHER, le16((77 << 4) | 0), rest);

export const element = (id: number, body: Uint8Array | readonly number[]): Uint8Array =>
  cat([id, body.length], body);
export const extensionElement = (id: number, body: Uint8Array | readonly number[]): Uint8Array =>
  element(255, cat([id], body));

/** A beacon: timestamp 1, interval 100, capabilities ESS and privacy. */
export const beacon = (...elements: Uint8Array[]): Uint8Array =>
  management(8, cat(hex('0100000000000000 6400 1100'), ...elements));
