/**
 * The law of header-only capture, held against every recorded frame: changing any byte of payload changes no
 * byte of the sliced output. What is payload is read from tshark's dissection, not from ours.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CONTROL_PROTOCOLS,
  type ControlProtocol,
  type SliceOptions,
  STRICT,
} from '../../packets/slice/options.ts';
import { Slicer } from '../../packets/slice/slicer.ts';
import { type Payload, payloadOf, type Range } from '../support/payload-ranges.ts';
import { NO_REASSEMBLY, type PdmlProto, pdml } from '../support/pdml.ts';
import { allRecordedFrames, captureOf, type RecordedFrame } from '../support/recorded-frames.ts';

const control = (...on: SliceOptions['control']): SliceOptions => ({
  ...STRICT,
  mode: 'control',
  control: on,
});

/** Every mode that is header-only: each control field on its own, all of them, and both switches the other way. */
const MODES: readonly (readonly [name: string, options: SliceOptions])[] = [
  ['strict', STRICT],
  ...CONTROL_PROTOCOLS.map((protocol) => [`control of ${protocol}`, control(protocol)] as const),
  ['control of all', control(...CONTROL_PROTOCOLS)],
  ['strict, with SSIDs, without time stamps', { ...STRICT, ssid: 'keep', ts: 'zero' }],
];

const strict = new Slicer();
const target = new Uint8Array(70_000);

/** What is said of the last slice is part of the output too. */
const said = (slicer = strict): string => `${slicer.cut} ${slicer.zeroed}`;

function slice(bytes: Uint8Array, { originalLength, linkType }: RecordedFrame, slicer = strict): Uint8Array {
  const kept = slicer.slice(bytes, 0, bytes.length, originalLength, linkType, target, 0);
  return target.slice(0, kept);
}

/** Numerical Recipes' generator: the same bytes on every run. */
function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  };
}

/** What an attacker would put into a payload: bytes that look like the headers of some layer. */
const IMITATIONS = [
  '0800000000000100' +
    '0202020202020202020202020800' +
    '4500003c00014000400664a80a0000010a000002' +
    '1f90005000000001',
  '4500003c00004000400626ba0a0000010a000002005001bb00000001000000015018fffe00000000',
  '6000000000140640fe800000000000000000000000000001fe800000000000000000000000000002005000500000000000000000500000000000',
  'aaaa030000000800' + '4500002800010000401166c40a0000010a000002',
  '30140100000fac040100000fac040100000fac020000dd0800180a0101020304',
  '0103005f02008a0010000000000000000100000000000000000000000000000000',
].map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));

function withPayload(frame: Uint8Array, ranges: readonly Range[], next: (i: number) => number): Uint8Array {
  const changed = frame.slice();
  for (const [start, end] of ranges) for (let i = start; i < end; i++) changed[i] = next(i - start);
  return changed;
}

const folder = mkdtempSync(join(tmpdir(), 'airherd-slice-'));
const frames = allRecordedFrames();
const dissections: PdmlProto[][] = [];
const payloadsIn = (options: SliceOptions): (Payload | null)[] =>
  dissections.map((protos, i) => payloadOf(protos, frames[i].bytes.length, options));

