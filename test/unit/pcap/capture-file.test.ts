import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { CaptureFileSource } from '../../../platform/node/capture-file.ts';
import type { Clock, Timer } from '../../../platform/ports/clock.ts';
import type { CapturedFrame } from '../../../platform/ports/source.ts';
import { captureBytes, capturePath, captures } from './capture-list.ts';
import {
  block,
  describe as describeInterface,
  fields,
  join as joinBytes,
  option,
  section,
} from './pcapng-blocks.ts';
import { inChunks, readAll } from './read-all.ts';

const folder = mkdtempSync(join(tmpdir(), 'airherd-source-'));
afterAll(() => rmSync(folder, { recursive: true }));

const never = new AbortController().signal;

async function collect(source: CaptureFileSource, signal = never): Promise<CapturedFrame[]> {
  const frames: CapturedFrame[] = [];
  for await (const batch of source.frames(signal)) frames.push(...batch);
  return frames;
}

function expectedOf(name: string) {
  return readAll([captureBytes(name)]).frames.map(({ bytes, length, linkType }, i) => ({
    number: i + 1,
    hex: Buffer.from(bytes).toString('hex'),
    originalLength: length,
    linkType,
  }));
}

const essence = (frame: CapturedFrame) => ({
  number: frame.number,
  hex: Buffer.from(frame.bytes).toString('hex'),
  originalLength: frame.originalLength,
  linkType: frame.linkType,
});

describe('input', () => {
  test('a file gives what the reader gives, whatever else is kept of it', async () => {
    for (const name of captures.filter((name) => name.startsWith('hil/'))) {
      const source = new CaptureFileSource({ path: capturePath(name), interfaceName: 'wlan0' });
      const frames = await collect(source);
      expect(frames.map(essence)).toEqual(expectedOf(name));
      expect(new Set(frames.map(({ interfaceName }) => interfaceName))).toEqual(new Set(['wlan0']));
      expect(source.counts()).toEqual({
        frames: frames.length,
        bytes: frames.reduce((sum, { bytes }) => sum + bytes.length, 0),
        dropped: 0,
      });
    }
  });

  test('standard input in pieces gives the same', async () => {
    const name = 'hil/hwsim-wpa2eap-radiotap.pcap';
    const pieces = [...inChunks(captureBytes(name), 1000)].map((piece) => Buffer.from(piece));
    const source = new CaptureFileSource({ path: '-', stdin: Readable.from(pieces) });
    expect((await collect(source)).map(essence)).toEqual(expectedOf(name));
    expect(source.name).toBe('standard input');
  });

  test('a FIFO gives the same, although its writer comes later', async () => {
    const path = join(folder, 'fifo');
    execFileSync('mkfifo', [path]);
    const name = 'hil/hwsim-wpa2eap-radiotap.pcap';
    const frames = collect(new CaptureFileSource({ path }));
    const writer = spawn('sh', ['-c', 'cat "$0" > "$1"', capturePath(name), path]);
    expect((await frames).map(essence)).toEqual(expectedOf(name));
    writer.kill();
  });

  test('waiting for the writer of a FIFO ends when it is aborted', async () => {
    const path = join(folder, 'silent-fifo');
    execFileSync('mkfifo', [path]);
    const abort = new AbortController();
    const frames = collect(new CaptureFileSource({ path }), abort.signal);
    setImmediate(() => abort.abort());
    expect(await frames).toEqual([]);
  });

  test('an abort between batches ends it without an error', async () => {
    const abort = new AbortController();
    const source = new CaptureFileSource({ path: capturePath('hil/rtap_live.pcap') });
    let batches = 0;
    for await (const _ of source.frames(abort.signal)) {
      batches++;
      abort.abort();
    }
    expect(batches).toBe(1);
  });

  test('names of interfaces, dropped packets and check sequences come from pcapng', async () => {
    const big = false;
    const path = join(folder, 'named.pcapng');
    const frame = block(
      big,
      6,
      fields(big, [
        [4, 0],
        [4, 0],
        [4, 1],
        [4, 64],
        [4, 64],
      ]),
      new Uint8Array(64),
    );
    const statistics = block(
      big,
      5,
      fields(big, [
        [4, 0],
        [4, 0],
        [4, 0],
      ]),
      option(big, 5, fields(big, [[8, 7n]])),
      option(big, 7, fields(big, [[8, 3n]])),
    );
    const options = [option(big, 2, Buffer.from('ge-0/0/7')), option(big, 13, Uint8Array.of(4))];
    writeFileSync(path, joinBytes(section(big), describeInterface(big, 1, ...options), frame, statistics));
    const source = new CaptureFileSource({ path, interfaceName: 'other' });
    const [only] = await collect(source);
    expect(only).toMatchObject({ interfaceName: 'ge-0/0/7', originalLength: 64, timeNs: 1000n });
    expect(only.bytes).toHaveLength(60);
    expect(source.counts()).toEqual({ frames: 1, bytes: 64, dropped: 10 });
  });
});

