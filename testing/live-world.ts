/**
 * A world that a test may interfere with: it is simulated as far as the lab's time has come, and begun anew from
 * there whenever something is changed. A part of a run has the same frames as the whole, so that nothing is seen
 * twice or missed.
 */
import type { BleSighting, CapturedFrame, Source, SourceCounts } from '../platform/ports/source.ts';
import type { Being } from '../world/beings/model.ts';
import type { Fact } from '../world/engine/emission.ts';
import { type Cast, World, type WorldFrame, type WorldStep } from '../world/engine/world.ts';
import { Lifetimes } from '../world/life/lifetimes.ts';
import { type RadioField, radioFieldOf } from '../world/radio/field.ts';
import type { Site } from '../world/site/model.ts';
import type { LabConditions } from './conditions.ts';
import { liveActs } from './live-acts.ts';
import type { Walk } from './walk.ts';

/** As far as one run of the world looks ahead. */
const AHEAD_MS = 86_400_000;
/** A client's second network and further ones are beings of their own, numbered apart. */
const NETWORK_STRIDE = 1 << 22;

export interface LiveClient {
  being: Being;
  walk: Walk;
}

export interface LiveWorldOptions {
  site: Site;
  conditions: LabConditions;
  clients: readonly LiveClient[];
  /** Those who are there beside the lab's own. */
  crowd: Cast;
  startMs: number;
  beaconsOneIn: number;
  ble: boolean;
  onFact(fact: Fact, timeMs: number): void;
  onFrame(frame: WorldFrame): void;
}

export class LiveWorld {
  private readonly options: LiveWorldOptions;
  private readonly lifetimes: Lifetimes;
  private readonly field: RadioField;
  private readonly sources = new Map<string, Set<LabSource>>();
  private run: Generator<WorldStep> | null = null;
  private pending: WorldStep | null = null;
  private cursorMs: number;
  private runFromMs: number;
  private hasBegun = false;
  private isFirstRun = true;

  constructor(options: LiveWorldOptions) {
    this.options = options;
    this.cursorMs = options.startMs;
    this.runFromMs = options.startMs;
    this.lifetimes = new Lifetimes(options.site);
    this.field = radioFieldOf(options.site);
  }

  source(device: string): LabSource {
    const source = new LabSource(device, () => this.sources.get(device)?.delete(source));
    const known = this.sources.get(device) ?? new Set();
    this.sources.set(device, known.add(source));
    return source;
  }

  /** Somebody changed what is to come. */
  changed(): void {
    if (this.hasBegun) this.isFirstRun = false;
    this.run = null;
    this.pending = null;
  }

  /** When the next frame or fact is due; null when the world has an end. */
  nextMs(): number {
    const step = this.peek();
    return step === null ? this.runFromMs + AHEAD_MS : step.timeUs / 1000;
  }

  /** Everything before `toMs` is given to who hears it. */
  advance(toMs: number): void {
    for (;;) {
      const step = this.peek();
      if (step === null) {
        // The run's span is over; the next begins where it ended.
        const endMs = this.runFromMs + AHEAD_MS;
        if (endMs > toMs) break;
        this.cursorMs = endMs;
        this.changed();
        continue;
      }
      if (step.timeUs / 1000 >= toMs) break;
      this.pending = null;
      this.take(step);
    }
    this.cursorMs = Math.max(this.cursorMs, toMs);
    for (const set of this.sources.values()) for (const source of set) source.flush();
  }

  private peek(): WorldStep | null {
    if (this.run === null) {
      this.run = this.world().run(this.cursorMs, this.cursorMs + AHEAD_MS);
      this.runFromMs = this.cursorMs;
      this.pending = null;
    }
    while (this.pending === null) {
      const next = this.run.next();
      if (next.done === true) return null;
      // Who is connected already was told when it happened, unless it was so from the start.
      const isKnown = next.value.type === 'fact' && next.value.fact.type === 'connected' && !this.isFirstRun;
      if (!isKnown) this.pending = next.value;
    }
    return this.pending;
  }

