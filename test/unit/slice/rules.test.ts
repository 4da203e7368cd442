/** Single rules: what is kept and zeroed to the byte, and that nothing makes the walker throw or read on. */
import { describe, expect, it } from 'vitest';
import { LinkType } from '../../../packets/linktype.ts';
import { flagsText } from '../../../packets/slice/flags.ts';
import { type SliceOptions, STRICT } from '../../../packets/slice/options.ts';
import { Slicer } from '../../../packets/slice/slicer.ts';
import {
  be16,
  cat,
  dataFrame,
  ethernetFrame,
  hex,
  ipv4Packet,
  MAC_A,
  MAC_B,
  managementFrame,
  radiotap,
  snap,
  tcpSegment,
  udpDatagram,
} from '../../support/build-frames.ts';
import { allRecordedFrames } from '../../support/recorded-frames.ts';

const target = new Uint8Array(70_000);
const strict = new Slicer();

function slice(frame: Uint8Array, linkType: number = LinkType.ethernet, slicer = strict): Uint8Array {
  return target.slice(0, slicer.slice(frame, 0, frame.length, frame.length, linkType, target, 0));
}
const withOptions = (options: Partial<SliceOptions>): Slicer => new Slicer({ ...STRICT, ...options });
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const payload = hex('c0ffee00c0ffee00c0ffee00');
const tcp = ethernetFrame(0x0800, ipv4Packet(6, tcpSegment(0x18, payload)));

describe('what fails closed', () => {
  const change = (frame: Uint8Array, at: number, value: number): Uint8Array => {
    const changed = frame.slice();
    changed[at] = value;
    return changed;
  };

  it.each([
    ['IP version 5', change(tcp, 14, 0x55), 14],
    ['header length 4', change(tcp, 14, 0x44), 14],
    ['total length beyond the frame', change(tcp, 16, 0xff), 14],
    ['total length within the header', change(change(tcp, 16, 0), 17, 19), 14],
    ['the reserved flag of IPv4', change(tcp, 20, 0x80), 14],
    ['an unknown transport', change(tcp, 23, 253), 34],
    ['TCP data offset 4', change(tcp, 46, 0x40), 34],
    ['TCP data offset beyond the packet', change(tcp, 46, 0xf0), 34],
    ['a reserved bit of TCP', change(tcp, 46, 0x58), 34],
    ['an EtherType without a rule', change(tcp, 13, 0x99), 14],
    ['a length that is neither length nor type', change(change(tcp, 12, 5), 13, 0xf0), 14],
    ['a frame shorter than its header', tcp.subarray(0, 13), 0],
    ['nothing', tcp.subarray(0, 0), 0],
  ])('%s keeps the layers before', (_, frame, kept) => {
    expect(slice(frame).length).toBe(kept);
  });

  it('a link type without a rule keeps nothing', () => {
    for (const linkType of [251, 256, 9999]) expect(slice(tcp, linkType).length).toBe(0);
  });

  it('four VLAN tags are one too many, and three thousand tunnels end at the eighth layer', () => {
    const tags = (n: number): Uint8Array =>
      cat(...Array.from({ length: n }, () => hex('00018100')), hex('00010800'));
    const tagged = (n: number): Uint8Array => ethernetFrame(0x8100, cat(tags(n - 1), tcp.subarray(14)));
    expect(slice(tagged(3)).length).toBe(14 + 12 + 40);
    expect(slice(tagged(4)).length).toBe(14 + 12);
    const nested = new Uint8Array(60_000);
    for (let at = 0; at < nested.length; at += 20) {
      nested.set([0x45, 0, ...be16(nested.length - at), 0, 0, 0, 0, 64, 4], at);
    }
    expect(slice(ethernetFrame(0x0800, nested)).length).toBe(14 + 6 * 20);
  });

  it('headers of more than 256 bytes end there', () => {
    const routers = cat([43, 30], new Uint8Array(246));
    const hop = cat([0, 30, 5, 2, 0, 0, 1, 238], new Uint8Array(240));
    const chain = cat(hop, cat([59], routers.subarray(1)));
    const v6 = cat(hex('60000000'), be16(chain.length), [0, 64], new Uint8Array(32), chain);
    expect(slice(ethernetFrame(0x86dd, v6)).length).toBeLessThanOrEqual(14 + 256 + 248);
  });
});

