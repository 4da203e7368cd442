import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { afterAll, expect, describe as group, test } from 'vitest';
import { captureBytes, captures } from './capture-list.ts';
import { block, describe, enhancedPacket, fields, join, option, section } from './pcapng-blocks.ts';
import { readAll } from './read-all.ts';
import { toBigEndian } from './swap-pcapng.ts';
import { tsharkFrames } from './tshark.ts';

const folder = mkdtempSync(joinPath(tmpdir(), 'airherd-pcapng-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, bytes: Uint8Array): string {
  const path = joinPath(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** Times of frames as tshark prints them. */
async function tsharkTimes(name: string, bytes: Uint8Array): Promise<(string | null)[]> {
  return (await tsharkFrames(file(name, bytes))).map(({ time }) => time);
}

const generated = captures.filter((name) => name.startsWith('pcapng-testgen/'));
const BIG = true;
const ETHERNET = 1;
/** 2023-11-14 22:13:20.123456789 UTC. */
const STAMP_NS = 1_700_000_000_123_456_789n;

group('big-endian', () => {
  test.each(generated)('%s swapped reads like the original', (name) => {
    const original = readAll([captureBytes(name)]);
    const swapped = readAll([toBigEndian(captureBytes(name))]);
    expect(swapped.frames).toEqual(original.frames);
    expect(swapped.outcome).toEqual(original.outcome);
    expect(swapped.reader.interfaces).toEqual(original.reader.interfaces);
    expect(swapped.reader.blocks).toEqual(original.reader.blocks);
  });

  test('tshark reads a swapped file as we do', async () => {
    const bytes = toBigEndian(captureBytes('pcapng-testgen/le/difficult/test202.pcapng'));
    const expected = await tsharkFrames(file('swapped.pcapng', bytes));
    const { frames } = readAll([bytes]);
    expect(
      frames.map(({ time, length, captured, linkType, interfaceId }) => ({
        time,
        length,
        captured,
        linkType,
        interfaceId,
      })),
    ).toEqual(expected);
  });

  test('sections of both byte orders in one file, each with its own interfaces', async () => {
    const part = (big: boolean, linkType: number, stamp: bigint) =>
      join(section(big), describe(big, linkType), enhancedPacket(big, { stamp }));
    const bytes = join(part(BIG, 1, 1_000_000n), part(!BIG, 127, 2_000_000n), part(BIG, 105, 3_000_000n));
    const { frames, outcome, reader } = readAll([bytes]);
    expect(outcome.kind).toBe('complete');
    expect(reader.sections).toBe(3);
    expect(frames.map(({ time, linkType }) => [time, linkType])).toEqual([
      ['1.000000000', 1],
      ['2.000000000', 127],
      ['3.000000000', 105],
    ]);
    expect(await tsharkTimes('mixed.pcapng', bytes)).toEqual(frames.map(({ time }) => time));
  });
});

group('times', () => {
  const withResolution = (big: boolean, resolution: number, stamp: bigint, offset?: bigint) => {
    const options = [option(big, 9, Uint8Array.of(resolution))];
    if (offset !== undefined) options.push(option(big, 14, fields(big, [[8, offset]])));
    return join(section(big), describe(big, ETHERNET, ...options), enhancedPacket(big, { stamp }));
  };

  /** resolution, stamp, seconds: computed by hand from 10^-n and 2^-n. */
  const stamps = [
    [0, 1_700_000_000n, '1700000000.000000000'],
    [1, 17_000_000_001n, '1700000000.100000000'],
    [3, 1_700_000_000_123n, '1700000000.123000000'],
    [6, STAMP_NS / 1000n, '1700000000.123456000'],
    [7, STAMP_NS / 100n, '1700000000.123456700'],
    [8, STAMP_NS / 10n, '1700000000.123456780'],
    [9, STAMP_NS, '1700000000.123456789'],
    [0x80, 1_700_000_000n, '1700000000.000000000'],
    [0x81, 3_400_000_001n, '1700000000.500000000'],
    [0x8a, 1_740_800_000_512n, '1700000000.500000000'],
    [0x94, 1_782_579_200_262_144n, '1700000000.250000000'],
    [0x9e, (1_700_000_000n << 30n) | (1n << 28n), '1700000000.250000000'],
  ] as const;

  test.each(stamps)('if_tsresol %i', (resolution, stamp, expected) => {
    for (const big of [true, false]) {
      expect(readAll([withResolution(big, resolution, stamp)]).frames[0].time).toBe(expected);
    }
  });

  test.each([true, false])('tshark reads every unit and offset as we do, big-endian %s', async (big) => {
    const parts = stamps.map(([resolution, stamp]) => withResolution(big, resolution, stamp));
    const offsets = [3600n, -3600n].map((offset) => withResolution(big, 6, 1_700_000_000_500_000n, offset));
    const bytes = join(...parts, ...offsets);
    const times = readAll([bytes]).frames.map(({ time }) => time);
    expect(times).toHaveLength(stamps.length + 2);
    expect(await tsharkTimes(`units-${big}.pcapng`, bytes)).toEqual(times);
  });

  test('finer than a nanosecond is cut, in every unit up to 10^-19', () => {
    for (let digits = 10; digits <= 19; digits++) {
      const stamp = 9_123_456_789n * 10n ** BigInt(digits - 10);
      expect(readAll([withResolution(BIG, digits, stamp)]).frames[0].time).toBe('0.912345678');
    }
  });

  test('the division in 16-bit digits is exact over the whole range of stamps', () => {
    let stamp = 1n;
    for (let i = 0; i < 2000; i++) {
      // Any well-spread sequence of 64-bit numbers: Knuth's multiplier, MMIX.
      stamp = (stamp * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) & 0xffff_ffff_ffff_ffffn;
      for (const resolution of [6, 7, 8, 9]) {
        const ticks = 10n ** BigInt(resolution);
        const fraction = String((stamp % ticks) * (1_000_000_000n / ticks)).padStart(9, '0');
        const { frames } = readAll([withResolution(BIG, resolution, stamp)]);
        expect(frames[0].time).toBe(`${stamp / ticks}.${fraction}`);
      }
    }
  });

  test.each([3600n, -3600n, -1_700_000_001n])('if_tsoffset %i', (offset) => {
    for (const big of [true, false]) {
      const { reader } = readAll([withResolution(big, 6, 1_700_000_000_500_000n, offset)]);
      expect(reader.frame.timeNs()).toBe((1_700_000_000n + offset) * 1_000_000_000n + 500_000_000n);
    }
  });

  test('each interface has its own unit', () => {
    const bytes = join(
      section(BIG),
      describe(BIG, 1),
      describe(BIG, 127, option(BIG, 9, Uint8Array.of(9)), option(BIG, 2, Buffer.from('wlan0'))),
      enhancedPacket(BIG, { id: 1, stamp: 5_000_000_000n }),
      enhancedPacket(BIG, { id: 0, stamp: 5_000_000n }),
    );
    const { frames } = readAll([bytes]);
    expect(frames.map(({ time, interfaceName }) => [time, interfaceName])).toEqual([
      ['5.000000000', 'wlan0'],
      ['5.000000000', null],
    ]);
  });
});

group('frame check sequence', () => {
  const flags = (value: number) => option(BIG, 2, fields(BIG, [[4, value]]));

  test.each([
    ['not said', [], [], -1],
    ['if_fcslen in bytes', [option(BIG, 13, Uint8Array.of(4))], [], 4],
    ['if_fcslen in bits', [option(BIG, 13, Uint8Array.of(32))], [], 4],
    ['if_fcslen 0', [option(BIG, 13, Uint8Array.of(0))], [], 0],
    ['epb_flags bits 5 to 8', [], [flags(4 << 5)], 4],
    ['epb_flags over if_fcslen', [option(BIG, 13, Uint8Array.of(4))], [flags(2 << 5)], 2],
    ['epb_flags that do not say', [option(BIG, 13, Uint8Array.of(4))], [flags(0x1)], 4],
  ])('%s', (_, ofInterface, options, expected) => {
    const bytes = join(
      section(BIG),
      describe(BIG, ETHERNET, ...ofInterface),
      enhancedPacket(BIG, { data: new Uint8Array(64), options }),
      // The flags of one frame say nothing of the next.
      enhancedPacket(BIG, { data: new Uint8Array(64), options }),
    );
    const { frames, reader } = readAll([bytes]);
    expect(frames.map(({ fcsLength }) => fcsLength)).toEqual([expected, expected]);
    expect(reader.frame.endWithoutFcs() - reader.frame.start).toBe(64 - Math.max(0, expected));
  });

  test('of a cut frame only what was captured of it is taken off', () => {
    const cut = (captured: number) => {
      const bytes = join(
        section(BIG),
        describe(BIG, ETHERNET, option(BIG, 13, Uint8Array.of(4))),
        enhancedPacket(BIG, { data: new Uint8Array(captured), original: 64 }),
      );
      const { frame } = readAll([bytes]).reader;
      return frame.endWithoutFcs() - frame.start;
    };
    expect([40, 60, 61, 64].map(cut)).toEqual([40, 60, 60, 60]);
  });
});

group('blocks that cannot be', () => {
  const good = join(section(BIG), describe(BIG, ETHERNET), enhancedPacket(BIG, {}));
  const unequalEnd = Uint8Array.from(block(BIG, 0x1234, new Uint8Array(8)));
  unequalEnd[unequalEnd.length - 1] ^= 4;
  const badCaplen = enhancedPacket(BIG, {});
  new DataView(badCaplen.buffer).setUint32(20, 262_145);
  const beyondBlock = enhancedPacket(BIG, {});
  new DataView(beyondBlock.buffer).setUint32(20, 64);

  test.each([
    ['a frame of an undescribed interface', enhancedPacket(BIG, { id: 7 }), 'interface 7'],
    ['a length that is not a multiple of 4', block(BIG, 0x1234).fill(0x0d, 7, 8), 'length 13'],
    ['a length below 12', block(BIG, 0x1234).fill(8, 7, 8), 'length 8'],
    ['a length of 4 GB', block(BIG, 0x1234).fill(0xfc, 4, 8), 'cannot be'],
    ['a second length that differs', unequalEnd, 'lengths differ'],
    ['a caplen above the greatest', badCaplen, '262145 bytes'],
    ['a caplen that its block cannot hold', beyondBlock, 'cannot be'],
    [
      'an option that runs over',
      enhancedPacket(BIG, {
        options: [
          fields(BIG, [
            [2, 2],
            [2, 400],
          ]),
        ],
      }),
      'option',
    ],
    [
      'statistics of nothing',
      block(
        BIG,
        5,
        fields(BIG, [
          [4, 9],
          [4, 0],
          [4, 0],
        ]),
      ),
      'not described',
    ],
    ['a section of version 2.0', section(BIG, [2, 0]), 'version 2.0'],
    ['a section without byte-order magic', block(BIG, 0x0a0d0d0a, new Uint8Array(16)), 'byte-order magic'],
  ])('%s', (_, bad, reason) => {
    const { frames, outcome } = readAll([join(good, bad, good)]);
    expect(frames).toHaveLength(1);
    expect(outcome).toMatchObject({
      kind: 'corrupt',
      frames: 1,
      offset: good.length,
      reason: expect.stringContaining(reason),
    });
  });

  test('a simple packet needs an interface', () => {
    const { outcome } = readAll([join(section(BIG), block(BIG, 3, fields(BIG, [[4, 0]])))]);
    expect(outcome).toMatchObject({ kind: 'corrupt', frames: 0 });
  });

  test('a first section that is none is no capture', () => {
    expect(readAll([section(BIG, [2, 0])]).outcome.kind).toBe('not-capture');
    expect(readAll([block(BIG, 0x0a0d0d0a, new Uint8Array(16))]).outcome.kind).toBe('not-capture');
  });

  test('secrets, names, custom and unknown blocks are counted and passed over, however long', () => {
    const long = new Uint8Array(3_000_000);
    const types = [4, 10, 0xbad, 0x40000bad, 0x7777];
    const bytes = join(good, ...types.map((type) => block(BIG, type, long)), good);
    const reader = readAll([bytes.subarray(0, 1_000_000), bytes.subarray(1_000_000)]).reader;
    expect(reader.end()).toMatchObject({ kind: 'complete', frames: 2 });
    for (const type of types) expect(reader.blocks.get(type)).toBe(1);
  });
});
