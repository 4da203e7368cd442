/** Block types and option codes of draft-ietf-opsawg-pcapng, sections 4 and 3.5. */
export const BlockType = {
  sectionHeader: 0x0a0d0d0a,
  interfaceDescription: 0x00000001,
  /** Obsolete. */
  packet: 0x00000002,
  simplePacket: 0x00000003,
  nameResolution: 0x00000004,
  interfaceStatistics: 0x00000005,
  enhancedPacket: 0x00000006,
  decryptionSecrets: 0x0000000a,
  custom: 0x00000bad,
  customNoCopy: 0x40000bad,
} as const;

export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

export const OptionCode = {
  endOfOptions: 0,
  comment: 1,
  /** Section header. */
  hardware: 2,
  operatingSystem: 3,
  application: 4,
  /** Interface description. */
  interfaceName: 2,
  timestampResolution: 9,
  interfaceOperatingSystem: 12,
  fcsLength: 13,
  timestampOffset: 14,
  /** Packets. */
  packetFlags: 2,
  /** Interface statistics. */
  droppedByInterface: 5,
  droppedBySystem: 7,
} as const;

/** Ends of a block: type, length, and the length again. */
export const BLOCK_OVERHEAD = 12;

/** No reader in use takes longer ones (libpcap and Wireshark stop at 16 MiB). */
export const MAXIMUM_BLOCK_LENGTH = 16 * 1024 * 1024;

export const padded = (length: number): number => (length + 3) & ~3;

/** Called with code, first byte and length of an option's value. */
export type OptionVisitor = (code: number, start: number, length: number) => void;

/**
 * Visits the options that stand in view[start..end). Stops at opt_endofopt, or where an option does not fit.
 * @returns false when an option runs over the end.
 */
export function visitOptions(
  view: DataView,
  littleEndian: boolean,
  start: number,
  end: number,
  visit: OptionVisitor,
): boolean {
  let at = start;
  while (end - at >= 4) {
    const code = view.getUint16(at, littleEndian);
    const length = view.getUint16(at + 2, littleEndian);
    if (code === OptionCode.endOfOptions) return true;
    const after = at + 4 + padded(length);
    if (after > end) return false;
    visit(code, at + 4, length);
    at = after;
  }
  return true;
}
