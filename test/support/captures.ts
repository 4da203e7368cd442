/** Frames of recorded captures for tests. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CaptureReader } from '../../packets/pcap/reader.ts';

export interface TestFrame {
  /** From 1, as tshark counts. */
  number: number;
  linkType: number;
  bytes: Uint8Array;
}

/** Captures below `folder` (from the repository's root), sorted. */
export function capturesBelow(folder: string): string[] {
  const found: string[] = [];
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) found.push(...capturesBelow(path));
    else if (/\.pcap(ng)?$/.test(name)) found.push(path);
  }
  return found;
}

/** All whole frames of the file, each a copy of its own. */
export function framesOf(path: string): TestFrame[] {
  const reader = new CaptureReader();
  const frames: TestFrame[] = [];
  reader.feed(readFileSync(path));
  while (reader.next()) {
    const { number, linkType } = reader.frame;
    frames.push({ number, linkType, bytes: Uint8Array.from(reader.frame.bytes()) });
  }
  return frames;
}
