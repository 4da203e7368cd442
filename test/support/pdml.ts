import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** One field of a PDML packet; `pos` and `size` in bytes from the start of the frame. */
export interface PdmlField {
  name: string;
  pos: number;
  size: number;
  show: string;
  /** 0 for fields that stand directly in their protocol. */
  depth: number;
}

export interface PdmlProto {
  name: string;
  pos: number;
  size: number;
  fields: PdmlField[];
}

/** Nothing is put together from several frames, so that every position is one of the frame at hand. */
export const NO_REASSEMBLY = [
  'tcp.desegment_tcp_streams:FALSE',
  'ip.defragment:FALSE',
  'ipv6.defragment:FALSE',
  'wlan.enable_decryption:FALSE',
].flatMap((preference) => ['-o', preference]);

const ATTRIBUTE = /(\w+)="([^"]*)"/g;

function attributes(line: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name, value] of line.matchAll(ATTRIBUTE)) found.set(name, value);
  return found;
}

/** What `tshark -T pdml` says of each packet of a capture, in order. */
export async function* pdml(path: string): AsyncGenerator<PdmlProto[]> {
  const child = spawn('tshark', ['-r', path, '-T', 'pdml', ...NO_REASSEMBLY], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  let protos: PdmlProto[] = [];
  let depth = 0;
  let unfinished = '';
  for await (const raw of createInterface({ input: child.stdout })) {
    // A value may hold line breaks.
    const line = unfinished + (unfinished === '' ? raw.trimStart() : raw);
    unfinished = line.endsWith('>') ? '' : line;
    if (unfinished !== '') continue;
    if (line.startsWith('<field ')) {
      const of = attributes(line);
      const pos = Number(of.get('pos') ?? 0);
      const size = Number(of.get('size') ?? 0);
      const name = of.get('name') ?? '';
      protos.at(-1)?.fields.push({ name, pos, size, show: of.get('show') ?? '', depth });
      if (!line.endsWith('/>')) depth++;
    } else if (line.startsWith('</field>')) depth--;
    else if (line.startsWith('<proto ')) {
      const of = attributes(line);
      const pos = Number(of.get('pos') ?? 0);
      protos.push({ name: of.get('name') ?? '', pos, size: Number(of.get('size') ?? 0), fields: [] });
      depth = 0;
    } else if (line.startsWith('<packet>')) protos = [];
    else if (line.startsWith('</packet>')) yield protos;
  }
  const code = await exited;
  if (code !== 0) throw new Error(`tshark ended with ${code}`);
}

/** A field's value as tshark shows it, or undefined. */
export const shown = (proto: PdmlProto, name: string): string | undefined =>
  proto.fields.find((field) => field.name === name)?.show;
