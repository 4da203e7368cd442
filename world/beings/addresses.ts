/** The addresses that a being shows, each a function of seed, being and what it is for. */
import { hash, hash4, subSeed } from '../random.ts';
import type { Being } from './model.ts';

const hex = (value: number): string => (value & 255).toString(16).padStart(2, '0');

const bytesOf = (high: number, low: number): string =>
  [high >>> 24, high >>> 16, high >>> 8, high, low >>> 24, low >>> 16].map(hex).join(':');

/** Bits 1 and 0 of the first byte: locally administered, individual (IEEE 802-2014 8.2.2). */
const local = (high: number, low: number): string =>
  bytesOf(((high & 0xfc_ff_ff_ff) | 0x02_00_00_00) >>> 0, low);

/** Burnt in: within `block` no two indices below 2^24 have the same. */
export function permanentMac(block: string, seed: number, index: number): string {
  const low = (Math.imul(index, 0x9e_37_79) + (subSeed(seed, block) >>> 8)) & 0xff_ff_ff;
  return `${block}:${hex(low >>> 16)}:${hex(low >>> 8)}:${hex(low)}`;
}

/** The address that it joins `ssid` with: always the same for this network, as phones keep it. */
export function joinedMac(being: Being, seed: number, ssid: string): string {
  if (being.macPolicy.joined === 'permanent') return being.mac;
  const key = hash(subSeed(seed, `ssid ${ssid}`), being.index);
  return local(key, hash(key, being.index, 1));
}

/** The address of burst number `burst` of its probe requests. */
export function probeMac(being: Being, seed: number, burst: number): string {
  if (being.macPolicy.probing === 'permanent') return being.mac;
  const key = hash4(subSeed(seed, 'probe burst'), being.index, burst, 0, 0);
  return local(key, hash4(key, being.index, burst, 1, 0));
}

/**
 * Its Bluetooth address at a time. A static random address has its top two bits 11, a resolvable private one 01
 * (Core 5.4, Vol 6 B 1.3.2).
 */
export function bleAddress(being: Being, seed: number, tMs: number): string {
  const rotates = being.ble?.rotatesMs ?? null;
  if (rotates === null) {
    const fixed = hash(subSeed(seed, 'ble static'), being.index);
    return bytesOf((fixed | 0xc0_00_00_00) >>> 0, hash(fixed, being.index));
  }
  // Devices were not switched on together, so they do not change their addresses together.
  const phase = hash(subSeed(seed, 'ble phase'), being.index) % rotates;
  const period = Math.floor((tMs + phase) / rotates);
  const key = hash4(subSeed(seed, 'ble private'), being.index, period, Math.floor(period / 2 ** 31), 0);
  return bytesOf(((key & 0x3f_ff_ff_ff) | 0x40_00_00_00) >>> 0, hash(key, being.index, 1));
}