describe('options', () => {
  const timestamps = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8];
  const withTimestamps = ethernetFrame(
    0x0800,
    ipv4Packet(6, tcpSegment(0x10, new Uint8Array(0), timestamps)),
  );

  it('ts: timestamps are kept or zeroed, and with them the checksum', () => {
    expect(slice(withTimestamps)).toEqual(withTimestamps);
    const zeroed = slice(withTimestamps, LinkType.ethernet, withOptions({ ts: 'zero' }));
    const expected = withTimestamps.slice();
    expected.fill(0, 50, 52);
    expected.fill(0, 58, 66);
    expect(zeroed).toEqual(expected);
  });

  it('ssid: network names are zeroed unless kept', () => {
    const body = cat(hex('0000000000000000 6400 1104 0004'), Buffer.from('HOME'), hex('010482848b96'));
    const beacon = radiotap(managementFrame(8, hex('ffffffffffff'), MAC_B, MAC_B, body));
    expect(text(slice(beacon, LinkType.radiotap))).not.toContain('HOME');
    expect(slice(beacon, LinkType.radiotap).length).toBe(beacon.length);
    expect(slice(beacon, LinkType.radiotap, withOptions({ ssid: 'keep' }))).toEqual(beacon);
  });

  const dhcpMessage = cat(
    [1, 1, 6, 0, 1, 2, 3, 4, 0, 0, 0, 0],
    new Uint8Array(16),
    MAC_A,
    new Uint8Array(10),
    new Uint8Array(192).fill(0x77),
    hex('63825363 350101 0c05'),
    Buffer.from('alice'),
    [77, 5],
    Buffer.from('class'),
    [255],
  );
  const dhcp = ethernetFrame(0x0800, ipv4Packet(17, udpDatagram(68, 67, dhcpMessage)));
  const dns = ethernetFrame(
    0x0800,
    ipv4Packet(
      17,
      udpDatagram(
        5000,
        53,
        cat(hex('123401000001000000000000'), [6], Buffer.from('secret'), [0, 0, 1, 0, 1]),
      ),
    ),
  );
  const identity = ethernetFrame(0x888e, cat([2, 0], be16(8), [2, 7], be16(8), [1], Buffer.from('bob')));
  const lldp = ethernetFrame(
    0x88cc,
    cat(
      hex('020704021122334455 0404056730310602 0078'),
      be16((5 << 9) | 4),
      Buffer.from('sw-1'),
      be16((127 << 9) | 8),
      hex('0012bb08'),
      Buffer.from('SN42'),
      [0, 0],
    ),
  );

  it.each([
    ['dhcp', dhcp, 'alice', 'class'],
    ['dns', dns, '\x12\x34\x01\x00', 'secret'],
    ['eap', identity, 'bob', 'no such text'],
    ['lldp', lldp, 'sw-1', 'SN42'],
  ] as const)('control %s adds its own fields, and no others', (name, frame, kept, cut) => {
    expect(text(frame)).toContain(kept);
    expect(text(slice(frame))).not.toContain(kept);
    const all = (['dhcp', 'dns', 'eap', 'lldp'] as const).filter((other) => other !== name);
    expect(
      text(slice(frame, LinkType.ethernet, withOptions({ mode: 'control', control: all }))),
    ).not.toContain(kept);
    const on = slice(frame, LinkType.ethernet, withOptions({ mode: 'control', control: [name] }));
    expect(text(on)).toContain(kept);
    expect(text(on)).not.toContain(cut);
    expect(text(on)).not.toContain('wwww');
  });

  it('full keeps the frame', () => {
    expect(slice(tcp, LinkType.ethernet, withOptions({ mode: 'full' }))).toEqual(tcp);
  });
});

