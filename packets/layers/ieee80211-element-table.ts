import * as basic from './ieee80211-elements-basic.ts';
import { rsnOf } from './ieee80211-elements-rsn.ts';

/** Reads the body between `from` and `to`; undefined when it is shorter than its fixed part. */
export type ElementDecoder = (b: Uint8Array, from: number, to: number) => object | undefined;

/** By element id, IEEE 802.11-2020 table 9-92. */
export const ELEMENT_DECODERS: Readonly<Record<number, ElementDecoder>> = {
  0: basic.ssidOf,
  1: basic.ratesOf,
  3: basic.dsParameterOf,
  48: rsnOf,
  50: basic.ratesOf,
};

/** By extension id, for element 255. */
export const EXTENSION_DECODERS: Readonly<Record<number, ElementDecoder>> = {};
