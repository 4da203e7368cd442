/** What tshark makes of a capture: each frame as a list of protocol trees. */
import { execFileSync } from 'node:child_process';

export interface PdmlProtocol {
  name: string;
  /** Bytes from the start of the frame. */
  pos: number;
  size: number;
  /** `show` attributes by field name, in order of appearance, nested protocols left out. */
  fields: Map<string, string[]>;
  /** Protocols inside this one's tree: quoted packets, IPv6 extension headers. */
  nested: PdmlProtocol[];
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&amp;': '&',
  '&apos;': "'",
};

function attributes(line: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name, value] of line.matchAll(/(\w+)="([^"]*)"/g)) {
    found.set(
      name,
      value.replace(/&\w+;/g, (entity) => ENTITIES[entity] ?? entity),
    );
  }
  return found;
}

/** Each frame on its own: nothing reassembled, no names resolved. */
const OPTIONS = [
  'ip.defragment:FALSE',
  'ipv6.defragment:FALSE',
  'tcp.desegment_tcp_streams:FALSE',
  'tcp.relative_sequence_numbers:FALSE',
  'udp.check_checksum:FALSE',
];

/**
 * tshark's reading of every frame in `path`, frames in order. PDML has one tag a line, so lines are all that
 * is parsed.
 */
export function tsharkTree(path: string, options: readonly string[] = []): PdmlProtocol[][] {
  const flags = [...OPTIONS, ...options].flatMap((option) => ['-o', option]);
  const text = execFileSync('tshark', ['-n', ...flags, '-r', path, '-T', 'pdml'], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const packets: PdmlProtocol[][] = [];
  const open: PdmlProtocol[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.trimStart();
    if (line.startsWith('<packet>')) packets.push([]);
    else if (line.startsWith('</proto>')) open.pop();
    else if (line.startsWith('<proto ')) {
      const found = attributes(line);
      const protocol: PdmlProtocol = {
        name: found.get('name') ?? '',
        pos: Number(found.get('pos')),
        size: Number(found.get('size')),
        fields: new Map(),
        nested: [],
      };
      const parent = open.at(-1);
      if (parent === undefined) packets.at(-1)?.push(protocol);
      else parent.nested.push(protocol);
      if (!line.endsWith('/>')) open.push(protocol);
    } else if (line.startsWith('<field ')) {
      const found = attributes(line);
      const fields = open.at(-1)?.fields;
      const name = found.get('name') ?? '';
      fields?.set(name, [...(fields.get(name) ?? []), found.get('show') ?? '']);
    }
  }
  return packets;
}
