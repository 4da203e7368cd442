/**
 * Rewrites the little-endian sections of a pcapng file in big-endian order, field by field as
 * draft-ietf-opsawg-pcapng lays them out; big-endian sections stay as they are. Shares nothing with the reader or the writer.
 */
export function toBigEndian(file: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(file);
  const view = new DataView(bytes.buffer);
  const swap32 = (at: number) => view.setUint32(at, view.getUint32(at, true), false);
  const swap16 = (at: number) => view.setUint16(at, view.getUint16(at, true), false);
  const swap64 = (at: number) => view.setBigUint64(at, view.getBigUint64(at, true), false);

  /** Option codes whose value is one number, for a block type: code → its width in bytes. */
  const numeric: Record<number, Record<number, number>> = {
    1: { 8: 8, 14: 8 },
    5: { 4: 8, 5: 8, 6: 8, 7: 8, 8: 8 },
    6: { 2: 4, 4: 8 },
    2: { 2: 4 },
  };

  const swapOptions = (type: number, from: number, to: number) => {
    let at = from;
    while (at + 4 <= to) {
      const code = view.getUint16(at, true);
      const length = view.getUint16(at + 2, true);
      swap16(at);
      swap16(at + 2);
      if (code === 0) return;
      if (numeric[type]?.[code] === 8) swap64(at + 4);
      if (numeric[type]?.[code] === 4) swap32(at + 4);
      // isb_starttime and isb_endtime: two halves of a time.
      if (type === 5 && (code === 2 || code === 3)) [at + 4, at + 8].forEach(swap32);
      // Custom options begin with an enterprise number.
      if ([2988, 2989, 19372, 19373].includes(code)) swap32(at + 4);
      at += 4 + Math.ceil(length / 4) * 4;
    }
  };

  const swapNames = (from: number, to: number) => {
    let at = from;
    for (;;) {
      const kind = view.getUint16(at, true);
      const length = view.getUint16(at + 2, true);
      swap16(at);
      swap16(at + 2);
      at += 4 + Math.ceil(length / 4) * 4;
      if (kind === 0) break;
    }
    swapOptions(4, at, to);
  };

  let little = true;
  for (let at = 0; at < bytes.length; ) {
    if (view.getUint32(at, true) === 0x0a0d0d0a) little = view.getUint32(at + 8, true) === 0x1a2b3c4d;
    if (!little) {
      at += view.getUint32(at + 4, false);
      continue;
    }
    const type = view.getUint32(at, true);
    const length = view.getUint32(at + 4, true);
    const end = at + length - 4;
    const captured = type === 6 || type === 2 ? view.getUint32(at + 20, true) : 0;
    [at, at + 4, end].forEach(swap32);
    const body = at + 8;
    if (type === 0x0a0d0d0a) {
      swap32(body);
      [body + 4, body + 6].forEach(swap16);
      swap64(body + 8);
      swapOptions(type, body + 16, end);
    } else if (type === 1) {
      [body, body + 2].forEach(swap16);
      swap32(body + 4);
      swapOptions(type, body + 8, end);
    } else if (type === 6 || type === 2) {
      if (type === 6) swap32(body);
      else [body, body + 2].forEach(swap16);
      [body + 4, body + 8, body + 12, body + 16].forEach(swap32);
      swapOptions(type, body + 20 + Math.ceil(captured / 4) * 4, end);
    } else if (type === 3) {
      swap32(body);
    } else if (type === 5) {
      [body, body + 4, body + 8].forEach(swap32);
      swapOptions(type, body + 12, end);
    } else if (type === 4) {
      swapNames(body, end);
    } else if (type === 10) {
      [body, body + 4].forEach(swap32);
    } else if (type === 0xbad || type === 0x40000bad) {
      swap32(body);
    }
    at += length;
  }
  return bytes;
}
