/** The simulated site of a lab, kept level with the lab's time. */
import type { Timer } from '../platform/ports/clock.ts';
import { AirherdError } from '../protocol/errors.ts';
import { siteCast } from '../world/engine/cast.ts';
import type { Fact } from '../world/engine/emission.ts';
import type { Cast, WorldFrame } from '../world/engine/world.ts';
import { readHappenings } from '../world/happenings/file.ts';
import { Timeline } from '../world/happenings/timeline.ts';
import type { Site } from '../world/site/model.ts';
import { beaconOf } from './beacons.ts';
import type { LabClock } from './clock.ts';
import { LabConditions } from './conditions.ts';
import { type LabSource, type LiveClient, LiveWorld } from './live-world.ts';
import type { ClientOptions, WorldOptions } from './options.ts';
import { labBeings } from './site.ts';
import { Walk } from './walk.ts';

export interface LabWorldOptions {
  site: Site;
  clients: readonly ClientOptions[];
  world: WorldOptions;
  clock: LabClock;
}

const LONGEST_STEP_MS = 600_000;
/** Frames are given to devices on this grid, milliseconds. */
const GRID_MS = 100;
const MOST_FRAMES = 20_000;

const NOBODY: Cast = {
  beings: [],
  trackOf: () => {
    throw new Error('nobody is there');
  },
  actsOf: () => [],
};

export class LabWorld {
  readonly site: Site;
  readonly conditions: LabConditions;
  readonly clients: readonly LiveClient[];
  /** What happened, by the world's own record. */
  readonly facts: { fact: Fact; atMs: number }[] = [];
  /** The last that devices heard. */
  readonly frames: WorldFrame[] = [];
  /** Of the lab's beginning, in the lab's wall time. */
  readonly startMs: number;
  /** BSSIDs of the site. */
  private readonly ours: ReadonlySet<string>;
  private readonly clock: LabClock;
  private readonly startMonoMs: number;
  private readonly live: LiveWorld;
  private tick: Timer | null = null;
  private isStopped = false;

  /** @throws AirherdError usage-invalid when the happenings are none */
  constructor({ site, clients, world, clock }: LabWorldOptions) {
    this.site = site;
    this.clock = clock;
    this.ours = new Set(site.accessPoints.flatMap(({ radios }) => radios.flatMap(({ bssids }) => bssids)));
    this.startMs = clock.wallMs();
    this.startMonoMs = clock.monoMs();
    this.conditions = new LabConditions(site, timelineOf(site, world.happenings).conditionsAt);
    this.clients = labBeings(site, clients).map((being) => {
      const walk = new Walk(being.home.floor, being.home, this.startMs);
      return { being, walk };
    });
    const own = new Set(this.clients.map(({ being }) => being.id));
    const crowd =
      (world.crowd ?? 0) > 0
        ? siteCast(site, { conditionsAt: this.conditions.at, clients: world.crowd })
        : NOBODY;
    this.live = new LiveWorld({
      site,
      conditions: this.conditions,
      clients: this.clients,
      crowd: { ...crowd, beings: crowd.beings.filter(({ id }) => !own.has(id)) },
      startMs: this.startMs,
      beaconsOneIn: world.beaconsOneIn ?? 100,
      ble: world.ble ?? true,
      onFact: (fact, atMs) => this.facts.push({ fact, atMs }),
      onFrame: (frame) => {
        this.frames.push(frame);
        if (this.frames.length > MOST_FRAMES) this.frames.splice(0, MOST_FRAMES / 2);
      },
    });
  }

  /** Wall time that only the lab's clock moves: steps of the machine's are none of the world's. */
  nowMs(): number {
    return this.startMs + this.clock.monoMs() - this.startMonoMs;
  }

  source(device: string): LabSource {
    return this.live.source(device);
  }

  /** Changes what is to come from an instant on, to which the world has come and no further. */
  change<T>(change: (atMs: number) => T): T {
    const atMs = Math.ceil(this.nowMs());
    this.live.advance(atMs);
    const changed = change(atMs);
    this.live.changed();
    this.schedule();
    return changed;
  }

  stop(): void {
    this.isStopped = true;
    this.tick?.cancel();
  }

  /** Networks that a device has heard announced since then; `stranger`: by nobody of the site. */
  *beaconsHeard(device: string, sinceMs: number): Generator<{ ssid: string; isStranger: boolean }> {
    for (const frame of this.frames) {
      if (frame.device !== device || frame.timeUs / 1000 < sinceMs) continue;
      const beacon = beaconOf(frame);
      if (beacon !== null) yield { ssid: beacon.ssid, isStranger: !this.ours.has(beacon.bssid) };
    }
  }

  private schedule(): void {
    this.tick?.cancel();
    if (this.isStopped) return;
    const { clock, live } = this;
    const dueMs = Math.ceil((Math.max(live.nextMs(), this.nowMs()) + 0.001) / GRID_MS) * GRID_MS;
    this.tick = clock.timer(Math.min(dueMs - this.nowMs(), LONGEST_STEP_MS), () => {
      live.advance(this.nowMs());
      this.schedule();
    });
  }
}

function timelineOf(site: Site, happenings: string | undefined): Timeline {
  if (happenings === undefined) return new Timeline(site, []);
  const read = readHappenings(happenings, site);
  if (read.ok) return new Timeline(site, read.value);
  const detail = read.problems
    .map(({ line, path, message }) => `line ${line}: ${path}: ${message}`)
    .join('; ');
  throw new AirherdError('usage-invalid', { detail });
}
