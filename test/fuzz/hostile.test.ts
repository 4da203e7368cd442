/** Frames made to keep a decoder busy: nesting, loops, and records much larger than the frame. */
import { describe, expect, it } from 'vitest';
import { dissect } from '../../packets/dissect.ts';
import { Dissection, MAX_LAYERS } from '../../packets/dissection.ts';
import { dnsFields } from '../../packets/layers/dns-message.ts';
import { LinkType } from '../../packets/linktype.ts';
import { Proto } from '../../packets/protocols.ts';
import { layerOf } from '../../packets/registry.ts';
import { bytes, counted, IPV4, IPV6, MACS, nest, nested, TUNNELS } from './nested.ts';

describe('10,000 nested headers', () => {
  for (const tunnel of TUNNELS) {
    const [name] = tunnel;
    it(`of ${name} end at a limit, having been asked for no more than ${MAX_LAYERS} layers`, () => {
      const frame = nested(tunnel, 10_000);
      const d = new Dissection();
      dissect(d, frame, LinkType.ethernet);
      expect(d.count).toBeLessThanOrEqual(MAX_LAYERS);
      expect(d.count).toBeGreaterThan(1);
      for (let i = 0; i < d.count; i++) layerOf[d.proto[i]]?.record(d, i);
    });
  }

  it('of tunnels that nest without end are reported as a limit', () => {
    const limited = TUNNELS.filter(([, first, header, setLength]) => {
      const frame = Buffer.concat([bytes(first), nest(bytes(header), 10_000, setLength)]);
      const d = new Dissection();
      dissect(d, frame, LinkType.ethernet);
      return d.fault?.kind === 'limit';
    }).map(([name]) => name);
    expect(limited).toEqual(
      expect.arrayContaining([
        'QinQ',
        '802.1Q',
        'MPLS',
        'IPv4 in IPv4',
        'IPv6 in IPv6',
        'GRE over IPv4',
        'Ethernet in GRE over IPv4',
        'ERSPAN I',
        'VXLAN',
        'AH',
      ]),
    );
  });
});

describe('IPv6 extension headers', () => {
  const packet = (next: string, chain: Buffer): Buffer => {
    const header = bytes(IPV6(next));
    header.writeUInt16BE(chain.length, 4);
    return Buffer.concat([header, chain]);
  };

  it('are read up to eight', () => {
    const d = new Dissection();
    const options = bytes('3c00 0104 00000000');
    const chain = Buffer.concat([nest(options, 7), bytes('1100 0104 00000000 1234 5678 0008 0000')]);
    dissect(d, packet('3c', chain), LinkType.ipv6);
    expect(d.fault).toBeNull();
    expect(d.proto[d.count - 1]).toBe(Proto.udp);
  });

  it('of more than eight are a limit', () => {
    const d = new Dissection();
    dissect(d, packet('3c', nest(bytes('3c00 0104 00000000'), 9)), LinkType.ipv6);
    expect(d.fault).toMatchObject({ kind: 'limit', needed: 9, available: 8, offset: 40 + 64 });
    expect(d.count).toBe(9);
  });

  it('of more than 256 bytes are a limit', () => {
    const d = new Dissection();
    const long = Buffer.concat([bytes('3c0f 0104 00000000'), Buffer.alloc(120)]);
    dissect(d, packet('3c', nest(long, 3)), LinkType.ipv6);
    expect(d.fault).toMatchObject({ kind: 'limit', needed: 264, available: 256 });
    expect(d.count).toBe(3);
  });
});

/** A header that promises 65,535 questions, then `body` over and over up to `size` bytes. */
function dnsBomb(body: Buffer, size: number): Buffer {
  const message = Buffer.alloc(size);
  bytes('0001 0100 ffff ffff ffff ffff').copy(message);
  for (let at = 12; at < size; at += body.length) body.copy(message, at);
  return message;
}

/** Names of 127 one-byte labels, then pointers to the first of them. */
function dnsPointers(size: number): Buffer {
  const name = Buffer.alloc(255);
  for (let i = 0; i < 127; i++) name.set([1, 0x61], 2 * i);
  const message = dnsBomb(bytes('c00c 0001 0001'), size);
  Buffer.concat([name, bytes('0001 0001')]).copy(message, 12);
  return message;
}

describe('DNS messages made to expand', () => {
  const steps = (message: Buffer): number => {
    const { view, steps } = counted(message);
    dnsFields(view, 0, message.length);
    return steps();
  };

  it.each([
    ['pointers to a long name', dnsPointers],
    ['roots', (size: number) => dnsBomb(bytes('00 0001 0001'), size)],
    ['pointers to themselves', (size: number) => dnsBomb(bytes('c00c'), size)],
  ] as const)('take steps in proportion to their length: %s', (_name, make) => {
    const half = steps(make(30_000));
    const whole = steps(make(60_000));
    expect(whole).toBeLessThan(2.2 * half + 1_000);
    // Each entry is 6 bytes at least, and may stand for a name of 255: read, then copied.
    expect(whole).toBeLessThan(120 * 60_000);
  });

  it.each([
    ['to itself', 'c00c 0001 0001'],
    ['to a later pointer', 'c00e c00c 0001 0001'],
    ['behind the message', 'ffff 0001 0001'],
    ['to the label before it, for ever', '0161 c00c 0001 0001'],
  ])('end at a pointer %s', (_name, body) => {
    const message = Buffer.concat([bytes('0001 0100 0001 0000 0000 0000'), bytes(body)]);
    const record = dnsFields(message, 0, message.length);
    expect(record.questions).toEqual([]);
    expect(record.complete).toBe(false);
  });

  it('keep a name below 255 bytes', () => {
    const labels = Buffer.concat(
      Array.from({ length: 5 }, () => Buffer.concat([bytes('3f'), Buffer.alloc(63, 97)])),
    );
    const message = Buffer.concat([bytes('0001 0100 0001 0000 0000 0000'), labels, bytes('00 0001 0001')]);
    expect(dnsFields(message, 0, message.length).questions).toEqual([]);
  });
});

describe('every layer', () => {
  it('takes steps in proportion to the length of what follows its header', () => {
    const header = bytes(`${MACS} 0800 ${IPV4('11')} ffff 0035 0000 0000`);
    const cost = (proto: number, filler: number, size: number): number => {
      const frame = Buffer.concat([header, Buffer.alloc(size, filler)]);
      const { view, steps } = counted(frame);
      const d = new Dissection();
      d.reset(view, LinkType.ethernet);
      d.push(Proto.ethernet, 0, 14, frame.length);
      d.push(Proto.ipv4, 14, 34, frame.length);
      d.push(Proto.udp, 34, 42, frame.length);
      const layer = layerOf[proto];
      layer?.dissect(d, header.length, frame.length);
      if (d.count === 4) layer?.record(d, 3);
      return steps();
    };
    // A filler may be a length that only the larger frame can hold, so the bound is on steps per byte.
    for (const proto of Object.values(Proto)) {
      for (const filler of [0x00, 0x01, 0x02, 0x04, 0x41, 0x60, 0xdd, 0xff]) {
        for (const size of [5_000, 20_000, 60_000]) {
          const perByte = cost(proto, filler, size) / size;
          expect(perByte, `protocol ${proto}, ${size} bytes of ${filler}`).toBeLessThan(12);
        }
      }
    }
  });
});
