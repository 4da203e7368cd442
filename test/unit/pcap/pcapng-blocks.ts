/** pcapng blocks built by hand from draft-ietf-opsawg-pcapng, in either byte order, for the tests. */
export type Words = readonly (readonly [width: 1 | 2 | 4 | 8, value: number | bigint])[];

/** Fields put end to end, in the byte order that is asked for. */
export function fields(big: boolean, words: Words): Uint8Array {
  const bytes = new Uint8Array(words.reduce((sum, [width]) => sum + width, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [width, value] of words) {
    if (width === 8) view.setBigInt64(at, BigInt(value), !big);
    else if (width === 4) view.setUint32(at, Number(value), !big);
    else if (width === 2) view.setUint16(at, Number(value), !big);
    else view.setUint8(at, Number(value));
    at += width;
  }
  return bytes;
}

export function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

function pad(bytes: Uint8Array): Uint8Array {
  return join(bytes, new Uint8Array((4 - (bytes.length % 4)) % 4));
}

export function option(big: boolean, code: number, value: Uint8Array): Uint8Array {
  return join(
    fields(big, [
      [2, code],
      [2, value.length],
    ]),
    pad(value),
  );
}

export function block(big: boolean, type: number, ...body: Uint8Array[]): Uint8Array {
  const content = pad(join(...body));
  const length = content.length + 12;
  return join(
    fields(big, [
      [4, type],
      [4, length],
    ]),
    content,
    fields(big, [[4, length]]),
  );
}

export function section(big: boolean, version: [number, number] = [1, 0]): Uint8Array {
  const head = fields(big, [
    [4, 0x1a2b3c4d],
    [2, version[0]],
    [2, version[1]],
    [8, -1n],
  ]);
  return block(big, 0x0a0d0d0a, head);
}

export function describe(big: boolean, linkType: number, ...options: Uint8Array[]): Uint8Array {
  const head = fields(big, [
    [2, linkType],
    [2, 0],
    [4, 0],
  ]);
  return block(big, 1, head, ...options);
}

export function enhancedPacket(
  big: boolean,
  packet: { id?: number; stamp?: bigint; data?: Uint8Array; original?: number; options?: Uint8Array[] },
): Uint8Array {
  const { id = 0, stamp = 0n, data = new Uint8Array(60), options = [] } = packet;
  const head = fields(big, [
    [4, id],
    [4, stamp >> 32n],
    [4, stamp & 0xffff_ffffn],
    [4, data.length],
    [4, packet.original ?? data.length],
  ]);
  return block(big, 6, head, pad(data), ...options);
}
