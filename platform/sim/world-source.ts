import { AirherdError } from '../../protocol/errors.ts';
import { SCAN_INTERFACE } from '../../world/engine/on-air.ts';
import type { World, WorldFrame, WorldStep } from '../../world/engine/world.ts';
import { type Clock, sleep } from '../ports/clock.ts';
import type { BleSighting, CapturedFrame, Source, SourceCounts } from '../ports/source.ts';

export interface SharedWorldOptions {
  world: World;
  /** Virtual or real: frames are due by its monotonic time. */
  clock: Clock;
  /** Simulated time a device's day begins at, milliseconds since the Unix epoch. */
  startMs: number;
  /** How long it goes on, milliseconds of simulated time; default: for ever. */
  spanMs?: number;
  /** Times real time; `null` as fast as frames are taken. */
  speed: number | null;
  /**
   * Frames have the time of the clock's wall, as if what is simulated were now, and time goes on while nobody
   * listens, until `close`. Default: simulated time, which ends when its last listener does.
   */
  toldAsNow?: boolean;
}

/** Frames a subscriber may be behind before the world waits for it, where there is no speed to keep. */
const BATCH_FRAMES = 256;
/** Longest nap, so that an abort or a virtual clock's jump is soon noticed, milliseconds. */
const LONGEST_SLEEP_MS = 60_000;
const FOREVER_MS = 10 * 365 * 86_400_000;
/**
 * One world that any number of agents observe: it runs once, and each frame goes to the device that heard it.
 * Its time is the clock's, from the moment that the first source is read; without a speed to keep it begins when
 * all sources made so far are read, and waits for the slowest.
 */
export class SharedWorld {
  private readonly options: SharedWorldOptions;
  private readonly listeners = new Map<string, Set<WorldSource>>();
  private pumping: Promise<void> | null = null;
  private readonly steps: Iterator<WorldStep>;
  /** That was reached before anybody listened. */
  private first: IteratorResult<WorldStep> | null = null;
  /** From simulated time to what frames are said to be of, microseconds. */
  private shiftUs = 0;
  private made = 0;
  private attached = 0;
  private readonly stop = new AbortController();

  constructor(options: SharedWorldOptions) {
    const { world, startMs, spanMs = FOREVER_MS } = options;
    this.options = options;
    this.steps = world.run(startMs, startMs + spanMs);
  }

  /** What one device hears. Throws usage-invalid for a device that the site has not. */
  source(device: string): Source {
    const { accessPoints, switches, name } = this.options.world.site;
    const devices = [...accessPoints, ...switches].map(({ id }) => id);
    if (!devices.includes(device)) {
      const detail = `no device ${device} in ${name}; there are ${devices.join(', ')}`;
      throw new AirherdError('usage-invalid', { detail });
    }
    this.made++;
    return new WorldSource(device, this, this.options.speed ?? undefined);
  }

  /** Reaches the first instant ahead of the first listener: everybody's day up to then is lived first. */
  prepare(): void {
    this.first = this.steps.next();
  }

  close(): void {
    this.stop.abort();
  }

  attach(source: WorldSource): void {
    const known = this.listeners.get(source.device) ?? new Set();
    this.listeners.set(source.device, known.add(source));
    this.attached++;
    if (this.options.speed === null && this.attached < this.made) return;
    this.pumping ??= this.pump();
  }

  detach(source: WorldSource): void {
    this.listeners.get(source.device)?.delete(source);
    if (this.options.toldAsNow) return;
    if ([...this.listeners.values()].every((set) => set.size === 0)) this.stop.abort();
  }

  private async pump(): Promise<void> {
    const { clock, startMs, speed, toldAsNow } = this.options;
    const { signal } = this.stop;
    const { steps } = this;
    const originMs = clock.monoMs();
    if (toldAsNow) this.shiftUs = Math.round((clock.wallMs() - startMs) * 1000);
    let sinceRest = 0;
    for (let turn = this.first ?? steps.next(); !turn.done; turn = steps.next()) {
      const step = turn.value;
      if (signal.aborted) break;
      if (step.type !== 'frame') continue;
      if (speed !== null) {
        const dueMs = originMs + (step.timeUs / 1000 - startMs) / speed;
        await this.until(dueMs);
        if (signal.aborted) break;
      }
      if (++sinceRest === BATCH_FRAMES) {
        sinceRest = 0;
        await this.rest();
      }
      const listening = this.listeners.get(step.device);
      // An agent takes whom it hears connected for its own client: a scan radio hears those of its neighbours.
      if (listening === undefined || step.interface === SCAN_INTERFACE) continue;
      for (const source of listening) source.hear(step, this.shiftUs);
    }
    for (const set of this.listeners.values()) for (const source of set) source.end();
  }