describe('802.11', () => {
  it('takes unstated last four bytes for a frame check sequence where fields might go on', () => {
    const body = cat(hex('0000000000000000 6400 1104'), hex('010482848b96'));
    const beacon = managementFrame(8, hex('ffffffffffff'), MAC_B, MAC_B, cat(body, hex('dd020102')));
    expect(slice(beacon, LinkType.ieee80211).length).toBe(beacon.length - 4);
    const kept = strict.slice(beacon, 0, beacon.length, beacon.length, LinkType.ieee80211, target, 0, 0);
    expect(kept).toBe(beacon.length);
  });

  it('keeps a header alone of a frame that failed its check', () => {
    const frame = dataFrame(
      1,
      MAC_B,
      MAC_A,
      MAC_B,
      cat(snap(0x0800), ipv4Packet(6, tcpSegment(0x18, payload)), payload),
    );
    expect(slice(radiotap(frame, 0x50), LinkType.radiotap).length).toBe(16 + 16);
  });

  it('keeps Null data, acknowledgements and block acknowledgements whole', () => {
    const frames = [
      cat([0xd4, 0, 0, 0], MAC_A),
      cat([0x48, 1, 0, 0], MAC_B, MAC_A, MAC_B, [0, 0]),
      cat([0x94, 0, 0, 0], MAC_B, MAC_A, hex('0500 1000 ffffffffffffffff')),
    ];
    for (const frame of frames) expect(slice(radiotap(frame), LinkType.radiotap)).toEqual(radiotap(frame));
  });
});

describe('what is said of a frame', () => {
  it('names why it ends and what was zeroed', () => {
    slice(tcp);
    expect(flagsText(strict.cut, strict.zeroed)).toBe('cut=payload zeroed=checksum');
    slice(
      radiotap(dataFrame(0x41, MAC_B, MAC_A, MAC_B, cat(hex('0100002000000000'), payload))),
      LinkType.radiotap,
    );
    expect(flagsText(strict.cut, strict.zeroed)).toBe('cut=encrypted');
    slice(ethernetFrame(0x0800, ipv4Packet(6, tcpSegment(0x10, new Uint8Array(0)))));
    expect(flagsText(strict.cut, strict.zeroed)).toBe('');
  });
});

describe('a tunnel that is not quite one', () => {
  const overUdp = (port: number, head: Uint8Array, inner: Uint8Array): Uint8Array =>
    ethernetFrame(0x0800, ipv4Packet(17, udpDatagram(4000, port, cat(head, inner))));
  const packet = ipv4Packet(6, tcpSegment(0x18, payload));
  const wrongSum = packet.slice();
  wrongSum[10] ^= 1;
  const gtp = (flags: number): Uint8Array => cat([flags, 0xff], be16(packet.length), [0, 0, 0, 7]);

  it.each([
    ['VXLAN', overUdp(4789, hex('0800000000002a00'), tcp), 42 + 8 + 54],
    ['VXLAN with a reserved flag', overUdp(4789, hex('0900000000002a00'), tcp), 42],
    ['VXLAN with its last byte', overUdp(4789, hex('0800000000002a01'), tcp), 42],
    [
      'VXLAN around a wrong checksum',
      overUdp(4789, hex('0800000000002a00'), ethernetFrame(0x0800, wrongSum)),
      42,
    ],
    [
      'VXLAN around an unknown EtherType',
      overUdp(4789, hex('0800000000002a00'), ethernetFrame(0x9999, packet)),
      42,
    ],
    ['GENEVE', overUdp(6081, hex('0000655800002a00'), tcp), 42 + 8 + 54],
    ['GENEVE version 1', overUdp(6081, hex('4000655800002a00'), tcp), 42],
    ['GENEVE with its last byte', overUdp(6081, hex('0000655800002a01'), tcp), 42],
    ['GTP-U', overUdp(2152, gtp(0x30), packet), 42 + 8 + 40],
    ['GTP prime', overUdp(2152, gtp(0x20), packet), 42],
    ['GTP-U with its reserved bit', overUdp(2152, gtp(0x38), packet), 42],
    ['GTP-U around a wrong checksum', overUdp(2152, gtp(0x30), wrongSum), 42],
    ['CAPWAP', overUdp(5247, hex('0010020000000000'), tcp), 42 + 8 + 54],
    ['CAPWAP under DTLS', overUdp(5247, hex('0110020000000000'), tcp), 42],
    ['CAPWAP fragment', overUdp(5247, hex('0010028000000000'), tcp), 42],
    ['CAPWAP with a reserved bit', overUdp(5247, hex('0010020100000000'), tcp), 42],
    ['MPLS', ethernetFrame(0x8847, cat(hex('00064140'), packet)), 14 + 4 + 40],
    ['MPLS around a wrong checksum', ethernetFrame(0x8847, cat(hex('00064140'), wrongSum)), 14 + 4 + 1],
    ['MPLS with a control word', ethernetFrame(0x8847, cat(hex('00064140 00000000'), tcp)), 14 + 4 + 1],
    ['GRE with routing', ethernetFrame(0x0800, ipv4Packet(47, cat(hex('40000800'), packet))), 34],
    ['GRE version 2', ethernetFrame(0x0800, ipv4Packet(47, cat(hex('00020800'), packet))), 34],
  ])('%s', (_, frame, kept) => {
    expect(slice(frame).length).toBe(kept);
  });
});

