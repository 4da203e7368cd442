/** A client that waits in vain is captured although no further frame comes: time passes by the agent's clock. */
import { describe, expect, test } from 'vitest';
import { DeviceTime } from '../../../agent/device-time.ts';
import { dynamicCapture } from '../../../agent/features/dynamic-pcap.ts';
import { Pipeline } from '../../../agent/pipeline.ts';
import type { Producer } from '../../../agent/producer.ts';
import type { Settings } from '../../../agent/settings.ts';
import { TIMEOUTS } from '../../../packets/trigger/names.ts';
import type { SeenFrame } from '../../../packets/trigger/ring.ts';
import { TriggerTracker } from '../../../packets/trigger/tracker.ts';
import type { Source } from '../../../platform/ports/source.ts';
import { VirtualClock } from '../../../platform/sim/clock.ts';
import { seededRandom } from '../../../platform/sim/random.ts';
import { trackWithoutTime } from '../../support/track.ts';
import { type Scenario, START_NS, scenarios } from '../../support/trigger-scenarios.ts';

const FLUSH_MS = 250;
/** The window behind a failure that a capture waits for. */
const AFTER_MS = 3000;
const HOUR_MS = 3_600_000;

/** What a client waits, in capture time, before its failure is one. */
const WAITS: Partial<Record<Scenario['trigger'], number>> = {
  'roam-failure': TIMEOUTS.roamMs,
  'handshake-timeout': TIMEOUTS.handshakeMs,
  'dot1x-timeout': TIMEOUTS.dot1xMs,
  'dhcp-no-offer': TIMEOUTS.dhcpMs,
  'dhcp-timeout': TIMEOUTS.dhcpMs,
  'arp-gateway-unanswered': TIMEOUTS.arpMs,
  'dns-unanswered': TIMEOUTS.dnsMs,
};

/** Those that no frame gives away, only its absence. */
const silent = scenarios.filter(({ failing }) => {
  const tracker = new TriggerTracker();
  trackWithoutTime(tracker, failing);
  return tracker.end().length === 0;
});

const lastMs = (frames: readonly SeenFrame[]): number =>
  Number(((frames.at(-1)?.timeNs ?? START_NS) - START_NS) / 1_000_000n);

/** Gives `frames` at once, and then is silent until it is aborted. */
function thenSilent(frames: readonly SeenFrame[], timeRate: number | undefined): Source {
  return {
    name: 'test',
    timeRate,
    counts: () => ({ frames: frames.length, bytes: 0, dropped: 0 }),
    async *frames(signal) {
      yield frames.map((frame, i) => ({ ...frame, number: i + 1 }));
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    },
  };
}

/** Captures that an agent ships within `forMs`, and how long after the last frame, milliseconds. */
async function shipped(frames: readonly SeenFrame[], timeRate: number | undefined, forMs: number) {
  const clock = new VirtualClock(1_700_000_000_000);
  const found: { trigger: string; atMs: number }[] = [];
  const producer: Producer = {
    async produce(_stream, body) {
      found.push({ trigger: String(Reflect.get(body, 'trigger')), atMs: clock.monoMs() });
      return found.length;
    },
  };
  const feature = dynamicCapture(
    {
      producer,
      settings: { allows: () => true } as unknown as Settings,
      random: seededRandom('silence'),
      time: new DeviceTime(clock, { notBeforeMs: 0, trusted: true }),
      outboxBytes: 1 << 20,
    },
    { frames: 0, bytesSeen: 0, bytesKept: 0, bytesCut: 0, faults: 0 },
    { dynamic: 0, suppressed: 0 },
  );
  const sources = [thenSilent(frames, timeRate)];
  const pipeline = new Pipeline({
    sources,
    features: [feature],
    clock,
    flushMs: FLUSH_MS,
    onSource: () => {},
  });
  const stop = new AbortController();
  const startMs = clock.monoMs();
  const running = pipeline.run(stop.signal);
  await clock.advance(forMs);
  stop.abort();
  await running;
  expect(clock.timers).toBe(0);
  return found.map(({ trigger, atMs }) => ({ trigger, atMs: atMs - startMs }));
}

describe('deadlines pass in silence', () => {
  test('each failure that is a wait in vain is among those below', () => {
    expect(new Set(silent.map(({ trigger }) => trigger))).toEqual(new Set(Object.keys(WAITS)));
  });

  describe.each([
    ['live', 1],
    ['in virtual time, twenty times as fast', 20],
  ])('%s', (_name, timeRate) => {
    test.each(silent)('$trigger: $what', async ({ trigger, failing, fine }) => {
      const waitMs = WAITS[trigger] ?? 0;
      const ms = 60_000 / timeRate;
      const found = await shipped(failing, timeRate, ms);
      expect(found.map((capture) => capture.trigger)).toEqual([trigger]);
      const [{ atMs }] = found;
      expect(atMs).toBeGreaterThanOrEqual((waitMs + AFTER_MS - lastMs(failing)) / timeRate);
      expect(atMs).toBeLessThanOrEqual((waitMs + AFTER_MS) / timeRate + 2 * FLUSH_MS);
      expect(await shipped(fine, timeRate, ms)).toEqual([]);
    });
  });

  test('but not of a file, whose time its frames alone tell', async () => {
    for (const { failing } of silent) expect(await shipped(failing, undefined, HOUR_MS / 60)).toEqual([]);
  });
});
