import type { Frame } from './frame.ts';

/** Sets a frame's time from the two halves of a pcapng time stamp. */
export type TimestampDecoder = (frame: Frame, high: number, low: number) => void;

/**
 * @param resolution if_tsresol (pcapng 4.2): 10^−n seconds, or 2^−n when the highest bit is set.
 * @param offsetSeconds if_tsoffset, seconds to add.
 */
export function timestampDecoder(resolution: number, offsetSeconds: number): TimestampDecoder {
  const ticks = ticksPerSecond(resolution);
  return resolution >= 6 && resolution <= 9
    ? byDivision(Number(ticks), 1e9 / Number(ticks), offsetSeconds)
    : byBigint(ticks, offsetSeconds);
}

export function ticksPerSecond(resolution: number): bigint {
  const exponent = BigInt(resolution & 0x7f);
  return (resolution & 0x80) !== 0 ? 1n << exponent : 10n ** exponent;
}

/**
 * Long division of high·2^32 + low in digits of 16 bits, so that no intermediate needs more than the 53 bits
 * that a number has exactly, and no bigint is allocated for each packet.
 */
function byDivision(ticks: number, nsPerTick: number, offsetSeconds: number): TimestampDecoder {
  return (frame, high, low) => {
    const top = Math.floor(high / ticks);
    const upper = (high - top * ticks) * 65_536 + (low >>> 16);
    const middle = Math.floor(upper / ticks);
    const lower = (upper - middle * ticks) * 65_536 + (low & 0xffff);
    const bottom = Math.floor(lower / ticks);
    frame.seconds = top * 4_294_967_296 + middle * 65_536 + bottom + offsetSeconds;
    frame.nanoseconds = (lower - bottom * ticks) * nsPerTick;
  };
}

/** Any other unit; what is finer than a nanosecond is cut. */
function byBigint(ticks: bigint, offsetSeconds: number): TimestampDecoder {
  return (frame, high, low) => {
    const stamp = (BigInt(high) << 32n) | BigInt(low);
    frame.seconds = Number(stamp / ticks) + offsetSeconds;
    frame.nanoseconds = Number(((stamp % ticks) * 1_000_000_000n) / ticks);
  };
}
