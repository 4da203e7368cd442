/** Radiotap (radiotap.org): TSFT, flags, rate, channel, and for what was received signal, noise and antenna. */
import { crc32 } from './crc32.ts';
import { fresh } from './octets.ts';

export interface Reception {
  /** Microseconds of the receiver's timer at the frame's start. */
  tsftUs: number;
  frequencyMhz: number;
  /** In units of 500 kb/s. */
  rate: number;
  /** Null for what the radio sent itself. */
  signalDbm: number | null;
  noiseDbm: number;
}

/** Without and with signal and noise. */
const SENT_BYTES = 22;
const RECEIVED_BYTES = 24;
const FLAG_FCS_AT_END = 0x10;
const PRESENT_SENT = 0b1111;
const PRESENT_RECEIVED = 0b1101111;
const CHANNEL_2GHZ = 0x0080;
const CHANNEL_5GHZ = 0x0100;
const CHANNEL_CCK = 0x0020;
const CHANNEL_OFDM = 0x0040;

function put32(out: Uint8Array, at: number, value: number): void {
  out[at] = value & 0xff;
  out[at + 1] = (value >>> 8) & 0xff;
  out[at + 2] = (value >>> 16) & 0xff;
  out[at + 3] = value >>> 24;
}

/** The frame as a monitor interface gives it; with `fcs`, its check sequence is computed and appended. */
export function radiotap(frame: Uint8Array, of: Reception, fcs: boolean): Uint8Array {
  const { signalDbm, rate, frequencyMhz, tsftUs } = of;
  const header = signalDbm === null ? SENT_BYTES : RECEIVED_BYTES;
  const out = fresh(header + frame.length + (fcs ? 4 : 0));
  const band = frequencyMhz < 3000 ? CHANNEL_2GHZ : CHANNEL_5GHZ;
  // 1, 2, 5.5 and 11 Mb/s are DSSS and CCK.
  const isCck = rate === 2 || rate === 4 || rate === 11 || rate === 22;
  out[2] = header;
  out[4] = signalDbm === null ? PRESENT_SENT : PRESENT_RECEIVED;
  put32(out, 8, tsftUs % 2 ** 32);
  put32(out, 12, Math.floor(tsftUs / 2 ** 32));
  out[16] = fcs ? FLAG_FCS_AT_END : 0;
  out[17] = rate;
  out[18] = frequencyMhz & 0xff;
  out[19] = frequencyMhz >>> 8;
  const channel = band | (isCck ? CHANNEL_CCK : CHANNEL_OFDM);
  out[20] = channel & 0xff;
  out[21] = channel >>> 8;
  if (signalDbm !== null) {
    out[22] = signalDbm & 0xff;
    out[23] = of.noiseDbm & 0xff;
  }
  out.set(frame, header);
  if (fcs) put32(out, header + frame.length, crc32(frame));
  return out;
}