  /** Lets others run; without a speed to keep, until what was heard has been taken. */
  private async rest(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (this.options.speed !== null) return;
    const sources = [...this.listeners.values()].flatMap((set) => [...set]);
    await Promise.all(sources.map((source) => source.taken()));
  }

  private async until(dueMs: number): Promise<void> {
    const { clock } = this.options;
    const { signal } = this.stop;
    while (!signal.aborted && clock.monoMs() < dueMs) {
      const delayMs = Math.min(dueMs - clock.monoMs(), LONGEST_SLEEP_MS);
      await sleep(clock, delayMs, signal).catch(() => undefined);
    }
  }
}

/** What came in and was not taken yet. */
class Inbox<T> {
  private waiting: T[] = [];
  private ended = false;
  private wake: () => void = () => undefined;
  private emptied: (() => void)[] = [];

  put(item: T): void {
    this.waiting.push(item);
    this.wake();
  }

  end(): void {
    this.ended = true;
    this.wake();
    this.release();
  }

  /** Resolves when all that is in it now was taken. */
  taken(): Promise<void> {
    if (this.waiting.length === 0 || this.ended) return Promise.resolve();
    return new Promise((resolve) => this.emptied.push(resolve));
  }

  private release(): void {
    for (const resolve of this.emptied.splice(0)) resolve();
  }

  async *batches(signal: AbortSignal): AsyncGenerator<T[]> {
    const onAbort = () => this.end();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (!signal.aborted) {
        if (this.waiting.length > 0) {
          const batch = this.waiting;
          this.waiting = [];
          yield batch;
          this.release();
          continue;
        }
        if (this.ended) return;
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.end();
    }
  }
}

/** What one device hears, queued until it is taken. */
class WorldSource implements Source {
  readonly name: string;
  readonly device: string;
  readonly timeRate: number | undefined;
  private readonly world: SharedWorld;
  private readonly frameInbox = new Inbox<CapturedFrame>();
  /** Null until somebody asks for advertisements: nobody is kept waiting for what nobody takes. */
  private sightingInbox: Inbox<BleSighting> | null = null;
  private frameCount = 0;
  private byteCount = 0;
  private sightingCount = 0;

  constructor(device: string, world: SharedWorld, timeRate: number | undefined) {
    this.device = device;
    this.name = `world ${device}`;
    this.timeRate = timeRate;
    this.world = world;
  }

  counts(): SourceCounts {
    return { frames: this.frameCount, bytes: this.byteCount, dropped: 0 };
  }

  hear(
    { bytes, linkType, timeUs, interface: interfaceName, advertisement, rssiDbm }: WorldFrame,
    shiftUs: number,
  ): void {
    const timeNs = BigInt(timeUs + shiftUs) * 1000n;
    if (advertisement !== undefined) {
      const { address, random, advertisingData } = advertisement;
      const heardDbm = rssiDbm === null ? {} : { rssiDbm };
      const number = ++this.sightingCount;
      this.sightingInbox?.put({ address, isRandom: random, advertisingData, ...heardDbm, timeNs, number });
      return;
    }
    const number = ++this.frameCount;
    this.byteCount += bytes.length;
    this.frameInbox.put({ linkType, bytes, originalLength: bytes.length, timeNs, number, interfaceName });
  }

  end(): void {
    this.frameInbox.end();
    this.sightingInbox?.end();
  }

  /** Resolves when what it has heard so far was taken. */
  async taken(): Promise<void> {
    await Promise.all([this.frameInbox.taken(), this.sightingInbox?.taken()]);
  }

  advertisements(signal: AbortSignal): AsyncGenerator<BleSighting[]> {
    this.sightingInbox ??= new Inbox();
    return this.sightingInbox.batches(signal);
  }

  async *frames(signal: AbortSignal): AsyncGenerator<CapturedFrame[]> {
    this.world.attach(this);
    try {
      yield* this.frameInbox.batches(signal);
    } finally {
      this.sightingInbox?.end();
      this.world.detach(this);
    }
  }
}
