/** A section of Ethernet frames, written from draft-ietf-opsawg-pcapng 4.1 to 4.3 alone. */
export function buildPcapng(frames: readonly Buffer[]): Buffer {
  const block = (type: number, body: Buffer): Buffer => {
    const head = Buffer.alloc(8);
    const length = 12 + body.length;
    head.writeUInt32LE(type, 0);
    head.writeUInt32LE(length, 4);
    const tail = Buffer.alloc(4);
    tail.writeUInt32LE(length);
    return Buffer.concat([head, body, tail]);
  };
  const section = Buffer.alloc(16, 0xff);
  section.writeUInt32LE(0x1a2b3c4d, 0);
  section.writeUInt16LE(1, 4);
  section.writeUInt16LE(0, 6);
  const ethernet = Buffer.alloc(8);
  ethernet.writeUInt16LE(1, 0);
  return Buffer.concat([
    block(0x0a0d0d0a, section),
    block(1, ethernet),
    ...frames.map((frame) => {
      const head = Buffer.alloc(20);
      head.writeUInt32LE(frame.length, 12);
      head.writeUInt32LE(frame.length, 16);
      return block(6, Buffer.concat([head, frame, Buffer.alloc(-frame.length & 3)]));
    }),
  ]);
}