beforeAll(async () => {
  const path = join(folder, 'all.pcapng');
  writeFileSync(path, captureOf(frames));
  for await (const protos of pdml(path)) dissections.push(protos);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const name = (i: number): string => `${frames[i].file} #${frames[i].number}`;

/** What control of each protocol adds, as tshark shows it; without such frames nothing would be held. */
const CONTROLLED: Record<ControlProtocol, RegExp> = {
  dhcp: /^dhcp$/,
  dns: /^(m?dns|icmpv6)$/,
  eap: /^eap$/,
  lldp: /^lldp$/,
};

describe.each(MODES)('every recorded frame, sliced in mode %s,', (_name, options) => {
  const slicer = new Slicer(options);
  let payloads: (Payload | null)[];

  beforeAll(() => {
    payloads = payloadsIn(options);
  });

  it('keeps more than strict mode of the protocols that are controlled, and of no other', () => {
    const longer = new Set<string>();
    for (const [i, frame] of frames.entries()) {
      if (options.mode !== 'control' || slice(frame.bytes, frame, slicer).length === 0) continue;
      const inStrict = slice(frame.bytes, frame);
      const here = slice(frame.bytes, frame, slicer);
      if (Buffer.compare(inStrict, here) === 0) continue;
      const names = dissections[i].map((proto) => proto.name);
      const by = options.control.find((protocol) => names.some((of) => CONTROLLED[protocol].test(of)));
      longer.add(by ?? `${name(i)}: ${names.join(':')}`);
    }
    expect([...longer].sort()).toEqual([...options.control].sort());
  });

  it('was dissected by tshark', () => {
    expect(payloads.length).toBe(frames.length);
    expect(
      payloads.filter((payload) => payload !== null && payload.ranges.length > 0).length,
    ).toBeGreaterThan(1000);
  });

  it('gives the same slice whatever its payload is', () => {
    const different: string[] = [];
    for (const [i, frame] of frames.entries()) {
      const payload = payloads[i];
      if (payload === null) continue;
      const before = slice(frame.bytes, frame, slicer);
      const saidBefore = said(slicer);
      const versions = [
        ...[1, 2, 3].map((seed) => withPayload(frame.bytes, payload.ranges, noise(seed * 7919 + i))),
        withPayload(frame.bytes, payload.ranges, () => 0xff),
        ...IMITATIONS.map((bytes) =>
          withPayload(frame.bytes, payload.ranges, (at) => bytes[at % bytes.length]),
        ),
      ];
      const isSame = (bytes: Uint8Array): boolean =>
        Buffer.compare(slice(bytes, frame, slicer), before) === 0 && said(slicer) === saidBefore;
      if (!versions.every(isSame)) different.push(name(i));
    }
    expect(different).toEqual([]);
  });

  it("is kept no further than where tshark's headers end", () => {
    const longer: string[] = [];
    for (const [i, frame] of frames.entries()) {
      const payload = payloads[i];
      const kept = slice(frame.bytes, frame, slicer).length;
      if (payload !== null && kept > payload.headerEnd)
        longer.push(`${name(i)}: ${kept} > ${payload.headerEnd}`);
    }
    expect(longer).toEqual([]);
  });

  it('is a prefix of itself, zeros apart, with its length on the wire', () => {
    const wrong: string[] = [];
    for (const [i, frame] of frames.entries()) {
      const out = slice(frame.bytes, frame, slicer);
      const isPrefix = out.every((byte, at) => byte === frame.bytes[at] || byte === 0);
      if (!isPrefix || out.length > frame.bytes.length) wrong.push(name(i));
    }
    expect(wrong).toEqual([]);
  });

  it('is not changed by slicing it again', () => {
    const wrong: string[] = [];
    for (const [i, frame] of frames.entries()) {
      const once = slice(frame.bytes, frame, slicer);
      if (Buffer.compare(slice(once, frame, slicer), once) !== 0) wrong.push(name(i));
    }
    expect(wrong).toEqual([]);
  });

  it('cut off anywhere by the capture, gives the beginning of the same slice', () => {
    const wrong: string[] = [];
    for (const [i, frame] of frames.entries()) {
      const whole = slice(frame.bytes, frame, slicer);
      let before = 0;
      for (let length = 0; length <= Math.min(frame.bytes.length, 400); length++) {
        const kept = slicer.slice(frame.bytes, 0, length, frame.originalLength, frame.linkType, target, 0);
        const same = Buffer.compare(target.subarray(0, kept), whole.subarray(0, kept)) === 0;
        if (kept < before || kept > length || !same) {
          wrong.push(`${name(i)} at ${length}`);
          break;
        }
        before = kept;
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('every recorded frame, sliced', () => {
  it.each([
    ['strict', STRICT],
    ['control of all', control(...CONTROL_PROTOCOLS)],
  ])(
    'in mode %s, reads in tshark as the same protocols, and no more malformed than before',
    (_name, options) => {
      const slicer = new Slicer(options);
      const before = tsharkRows(join(folder, 'all.pcapng'));
      const path = join(folder, 'sliced.pcapng');
      writeFileSync(
        path,
        captureOf(frames.map((frame) => ({ ...frame, bytes: slice(frame.bytes, frame, slicer) }))),
      );
      const after = tsharkRows(path);
      expect(after.length).toBe(frames.length);
      const malformed = after.flatMap((row, i) => (row.malformed && !before[i].malformed ? [name(i)] : []));
      expect(malformed).toEqual([]);
      const wrongLength = after.flatMap((row, i) =>
        row.length === frames[i].originalLength ? [] : [name(i)],
      );
      expect(wrongLength).toEqual([]);
      const otherProtocols = after.flatMap((row, i) => {
        const expected = before[i].headers;
        const isWhole = before[i].malformed || BEYOND_THE_TABLE.test(name(i));
        return isWhole || row.headers === expected ? [] : [`${name(i)}: ${expected} became ${row.headers}`];
      });
      expect(otherProtocols).toEqual([]);
    },
  );
});

/** Layers up to the transport, whose headers a slice has to show. */
const HEADERS = new Set(
  'radiotap wlan wlan.mgt eth vlan ieee8021ad llc ip ipv6 arp mpls pppoes pppoed ppp gre vxlan tcp udp icmp icmpv6 igmp eapol eap lldp ah null sll'.split(
    ' ',
  ),
);

/**
 * What tshark follows and a slice does not: VXLAN on the port of before there was one and with reserved bits,
 * extension headers of GTP-U, Teredo, the packet in a redirect's option, an authentication header shorter than
 * one can be, sixty tunnels in each other, a radiotap version that there is not, a header checksum that is wrong behind a label.
 */
const BEYOND_THE_TABLE =
  /(vxlan_port_8472|Teredo|icmp6-redirect-hdr-opt|ipv6_zero_len_ah|radiotap-heapoverflow|mpls-in-vlan)\.pcap|ip-and-up\.pcap #4[35]$|60-deep/;

interface Row {
  malformed: boolean;
  length: number;
  headers: string;
}

function tsharkRows(path: string): Row[] {
  const fields = ['_ws.malformed', 'frame.len', 'frame.protocols'].flatMap((field) => ['-e', field]);
  const out = execFileSync('tshark', ['-r', path, ...NO_REASSEMBLY, '-T', 'fields', ...fields], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 26,
  });
  return out
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [malformed, length, protocols] = line.split('\t');
      const headers = protocols.split(':').filter((protocol) => HEADERS.has(protocol));
      return { malformed: malformed !== '', length: Number(length), headers: headers.join(':') };
    });
}
