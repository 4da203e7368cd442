import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '../../../fixtures/captures');

/** Path below fixtures/captures/ of every capture, smallest first. */
export const captures: readonly string[] = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.pcap(ng)?$/.test(entry.name))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  .sort((a, b) => statSync(capturePath(a)).size - statSync(capturePath(b)).size || (a < b ? -1 : 1));

export function capturePath(name: string): string {
  return join(root, name);
}

export function captureBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(capturePath(name)));
}
