/** pcapng (draft-ietf-opsawg-pcapng 3.1, 4.3): type, length, body, length. Devices write little-endian. */
const ENHANCED_PACKET = 6;
const SIMPLE_PACKET = 3;
const BLOCK_OVERHEAD = 12;

export interface Rest {
  section: Buffer;
  packets: number;
  removed: number;
}

/**
 * The section without the packets whose bytes `isOf` picks; null when it is not whole, and then cannot be told
 * apart.
 */
export function sectionWithout(section: Uint8Array, isOf: (packet: Buffer) => boolean): Rest | null {
  const bytes = Buffer.from(section.buffer, section.byteOffset, section.length);
  const kept: Buffer[] = [];
  let packets = 0;
  let removed = 0;
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < BLOCK_OVERHEAD) return null;
    const length = bytes.readUInt32LE(at + 4);
    if (length < BLOCK_OVERHEAD || length % 4 !== 0 || length > bytes.length - at) return null;
    const block = bytes.subarray(at, at + length);
    const type = bytes.readUInt32LE(at);
    at += length;
    const isPacket = type === ENHANCED_PACKET || type === SIMPLE_PACKET;
    if (isPacket && isOf(block)) {
      removed++;
      continue;
    }
    if (isPacket) packets++;
    kept.push(block);
  }
  return { section: Buffer.concat(kept), packets, removed };
}
