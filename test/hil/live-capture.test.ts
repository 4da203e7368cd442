/** Live interfaces by the real dumpcap and tcpdump, on a cable of this machine. Needs root. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeClock } from '../../platform/node/clock.ts';
import { type CaptureTool, readCounts } from '../../platform/node/sources/capture-helper.ts';
import { LiveCapture } from '../../platform/node/sources/live-capture.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { framesOf } from '../support/captures.ts';
import { Veth } from '../support/veth.ts';
import { WatchedSource } from '../support/watched-source.ts';

const capture = resolve(import.meta.dirname, '../../fixtures/captures/hil/http.pcap');
const markers = resolve(import.meta.dirname, '../../fixtures/captures/hil/lldp.pcap');
const LLDP = 0x88cc;
const sent = framesOf(capture);
const dir = mkdtempSync(join(tmpdir(), 'airherd-live-'));
chmodSync(dir, 0o755);
const path = process.env.PATH;
let cable: Veth;

beforeEach(() => {
  cable = new Veth();
  cable.plug();
});
afterEach(() => {
  process.env.PATH = path;
  try {
    cable.unplug();
  } catch {
    // A test pulled it out already.
  }
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const open = (options: { tool?: CaptureTool; filter?: string; bufferMib?: number } = {}) =>
  new LiveCapture({ interfaceName: cable.near, clock: nodeClock, ...options });
const code = (told: Error | number | undefined) => (told instanceof AirherdError ? told.code : told);

/** A program in front of the real one on the path. */
function inFront(name: string, script: string): string {
  const folder = mkdtempSync(join(dir, 'bin-'));
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
  process.env.PATH = `${folder}:${path}`;
  return join(folder, name);
}

/** Sends one frame after the other until one arrives: the helper is then there. */
async function opened(watched: WatchedSource): Promise<void> {
  const before = watched.frames.length;
  const timer = setInterval(() => cable.replay(capture, '--limit=1'), 50);
  await watched.until(() => watched.frames.length > before);
  clearInterval(timer);
}

describe.each(['dumpcap', 'tcpdump'] as const)('%s', (tool) => {
  test('gives every frame whole, as it was sent', async () => {
    const source = open({ tool });
    const watched = new WatchedSource(source);
    await opened(watched);
    const before = watched.frames.length;
    cable.replay(capture);
    await watched.until(() => watched.frames.length >= before + sent.length);
    await watched.stop();
    const got = watched.frames.slice(-sent.length);
    expect(got.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).toEqual(
      sent.map(({ bytes }) => Buffer.from(bytes).toString('hex')),
    );
    expect(new Set(got.map(({ interfaceName }) => interfaceName))).toEqual(new Set([cable.near]));
    expect(source.counts()).toMatchObject({ frames: watched.frames.length, dropped: 0 });
    expect(watched.told).toEqual([]);
  });

  test('that is killed is started again, with the count of what went by', async () => {
    const source = open({ tool });
    const watched = new WatchedSource(source);
    await opened(watched);
    const before = watched.frames.length;
    process.kill(source.helperPid ?? 0, 'SIGKILL');
    await watched.until(() => watched.told.length === 1);
    cable.replay(capture);
    await watched.until(() => watched.told.length === 2);
    const [interrupted, missed] = watched.told;
    expect(code(interrupted)).toBe('source-interrupted');
    expect(String(interrupted)).toMatch(/ended by SIGKILL; it goes on by itself$/);
    await opened(watched);
    await watched.stop();
    // Whatever came after the helper was there again was seen, the rest was missed: all are accounted for.
    const seen = watched.frames.length - before;
    expect(missed).toBeGreaterThan(0);
    expect(Number(missed) + seen).toBeGreaterThanOrEqual(sent.length);
    expect(source.counts()).toMatchObject({ dropped: missed, droppedBy: { missed } });
  });
});

describe('an interface', () => {
  test('that is pulled out is told once, and taken up when it comes back', async () => {
    const watched = new WatchedSource(open());
    await opened(watched);
    cable.unplug();
    await watched.until(() => watched.told.length === 1);
    expect(code(watched.told[0])).toBe('source-interface');
    expect(String(watched.told[0])).toContain(`there is no interface ${cable.near}`);
    cable.plug();
    await watched.until(() => watched.told.length === 2);
    await opened(watched);
    await watched.stop();
    expect(watched.told.length).toBe(2);
  });

  test('that never was is told in one line, once', async () => {
    cable.unplug();
    const watched = new WatchedSource(open());
    await watched.until(() => watched.told.length === 1);
    expect(code(watched.told[0])).toBe('source-interface');
    cable.plug();
    await opened(watched);
    await watched.stop();
  });
});