const BEGINNINGS: readonly (readonly number[])[] = [
  [],
  [0x08, 0, 0, 0, 0, 0, 1, 0],
  [0x30, 0xff, 0, 32],
  [0, 0x10, 2, 0],
  [0, 0xf8, 2, 0, 0, 0, 0, 0],
  [0x3f, 0, 0x65, 0x58, 0, 0, 1, 0],
];

describe('a tunnel port without a tunnel', () => {
  it.each([53, 67, 2152, 4789, 5246, 5247, 6081])('%i says nothing of the payload', (port) => {
    let state = port;
    const said = new Set<string>();
    for (let round = 0; round < 3000; round++) {
      const noise = Uint8Array.from({ length: 40 }, () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state >>> 24;
      });
      // The first bytes as they are in a tunnel's header, so that the rules get as far as they can.
      noise.set(BEGINNINGS[round % BEGINNINGS.length]);
      const kept = slice(ethernetFrame(0x0800, ipv4Packet(17, udpDatagram(4000, port, noise)))).length;
      if (port !== 5246) said.add(`${kept} ${flagsText(strict.cut, strict.zeroed)}`);
      else if (kept === 42) said.add(`${kept} ${flagsText(strict.cut, strict.zeroed)}`);
    }
    expect([...said]).toEqual(['42 cut=payload zeroed=checksum']);
  });
});

describe('hostile bytes', () => {
  it('never make it throw, keep more than there was, or read beyond the frame', () => {
    const frames = allRecordedFrames().filter((_, i) => i % 3 === 0);
    let state = 12345;
    const random = (n: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % n;
    };
    const slicers = [strict, withOptions({ mode: 'control', control: ['dhcp', 'dns', 'eap', 'lldp'] })];
    for (const { bytes, linkType, originalLength } of frames) {
      for (let round = 0; round < 12; round++) {
        const length = round < 8 ? bytes.length : random(bytes.length + 1);
        // The frame stands between bytes of others, which differ between the two runs.
        const around = [0x00, 0xff].map((fill) => {
          const buffer = new Uint8Array(length + 64).fill(fill);
          buffer.set(bytes.subarray(0, length), 32);
          return buffer;
        });
        const changes = Array.from({ length: 1 + random(4) }, () => [random(length || 1), random(256)]);
        const outs = around.map((buffer) => {
          for (const [at, value] of changes) if (at < length) buffer[32 + at] = value;
          const slicer = slicers[round & 1];
          const kept = slicer.slice(buffer, 32, length, originalLength, linkType, target, 0);
          expect(kept).toBeLessThanOrEqual(length);
          return Buffer.from(target.slice(0, kept)).toString('latin1');
        });
        expect(outs[0]).toBe(outs[1]);
      }
    }
  });
});
