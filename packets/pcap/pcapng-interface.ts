import type { CaptureInterface } from './frame.ts';
import { OptionCode, visitOptions } from './pcapng-blocks.ts';
import { type TimestampDecoder, ticksPerSecond, timestampDecoder } from './timestamp.ts';

const MICROSECONDS = 6;

/** A described interface, and how to read its time stamps. */
export interface PcapngInterface {
  description: CaptureInterface;
  readTime: TimestampDecoder;
}

/**
 * Reads the body of an Interface Description Block (pcapng 4.2), view[start..end), of at least 8 bytes.
 * @returns null when an option runs over the end.
 */
export function readInterface(
  view: DataView,
  littleEndian: boolean,
  start: number,
  end: number,
  place: { id: number; section: number },
): PcapngInterface | null {
  let name: string | null = null;
  let fcsLength: number | null = null;
  let resolution = MICROSECONDS;
  let offsetSeconds = 0;
  const whole = visitOptions(view, littleEndian, start + 8, end, (code, at, length) => {
    if (code === OptionCode.interfaceName) name = text(view, at, length);
    else if (code === OptionCode.timestampResolution && length >= 1) resolution = view.getUint8(at);
    else if (code === OptionCode.fcsLength && length >= 1) fcsLength = fcsBytes(view.getUint8(at));
    else if (code === OptionCode.timestampOffset && length >= 8) {
      offsetSeconds = Number(view.getBigInt64(at, littleEndian));
    }
  });
  if (!whole) return null;
  return {
    description: {
      ...place,
      linkType: view.getUint16(start, littleEndian),
      snapLength: view.getUint32(start + 4, littleEndian),
      name,
      fcsLength,
      ticksPerSecond: ticksPerSecond(resolution),
      dropped: null,
    },
    readTime: timestampDecoder(resolution, offsetSeconds),
  };
}

/** Reads isb_ifdrop and isb_osdrop of an Interface Statistics Block (pcapng 4.6) into its interface. */
export function readStatistics(
  description: CaptureInterface,
  view: DataView,
  littleEndian: boolean,
  start: number,
  end: number,
): boolean {
  let dropped: bigint | null = null;
  const whole = visitOptions(view, littleEndian, start, end, (code, at, length) => {
    if (length !== 8) return;
    if (code === OptionCode.droppedByInterface || code === OptionCode.droppedBySystem) {
      dropped = (dropped ?? 0n) + view.getBigUint64(at, littleEndian);
    }
  });
  if (dropped !== null) description.dropped = Number(dropped);
  return whole;
}

/**
 * The draft says "in bits" and gives 4 as the example, and writers differ likewise. No link has a check
 * sequence of 4 bits, nor one of 16 bytes or more.
 */
function fcsBytes(value: number): number {
  return value >= 16 ? value >>> 3 : value;
}

function text(view: DataView, start: number, length: number): string {
  return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + start, length));
}