describe('privileges', () => {
  const asNobody = (program: string) =>
    `exec setpriv --reuid=65534 --regid=65534 --clear-groups ${program} "$@"`;

  test.each([
    ['dumpcap', '/usr/bin/dumpcap'],
    ['tcpdump', '/usr/bin/tcpdump'],
  ] as const)('%s without them: one line with the command that gives them', async (tool, program) => {
    // A copy, which has no file capabilities whatever the system's has.
    const copy = join(dir, `plain-${tool}`);
    copyFileSync(program, copy);
    const helper = inFront(tool, asNobody(copy));
    const watched = new WatchedSource(open({ tool }));
    await watched.until(() => watched.told.length === 1);
    await watched.stop();
    expect(code(watched.told[0])).toBe('source-privilege');
    const message = (watched.told[0] as Error).message;
    expect(message).toBe(
      `${tool} may not capture on ${cable.near}; run: sudo setcap cap_net_raw,cap_net_admin=eip ${helper}`,
    );
  });

  test('the command helps while the agent runs: file capabilities on the helper only', async () => {
    const copy = join(dir, 'dumpcap-of-nobody');
    copyFileSync('/usr/bin/dumpcap', copy);
    chmodSync(copy, 0o755);
    inFront('dumpcap', asNobody(copy));
    const watched = new WatchedSource(open({ tool: 'dumpcap' }));
    await watched.until(() => watched.told.length === 1);
    expect(code(watched.told[0])).toBe('source-privilege');
    execFileSync('setcap', ['cap_net_raw,cap_net_admin=eip', copy]);
    await watched.until(() => watched.told.length === 2);
    await opened(watched);
    await watched.stop();
  });

  test('a helper that is not there is named with its package', async () => {
    process.env.PATH = dir;
    const watched = new WatchedSource(open({ tool: 'tcpdump' }));
    const isThere = execFileSync('/bin/sh', ['-c', 'ls /usr/sbin/tcpdump 2>/dev/null || true']).length > 0;
    if (isThere) return watched.stop();
    await watched.until(() => watched.told.length === 1);
    expect((watched.told[0] as Error).message).toBe(
      'tcpdump is not installed; run: sudo apt-get install tcpdump',
    );
    process.env.PATH = path;
    await watched.until(() => watched.told.length === 2);
    await watched.stop();
  });
});

test('without a dumpcap that may be run, tcpdump captures', async () => {
  const folder = mkdtempSync(join(dir, 'bin-'));
  writeFileSync(join(folder, 'dumpcap'), 'of a group that is not ours');
  process.env.PATH = `${folder}:${path}`;
  const source = open();
  const watched = new WatchedSource(source);
  await opened(watched);
  expect(readFileSync(`/proc/${source.helperPid}/comm`, 'utf8')).toBe('tcpdump\n');
  await watched.stop();
});

test('a reader that is slower than the wire: what was sent is what was seen and what was dropped', async () => {
  const source = open({ tool: 'dumpcap', bufferMib: 1 });
  const abort = new AbortController();
  const frames = source.frames(abort.signal);
  // The first frame opens it; then nobody reads, and the pipe and the ring fill.
  const first = frames.next();
  const timer = setInterval(() => cable.replay(capture, '--limit=1'), 50);
  await first;
  clearInterval(timer);
  const before = received();
  cable.replay(capture, '--loop=600');
  const offered = received() - before;
  expect(offered).toBe(sent.length * 600);
  // A frame of another kind, until one finds room, tells that all before it has been read.
  const marker = setInterval(() => cable.replay(markers, '--limit=1'), 20);
  for (let batch = await frames.next(); !batch.done; batch = await frames.next()) {
    if (batch.value.some(({ bytes }) => Buffer.from(bytes).readUInt16BE(12) === LLDP)) break;
  }
  clearInterval(marker);
  abort.abort();
  await frames.return(undefined);
  const { frames: seen, dropped, droppedBy } = source.counts();
  // dumpcap lost none of what the kernel gave it: the ring was full before.
  expect(droppedBy).toMatchObject({ helper: 0, interface: 0 });
  expect(droppedBy?.kernel).toBe(dropped);
  expect(dropped).toBeGreaterThan(0);
  expect(seen + dropped).toBeGreaterThanOrEqual(offered);
  expect(seen + dropped).toBeLessThanOrEqual(received());
});

/** Frames that have arrived at the near end, by the kernel's count. */
const received = () => Number(readFileSync(`/sys/class/net/${cable.near}/statistics/rx_packets`, 'utf8'));

test('counts are read as both helpers say them', () => {
  const dumpcap =
    "Packets received/dropped on interface 'eth0': 812/8 (pcap:5/dumpcap:2/flushed:1/ps_ifdrop:4) (99.0%)";
  expect(readCounts(`Capturing on 'eth0'\nFile: -\nPackets captured: 812\n${dumpcap}\n`)).toEqual({
    received: 812,
    dropped: { kernel: 5, interface: 4, helper: 3 },
  });
  const once = 'tcpdump: 3 packets captured, 4 packets received by filter, 1 packet dropped by kernel\n';
  expect(readCounts(once)).toEqual({
    received: 4,
    dropped: { kernel: 1, interface: 0, helper: 0 },
  });
  const end = '9 packets captured\n10 packets received by filter\n2 packets dropped by kernel\n';
  expect(readCounts(once + end)).toEqual({
    received: 10,
    dropped: { kernel: 2, interface: 0, helper: 0 },
  });
  expect(readCounts("Capturing on 'eth0'\nFile: -\n")).toBeNull();
});
