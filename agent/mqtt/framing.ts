/** Most bytes of a remaining length (MQTT 3.1.1 clause 2.2.3). */
const MAX_LENGTH_BYTES = 4;

/**
 * Length of the packet at the beginning of `bytes`, fixed header included; null when too little is there to say. A
 * length of more than four bytes is malformed, and infinite.
 */
export function packetLength(bytes: Uint8Array): number | null {
  let length = 0;
  for (let i = 0; i < MAX_LENGTH_BYTES; i++) {
    if (i + 1 >= bytes.length) return null;
    const byte = bytes[i + 1];
    length += (byte & 0x7f) * 128 ** i;
    if ((byte & 0x80) === 0) return 2 + i + length;
  }
  return Number.POSITIVE_INFINITY;
}
