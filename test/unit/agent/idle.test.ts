/** Who falls silent is gone after a while, and nobody is told so earlier; neighbours go by their own time to live. */
import { describe, expect, test } from 'vitest';
import { DeviceTime } from '../../../agent/device-time.ts';
import { observed } from '../../../agent/features/observed.ts';
import { Pipeline } from '../../../agent/pipeline.ts';
import type { Producer } from '../../../agent/producer.ts';
import type { Settings } from '../../../agent/settings.ts';
import type { Finding } from '../../../platform/ports/finding.ts';
import type { CapturedFrame, Source } from '../../../platform/ports/source.ts';
import { VirtualClock } from '../../../platform/sim/clock.ts';
import { capturePath } from '../../support/observe.ts';
import { framesOf, type RecordedFrame } from '../../support/recorded-frames.ts';
import { tsharkFields } from '../../support/tshark.ts';
import { hasTool } from '../../tools.mjs';

const FLUSH_MS = 1000;
const IDLE_MS = 300_000;
const NOW_MS = 1_700_000_000_000;
const AIR = framesOf('hil/hwsim-wpa2eap-radiotap.pcap');
const LLDP = framesOf('hil/lldp.pcap');
const WIRE = framesOf('hil/dhcp.pcap');

const captured = ({ linkType, bytes, originalLength, number }: RecordedFrame): CapturedFrame => ({
  linkType,
  bytes,
  originalLength,
  timeNs: BigInt(NOW_MS) * 1_000_000n,
  number,
  interfaceName: 'eth0',
});

/** Says what `script` has at each time, milliseconds from the beginning, and is silent in between. */
function scripted(
  clock: VirtualClock,
  timeRate: number | undefined,
  script: readonly { atMs: number; frames?: readonly RecordedFrame[]; findings?: readonly Finding[] }[],
): Source {
  const beginMs = clock.monoMs();
  async function* said<T>(signal: AbortSignal, of: (step: (typeof script)[number]) => T[]) {
    for (const step of script) {
      const waitMs = beginMs + step.atMs - clock.monoMs();
      if (waitMs > 0) await new Promise<void>((resolve) => clock.timer(waitMs, resolve));
      yield of(step);
    }
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  }
  return {
    name: 'test',
    timeRate,
    counts: () => ({ frames: 0, bytes: 0, dropped: 0 }),
    frames: (signal) => said(signal, ({ frames = [] }) => frames.map(captured)),
    findings: (signal) => said(signal, ({ findings = [] }) => [...findings]),
  };
}

interface Told {
  atMs: number;
  stream: string;
  record: Record<string, unknown>;
}

/** All records that an agent tells within `forMs`. */
async function told(
  script: Parameters<typeof scripted>[2],
  forMs: number,
  { isFile = false, idleMs = IDLE_MS, repeatMs = 0, blockedMs = 0 } = {},
): Promise<Told[]> {
  const clock = new VirtualClock(NOW_MS);
  const beginMs = clock.monoMs();
  const found: Told[] = [];
  const producer: Producer = {
    async produce(stream, body) {
      const atMs = clock.monoMs() - beginMs;
      for (const list of Object.values(body)) {
        if (Array.isArray(list)) for (const record of list) found.push({ atMs, stream, record });
      }
      if (blockedMs > 0) await new Promise<void>((resolve) => clock.timer(blockedMs, resolve));
      return found.length;
    },
  };
  const feature = observed({
    producer,
    settings: {
      allows: () => true,
      fields: { hostName: true, userName: true, userAgent: true, deviceFamily: true },
    } as unknown as Settings,
    time: new DeviceTime(clock, { notBeforeMs: 0, trusted: true }),
    outboxBytes: 1 << 20,
    hashSeed: 1,
    maxHosts: 100,
    repeatMs,
    idleMs,
    flushMs: FLUSH_MS,
  });
  const sources = [scripted(clock, isFile ? undefined : 1, script)];
  const options = { sources, features: [feature], clock, flushMs: FLUSH_MS, onSource: () => {} };
  const stop = new AbortController();
  const running = new Pipeline(options).run(stop.signal);
  await clock.advance(forMs);
  stop.abort();
  await clock.advance(2 * blockedMs);
  await running;
  return found;
}

const gone = (all: readonly Told[]) =>
  all.filter(({ record }) => record.state === 'left' || record.gone === true || record.ttlS === 0);

