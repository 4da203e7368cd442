/** Frames made to keep a decoder busy, and a way to count what it does about them. */
export const bytes = (hexadecimal: string): Buffer => Buffer.from(hexadecimal.replaceAll(' ', ''), 'hex');
export const MACS = '0200000000020200000000 01'.replaceAll(' ', '');

/** `depth` copies of `header`, the lengths in them set from the inside out by `setLength`. */
export function nest(
  header: Buffer,
  depth: number,
  setLength?: (header: Buffer, length: number) => void,
): Buffer {
  const all = Buffer.alloc(header.length * depth);
  for (let i = 0; i < depth; i++) {
    const copy = all.subarray(i * header.length, (i + 1) * header.length);
    copy.set(header);
    setLength?.(copy, Math.min(0xffff, all.length - i * header.length));
  }
  return all;
}

const setIpv4Length = (header: Buffer, length: number) => header.writeUInt16BE(length, 2);
const setIpv6Length = (header: Buffer, length: number) =>
  header.writeUInt16BE(Math.min(0xffff, length - 40), 4);

export const IPV4 = (protocol: string) => `4500 0000 0000 0000 40 ${protocol} 0000 0a000001 0a000002`;
export const IPV6 = (next: string) =>
  `6000 0000 0000 ${next} 40 ${'fe80'.padEnd(32, '0')} ${'fe80'.padEnd(32, '0')}`;

export const TUNNELS: readonly [
  name: string,
  first: string,
  header: string,
  set?: (h: Buffer, n: number) => void,
][] = [
  ['QinQ', `${MACS} 88a8`, '0001 88a8'],
  ['802.1Q', `${MACS} 8100`, '0001 8100'],
  ['MPLS', `${MACS} 8847`, '00001 0 40'],
  ['IPv4 in IPv4', `${MACS} 0800`, IPV4('04'), setIpv4Length],
  ['IPv6 in IPv6', `${MACS} 86dd`, IPV6('29'), setIpv6Length],
  ['GRE over IPv4', `${MACS} 0800`, `${IPV4('2f')} 0000 0800`, setIpv4Length],
  ['GRE in GRE', `${MACS} 0800 ${IPV4('2f')} 0000`, '6558 0200000000020200000000018100 0001 0800'],
  ['Ethernet in GRE over IPv4', `${MACS} 0800`, `${IPV4('2f')} 0000 6558 ${MACS} 0800`, setIpv4Length],
  ['ERSPAN I', `${MACS} 0800`, `${IPV4('2f')} 0000 88be ${MACS} 0800`, setIpv4Length],
  [
    'VXLAN',
    `${MACS} 0800`,
    `${IPV4('11')} 1234 12b5 0000 0000 0800 0000 000001 00 ${MACS} 0800`,
    setIpv4Length,
  ],
  ['AH', `${MACS} 0800 4500 ffff 0000 0000 4033 0000 0a000001 0a000002`, '3301 0000 00000001 00000001'],
];

/** A frame of `depth` headers of that kind. */
export const nested = ([, first, header, setLength]: (typeof TUNNELS)[number], depth: number): Buffer =>
  Buffer.concat([bytes(first), nest(bytes(header), depth, setLength)]);

/**
 * A view of `frame` that counts the bytes taken from it: the steps of a decoder, in a unit that no machine's
 * speed enters.
 */
export function counted(frame: Uint8Array): { view: Uint8Array; steps: () => number } {
  let steps = 0;
  const view = new Proxy(frame, {
    get(target, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) {
        steps++;
        return target[Number(key)];
      }
      if (key === 'subarray') {
        return (from: number, to: number) => {
          steps += to - from;
          return target.subarray(from, to);
        };
      }
      return Reflect.get(target, key, target);
    },
  });
  return { view, steps: () => steps };
}
