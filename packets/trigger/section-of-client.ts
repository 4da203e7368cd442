import { dissect } from '../dissect.ts';
import { Dissection } from '../dissection.ts';
import { BLOCK_OVERHEAD, BlockType, BYTE_ORDER_MAGIC, padded } from '../pcap/pcapng-blocks.ts';
import { isOfClient, macNumber } from './client.ts';

const LE = true;
/** Of an Enhanced Packet Block, pcapng 4.3: where interface, captured length, original length and data stand. */
const PACKET_INTERFACE = 8;
const PACKET_CAPTURED = 20;
const PACKET_ORIGINAL = 24;
const PACKET_DATA = 28;
const INTERFACE_LINK_TYPE = 8;
/** A section header block without options; an interface block without options. */
const SECTION_HEADER_BYTES = 28;
const INTERFACE_BYTES = 20;

type BlockVisitor = (type: number, start: number, length: number) => void;

/**
 * Whether `bytes` are sections as airherd's devices write them, one or several: little-endian blocks that fit
 * together from the first byte to the last, the first a section header. Only then may others be put behind it.
 */
export const isWholeSection = (bytes: Uint8Array): boolean => visitBlocks(bytes, () => undefined);

function visitBlocks(bytes: Uint8Array, visit: BlockVisitor): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < BLOCK_OVERHEAD) return false;
    const type = view.getUint32(at, LE);
    const length = view.getUint32(at + 4, LE);
    if (length < BLOCK_OVERHEAD || length % 4 !== 0 || length > bytes.length - at) return false;
    if (view.getUint32(at + length - 4, LE) !== length) return false;
    if (type === BlockType.sectionHeader) {
      if (length < SECTION_HEADER_BYTES || view.getUint32(at + 8, LE) !== BYTE_ORDER_MAGIC) return false;
    } else if (at === 0) return false;
    visit(type, at, length);
    at += length;
  }
  return bytes.length > 0;
}

/**
 * The frames of one client out of sections that hold those of others too, comments and all.
 * Returns null when there are none, or when `isWholeSection` does not hold.
 */
export function sectionOfClient(bytes: Uint8Array, client: Uint8Array): Uint8Array | null {
  const mac = macNumber(client, 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const d = new Dissection();
  const kept: Uint8Array[] = [];
  let linkTypes: number[] = [];
  let frames = 0;
  const isWanted = (start: number, length: number): boolean => {
    const captured = view.getUint32(start + PACKET_CAPTURED, LE);
    const linkType = linkTypes[view.getUint32(start + PACKET_INTERFACE, LE)];
    if (linkType === undefined || PACKET_DATA + padded(captured) + 4 > length) return false;
    const data = bytes.subarray(start + PACKET_DATA, start + PACKET_DATA + captured);
    dissect(d, data, linkType, view.getUint32(start + PACKET_ORIGINAL, LE));
    return isOfClient(d, mac);
  };
  const isWhole = visitBlocks(bytes, (type, start, length) => {
    if (type === BlockType.sectionHeader) linkTypes = [];
    else if (type === BlockType.interfaceDescription && length >= INTERFACE_BYTES) {
      linkTypes.push(view.getUint16(start + INTERFACE_LINK_TYPE, LE));
    } else if (type !== BlockType.enhancedPacket || length <= PACKET_DATA || !isWanted(start, length)) return;
    else frames++;
    kept.push(bytes.subarray(start, start + length));
  });
  if (!isWhole || frames === 0) return null;
  const out = new Uint8Array(kept.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of kept) {
    out.set(block, at);
    at += block.length;
  }
  return out;
}