describe('stations', () => {
  const joined = (all: readonly Told[]) =>
    new Set(
      all.filter(({ record }) => record.state === 'associated').map(({ record }) => String(record.mac)),
    );

  test('have left once they were silent for as long as hostapd waits, each told once', async () => {
    const all = await told([{ atMs: 0, frames: AIR }], IDLE_MS * 3);
    const left = gone(all);
    expect(joined(all).size).toBeGreaterThan(0);
    expect(left.map(({ record }) => String(record.mac)).sort()).toEqual([...joined(all)].sort());
    for (const { atMs } of left) {
      expect(atMs).toBeGreaterThanOrEqual(IDLE_MS);
      expect(atMs).toBeLessThanOrEqual(IDLE_MS + 2 * FLUSH_MS);
    }
  });

  test('are told at once although the rest is repeated seldom', async () => {
    const left = gone(
      await told([{ atMs: 0, frames: AIR }], IDLE_MS + 3 * FLUSH_MS, { repeatMs: 3_600_000 }),
    );
    expect(left.length).toBeGreaterThan(0);
  });

  test('that are heard again are as they were, and go later', async () => {
    const again = IDLE_MS - 10 * FLUSH_MS;
    const all = await told(
      [
        { atMs: 0, frames: AIR },
        { atMs: again, frames: AIR },
      ],
      2 * IDLE_MS,
    );
    for (const { atMs } of gone(all)) expect(atMs).toBeGreaterThanOrEqual(again + IDLE_MS);
    expect(gone(all).length).toBe(joined(all).size);
  });

  test('stay for ever where that is wanted, and in a file that has ended', async () => {
    const script = [{ atMs: 0, frames: AIR }];
    expect(gone(await told(script, IDLE_MS * 3, { idleMs: 0 }))).toEqual([]);
    expect(gone(await told(script, IDLE_MS * 3, { isFile: true }))).toEqual([]);
  });

  test('are not taken for silent while the outbox held everything back', async () => {
    const all = await told([{ atMs: 0, frames: AIR }], IDLE_MS * 2, { blockedMs: IDLE_MS * 2 });
    expect(gone(all)).toEqual([]);
  });

  test('that an access point has on its list stay, though no frame of theirs is heard', async () => {
    const station: Finding = {
      kind: 'station',
      mac: '02:00:00:00:00:01',
      state: 'associated',
      bssid: '02:00:00:00:00:aa',
      ssid: 'lab',
      timeMs: NOW_MS,
    };
    const script = Array.from({ length: 100 }, (_, i) => ({ atMs: i * 5000, findings: [station] }));
    expect(gone(await told(script, 500_000))).toEqual([]);
    expect(gone(await told(script, 500_000 + IDLE_MS)).map(({ atMs }) => atMs >= 495_000 + IDLE_MS)).toEqual([
      true,
    ]);
  });
});

test('a host on a wire has gone from the port where it is silent', async () => {
  const all = await told([{ atMs: 0, frames: WIRE }], IDLE_MS * 2);
  const hosts = new Set(
    all.filter(({ stream }) => stream === 'wired').map(({ record }) => String(record.mac)),
  );
  expect(
    gone(all)
      .map(({ record }) => String(record.mac))
      .sort(),
  ).toEqual([...hosts].sort());
  expect(hosts.size).toBeGreaterThan(0);
});

test.runIf(hasTool('tshark'))('a neighbour is gone when the time to live that it said is over', async () => {
  const rows = await tsharkFields(capturePath('hil/lldp.pcap'), ['lldp.time_to_live']);
  const last = rows.length - 1;
  const [[ttl]] = rows[last];
  const frames = [LLDP[last]];
  const ttlMs = Number(ttl) * 1000;
  const neighbours = (all: readonly Told[]) => gone(all).filter(({ stream }) => stream === 'lldp');
  const [{ record, atMs }, ...others] = neighbours(await told([{ atMs: 0, frames }], ttlMs * 3));
  expect(others).toEqual([]);
  expect(record.systemName).toBeDefined();
  expect(atMs).toBeGreaterThanOrEqual(ttlMs);
  expect(atMs).toBeLessThanOrEqual(ttlMs + 2 * FLUSH_MS);
  const repeated = Array.from({ length: 10 }, (_, i) => ({ atMs: (i * ttlMs) / 4, frames }));
  expect(neighbours(await told(repeated, ttlMs * 2.5))).toEqual([]);
});