describe('refusals', () => {
  const cutOff = join(folder, 'cut.pcap');
  writeFileSync(cutOff, captureBytes('hil/dhcp.pcap').subarray(0, 1000));
  const corrupt = join(folder, 'corrupt.pcap');
  writeFileSync(corrupt, Buffer.concat([captureBytes('hil/lldp.pcap'), Buffer.alloc(16, 0xff)]));
  const text = join(folder, 'text.pcap');
  writeFileSync(text, 'not a capture at all');

  test.each([
    ['capture-cut-off', cutOff, 5, 'is cut off after 5 frames (1000 bytes read)'],
    ['capture-corrupt', corrupt, 5, 'is corrupt at byte 819, after 5 frames'],
    ['capture-not', text, 0, 'is not a pcap or pcapng capture'],
    ['input-missing', join(folder, 'nothing'), 0, 'there is no such file'],
    ['input-missing', folder, 0, 'it is a folder'],
  ])('%s', async (code, path, good, message) => {
    const frames: CapturedFrame[] = [];
    const read = async () => {
      for await (const batch of new CaptureFileSource({ path }).frames(never)) frames.push(...batch);
    };
    await expect(read()).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    expect(frames).toHaveLength(good);
  });
});

/** Time stands still until someone waits; then it is the time that was waited for. */
class LeapingClock implements Clock {
  private nowMs = 1000;
  readonly delaysMs: number[] = [];

  wallMs(): number {
    return this.nowMs;
  }

  monoMs(): number {
    return this.nowMs;
  }

  timer(delayMs: number, run: () => void): Timer {
    this.delaysMs.push(delayMs);
    let live = true;
    queueMicrotask(() => {
      if (!live) return;
      this.nowMs += delayMs;
      run();
    });
    return {
      cancel: () => {
        live = false;
      },
    };
  }

  every(): Timer {
    throw new Error('not used by a source');
  }
}

describe('pace', () => {
  test.each([1, 10, 0.5])('at %d times real time each frame comes when it is due', async (speed) => {
    const clock = new LeapingClock();
    const source = new CaptureFileSource({ path: capturePath('hil/dhcp.pcap'), pace: { clock, speed } });
    const seen: { atMs: number; timeNs: bigint }[] = [];
    for await (const batch of source.frames(never)) {
      for (const { timeNs } of batch) seen.push({ atMs: clock.monoMs(), timeNs });
    }
    const originNs = seen[0].timeNs;
    expect(seen).toHaveLength(11);
    expect(clock.monoMs()).toBeGreaterThan(1000);
    for (const { atMs, timeNs } of seen) {
      expect(atMs - 1000).toBeCloseTo(Number(timeNs - originNs) / 1e6 / speed, 3);
    }
  });

  test('frames that go back in time come at once, in their order', async () => {
    const clock = new LeapingClock();
    const path = capturePath('pcapng-testgen/le/difficult/test202.pcapng');
    const frames = await collect(new CaptureFileSource({ path, pace: { clock, speed: 1 } }));
    expect(frames.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('waiting for a frame ends when it is aborted', async () => {
    const abort = new AbortController();
    const clock = new LeapingClock();
    clock.timer = () => {
      queueMicrotask(() => abort.abort());
      return { cancel: () => undefined };
    };
    const source = new CaptureFileSource({ path: capturePath('hil/dhcp.pcap'), pace: { clock, speed: 1 } });
    expect((await collect(source, abort.signal)).length).toBeLessThan(11);
  });
});