  private take(step: WorldStep): void {
    this.hasBegun = true;
    if (step.type === 'fact') {
      this.options.onFact(step.fact, step.timeUs / 1000);
      return;
    }
    this.options.onFrame(step);
    for (const source of this.sources.get(step.device) ?? []) source.hear(step);
  }

  private world(): World {
    const { site, conditions, crowd, clients, beaconsOneIn, ble } = this.options;
    const live = new Map(clients.flatMap((client) => this.lives(client).map((life) => [life.being, life])));
    const cast: Cast = {
      beings: [...crowd.beings, ...live.keys()],
      trackOf: (being) => live.get(being)?.walk.track(live.get(being)?.ssid ?? null) ?? crowd.trackOf(being),
      actsOf: (being, fromMs, toMs) => {
        const life = live.get(being);
        if (life === undefined) return crowd.actsOf(being, fromMs, toMs);
        const { ssid, walk } = life;
        if (being.wifi === null || ssid === null) return [];
        const { field, lifetimes } = this;
        const of = { being, traits: being.wifi, ssid, walk };
        return liveActs({ site, field, conditions, lifetimes }, of, fromMs, toMs);
      },
    };
    return new World(site, cast, { conditionsAt: conditions.at, beaconsOneIn, ble });
  }

  /** One for each network of the site, or one on its cable. */
  private lives({ being, walk }: LiveClient): { being: Being; ssid: string | null; walk: Walk }[] {
    const { wifi } = being;
    if (wifi === null) return [{ being, ssid: null, walk }];
    return this.options.site.ssids.map(({ name }, n) => ({
      being: {
        ...being,
        index: being.index + n * NETWORK_STRIDE,
        wifi: { ...wifi, ssid: name },
        ble: n === 0 ? being.ble : null,
      },
      ssid: name,
      walk,
    }));
  }
}

/** What one device of the lab hears. */
export class LabSource implements Source {
  readonly name: string;
  readonly timeRate = 1;
  private frameInbox: CapturedFrame[] = [];
  private sightingInbox: BleSighting[] = [];
  private wake: (() => void)[] = [];
  private ended = false;
  private readonly counted = { frames: 0, bytes: 0, dropped: 0 };
  private sightings = 0;
  private readonly onEnd: () => void;

  constructor(device: string, onEnd: () => void) {
    this.name = `lab ${device}`;
    this.onEnd = onEnd;
  }

  counts(): SourceCounts {
    return { ...this.counted };
  }

  hear({ bytes, linkType, timeUs, interface: interfaceName, advertisement, rssiDbm }: WorldFrame): void {
    if (this.ended) return;
    const timeNs = BigInt(Math.round(timeUs)) * 1000n;
    if (advertisement !== undefined) {
      const { address, random, advertisingData } = advertisement;
      const heard = rssiDbm === null ? {} : { rssiDbm };
      const number = ++this.sightings;
      this.sightingInbox.push({ address, isRandom: random, advertisingData, ...heard, timeNs, number });
      return;
    }
    const number = ++this.counted.frames;
    this.counted.bytes += bytes.length;
    this.frameInbox.push({ linkType, bytes, originalLength: bytes.length, timeNs, number, interfaceName });
  }

  /** Whoever waits gets what there is. */
  flush(): void {
    if (this.frameInbox.length + this.sightingInbox.length === 0 && !this.ended) return;
    for (const resolve of this.wake.splice(0)) resolve();
  }

  end(): void {
    this.ended = true;
    this.flush();
    this.onEnd();
  }

  frames(signal: AbortSignal): AsyncGenerator<CapturedFrame[]> {
    return this.batches(signal, () => this.frameInbox.splice(0));
  }

  advertisements(signal: AbortSignal): AsyncGenerator<BleSighting[]> {
    return this.batches(signal, () => this.sightingInbox.splice(0));
  }

  private async *batches<T>(signal: AbortSignal, take: () => T[]): AsyncGenerator<T[]> {
    const onAbort = () => this.end();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (!signal.aborted) {
        const batch = take();
        if (batch.length > 0) {
          yield batch;
          continue;
        }
        if (this.ended) return;
        await new Promise<void>((resolve) => this.wake.push(resolve));
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }
}
