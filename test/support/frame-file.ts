import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A classic pcap of `frames`, for tools to read; written without any code of ours. */
export function pcapBytes(linkType: number, frames: readonly Uint8Array[]): Uint8Array {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(262_144, 16);
  header.writeUInt32LE(linkType, 20);
  const parts: Uint8Array[] = [header];
  for (const [index, frame] of frames.entries()) {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(1_700_000_000 + index, 0);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    parts.push(record, frame);
  }
  return Buffer.concat(parts);
}

/** Runs `use` with the path of such a file and removes it. */
export async function withFrameFile<T>(
  linkType: number,
  frames: readonly Uint8Array[],
  use: (path: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'airherd-frames-'));
  const path = join(folder, 'frames.pcap');
  writeFileSync(path, pcapBytes(linkType, frames));
  try {
    return await use(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
