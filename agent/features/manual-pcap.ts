import type { Dissection } from '../../packets/dissection.ts';
import { readConsent } from '../../packets/trigger/consent.ts';
import { parseFilter } from '../../packets/trigger/filter.ts';
import { ManualCapture } from '../../packets/trigger/manual.ts';
import type { Random } from '../../platform/ports/random.ts';
import type { CapturedFrame } from '../../platform/ports/source.ts';
import { AirherdError } from '../../protocol/errors.ts';
import type { Command } from '../../protocol/messages/command.ts';
import type { DeviceTime } from '../device-time.ts';
import type { FrameFeature } from '../pipeline.ts';
import type { Producer } from '../producer.ts';
import type { Settings } from '../settings.ts';
import type { CommandHandlers } from './command.ts';
import { type Forgetting, forgetIn } from './forgetting.ts';
import { addToTotals, CAPTURE_ID_BYTES } from './pcap.ts';
import type { SlicingTotals } from './stats.ts';

const MAX_RUNNING = 4;
const MAX_PACKETS = 1_000_000;
const MAX_BYTES = 256 * 1024 * 1024;
const MAX_DURATION_MS = 3_600_000;

export interface ManualPcapOptions {
  producer: Producer;
  settings: Settings;
  random: Random;
  time: DeviceTime;
}

interface Running {
  id: Buffer;
  capture: ManualCapture;
  /** Taken, and not yet sent. */
  waiting: ReturnType<ManualCapture['take']>;
  client?: Buffer;
  interfaceName?: string;
}

const refuse = (detail: string) => new AirherdError('command-refused', { name: 'capture-start', detail });

/** A whole number from 1 to `most`; `most` when it is not given. */
function limit(args: Command['args'], name: string, most: number): number {
  const value = args[name] ?? most;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw refuse(`${name} must be 1 to ${most}`);
}

/** Throws command-refused when it is not a filter. */
function filterOf(text: Command['args'][string]) {
  const parsed = typeof text === 'string' ? parseFilter(text) : { ok: false as const, reason: 'is no text' };
  if (parsed.ok) return parsed.filter;
  throw refuse(`the filter ${parsed.reason}`);
}

/**
 * Captures that the cloud asks for. Arguments of `capture-start`: `packets`, `bytes`, `durationMs` (limits),
 * `client` (6 bytes), `interface` (its name), `filter` (`parseFilter`), `consent` (JSON; with it, and the class
 * pcap.payload on, payload is kept). The result is the `captureId`, which `capture-stop` takes.
 */
export function manualCapture(
  options: ManualPcapOptions,
  totals: SlicingTotals,
): FrameFeature & Forgetting & { handlers: CommandHandlers } {
  const { producer, settings, random, time } = options;
  const running = new Map<string, Running>();

  async function start(args: Command['args']) {
    if (running.size >= MAX_RUNNING) throw refuse(`${MAX_RUNNING} captures are running`);
    const { client } = args;
    if (client !== undefined && !(client instanceof Uint8Array && client.length === 6)) {
      throw refuse('client must be 6 bytes');
    }
    const interfaceName = args.interface;
    if (interfaceName !== undefined && typeof interfaceName !== 'string') {
      throw refuse('interface must be a name');
    }
    const filter = args.filter === undefined ? undefined : filterOf(args.filter);
    const consent = typeof args.consent === 'string' ? readConsent(args.consent) : null;
    if (args.consent !== undefined && (!consent || !settings.allows('pcap.payload'))) {
      throw refuse('payload needs a consent that is in force, and the class pcap.payload');
    }
    const limits = {
      packets: limit(args, 'packets', MAX_PACKETS),
      bytes: limit(args, 'bytes', MAX_BYTES),
      durationMs: limit(args, 'durationMs', MAX_DURATION_MS),
    };
    const wanted = { limits, client, interfaceName, filter, consent: consent ?? undefined };
    const capture = new ManualCapture(wanted, time.nowMs());
    if (consent && !capture.withPayload) throw refuse('the consent is no longer in force');
    const id = random.bytes(CAPTURE_ID_BYTES);
    running.set(id.toString('hex'), {
      id,
      capture,
      waiting: [],
      client: client && Buffer.from(client),
      interfaceName,
    });
    return { captureId: id };
  }

  async function stop({ captureId }: Command['args']) {
    const key = captureId instanceof Uint8Array ? Buffer.from(captureId).toString('hex') : '';
    const found = running.get(key);
    if (!found)
      throw new AirherdError('command-refused', { name: 'capture-stop', detail: 'no such capture' });
    found.capture.stop('asked');
    return { packets: found.capture.packets };
  }

  return {
    handlers: { 'capture-start': start, 'capture-stop': stop },
    frame(d: Dissection, frame: CapturedFrame) {
      if (running.size === 0) return;
      const nowMs = time.nowMs();
      for (const { capture } of running.values()) capture.frame(d, frame, nowMs);
    },
    forget(names) {
      let count = 0;
      for (const one of running.values()) {
        one.waiting = [...one.waiting, ...one.capture.take(time.nowMs())].map((part) => {
          const { rest, removed } = forgetIn(part, ({ section }) => section, names);
          count += removed;
          // The part itself stays: the next ones count on from it, and one is the last.
          return { ...part, section: rest?.section ?? Buffer.alloc(0), packets: rest?.packets ?? 0 };
        });
      }
      return count;
    },
    async flush(ended) {
      for (const [key, one] of running) {
        const { id, capture, client, interfaceName } = one;
        // A capture with payload ends when the class is switched off, whatever its consent says.
        const privacyClass = capture.withPayload ? 'pcap.payload' : 'pcap.headers';
        if (ended || !settings.allows(privacyClass)) capture.stop('asked');
        capture.tick(time.nowMs());
        const identity = {
          class: privacyClass,
          captureId: id,
          trigger: 'manual',
          ...(client && { client }),
          ...(interfaceName !== undefined && { interfaceName }),
        } as const;
        const ready = [...one.waiting, ...capture.take(time.nowMs())];
        one.waiting = [];
        for (const part of ready) {
          addToTotals(totals, part);
          await producer.produce('pcap', { ...identity, ...part });
          if (part.last) running.delete(key);
        }
      }
    },
  };
}
