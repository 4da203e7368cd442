/** Radiotap (radiotap.org): TSFT, flags, rate, channel, and for what was received signal, noise and antenna. */
import { crc32 } from './crc32.ts';
import { le16, le32, le64, octets } from './octets.ts';

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

const FLAG_FCS_AT_END = 0x10;
const PRESENT_SENT = 0b1111;
const PRESENT_RECEIVED = 0b1101111;
const CHANNEL_2GHZ = 0x0080;
const CHANNEL_5GHZ = 0x0100;
const CHANNEL_CCK = 0x0020;
const CHANNEL_OFDM = 0x0040;

/** The frame as a monitor interface gives it; with `fcs`, its check sequence is computed and appended. */
export function radiotap(frame: Uint8Array, of: Reception, fcs: boolean): Uint8Array {
  const band = of.frequencyMhz < 3000 ? CHANNEL_2GHZ : CHANNEL_5GHZ;
  // 1, 2, 5.5 and 11 Mb/s are DSSS and CCK.
  const modulation = [2, 4, 11, 22].includes(of.rate) ? CHANNEL_CCK : CHANNEL_OFDM;
  const measured = of.signalDbm === null ? [] : [of.signalDbm & 0xff, of.noiseDbm & 0xff];
  return octets(
    [0, 0, ...le16(22 + measured.length)],
    le32(of.signalDbm === null ? PRESENT_SENT : PRESENT_RECEIVED),
    le64(of.tsftUs),
    [fcs ? FLAG_FCS_AT_END : 0, of.rate],
    le16(of.frequencyMhz),
    le16(band | modulation),
    measured,
    frame,
    fcs ? le32(crc32(frame)) : [],
  );
}
