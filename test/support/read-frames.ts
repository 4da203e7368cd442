/** Frames of any link types as tshark reads them, and as our own decoder does. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PcapngWriter } from '../../packets/pcap/pcapng-writer.ts';
import { Proto } from '../../packets/protocols.ts';
import { layerOf } from '../../packets/registry.ts';
import { dissected } from './dissected.ts';
import { tsharkFields } from './tshark.ts';

export interface LinkFrame {
  linkType: number;
  bytes: Uint8Array;
}

/** Runs `use` with the path of a pcapng file that has these frames, a second apart. */
export async function withCapture<T>(
  frames: readonly LinkFrame[],
  use: (path: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'airherd-frames-'));
  const path = join(folder, 'frames.pcapng');
  const writer = new PcapngWriter();
  writer.section('test');
  const linkTypes = [...new Set(frames.map(({ linkType }) => linkType))];
  for (const linkType of linkTypes) writer.interface({ linkType });
  frames.forEach(({ linkType, bytes }, i) => {
    writer.frame(linkTypes.indexOf(linkType), 1_700_000_000 + i, 0, bytes, 0, bytes.length, bytes.length);
  });
  writeFileSync(path, writer.output.pending());
  try {
    return await use(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What tshark finds wrong, checksums verified: a line a frame. */
export function tsharkComplaints(path: string): string[] {
  const verify = ['ip', 'tcp', 'udp', 'wlan'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`]);
  const wrong =
    '_ws.malformed || _ws.expert.severity == error || ip.checksum.status == 0 || tcp.checksum.status == 0 || ' +
    'udp.checksum.status == 0 || wlan.fcs.status == 0 || icmpv6.checksum.status == 0 || cdp.checksum.status == 0';
  return execFileSync('tshark', ['-n', '-r', path, ...verify, '-Y', wrong], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
    .split('\n')
    .filter((line) => line !== '');
}

/** Values of `fields` of each frame: [frame][field][occurrence]. */
export const readByTshark = (frames: readonly LinkFrame[], fields: readonly string[]) =>
  withCapture(frames, (path) => tsharkFields(path, fields));

/** Our decoder's record of the first layer of a protocol, and whether it met a fault. */
export function readByUs(
  { linkType, bytes }: LinkFrame,
  proto: keyof typeof Proto,
): { fault: unknown; record: unknown } {
  const d = dissected(bytes, linkType);
  const i = d.find(Proto[proto]);
  return { fault: d.fault, record: i < 0 ? null : layerOf[Proto[proto]]?.record(d, i) };
}
