import type { Band } from './records.ts';

export interface Channel {
  band: Band;
  /** IEEE 802.11-2020 annex E. */
  channel: number;
}

const FREQUENCY_STEP_MHZ = 5;

/** Channel of a centre frequency of 20 MHz; undefined outside the bands of Wi-Fi. */
export function channelOfFrequency(mhz: number): Channel | undefined {
  if (mhz === 2484) return { band: '2.4', channel: 14 };
  const base = mhz < 5000 ? 2407 : mhz < 5935 ? 5000 : 5950;
  const channel = (mhz - base) / FREQUENCY_STEP_MHZ;
  if (!Number.isInteger(channel)) return undefined;
  if (mhz >= 2412 && mhz <= 2472) return { band: '2.4', channel };
  // 6 GHz has a channel of its own at 5935 MHz (operating class 136), the others start at 5955.
  if (mhz === 5935) return { band: '6', channel: 2 };
  if (mhz >= 5955 && mhz <= 7115) return { band: '6', channel };
  if (mhz >= 5160 && mhz <= 5895) return { band: '5', channel };
  return undefined;
}
