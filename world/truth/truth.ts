/** What is so in a simulated world at any instant, asked in any order; and the same written down as lines. */
import type { Position } from '../association/track.ts';
import type { Being } from '../beings/model.ts';
import { bleAddress } from '../engine/advertise.ts';
import { Attendance } from '../engine/attendance.ts';
import type { Connected } from '../engine/emission.ts';
import type { World, WorldFact } from '../engine/world.ts';
import type { Occurrence, Timeline } from '../happenings/timeline.ts';
import { type LinkEnd, TRUTH_FORMAT, type TruthLine } from './lines.ts';

export interface BeingTruth {
  being: Being;
  /** Null while it is not on site. */
  position: Position | null;
  /** Its place in the network; null while it has none. */
  connected: Connected | null;
}

export interface Instant {
  tMs: number;
  beings: BeingTruth[];
  /** Happenings in force, in order of their beginning. */
  causes: Occurrence[];
  /** Wires that work, as LLDP would tell. */
  neighbours: { a: LinkEnd; b: LinkEnd }[];
}

/** How often positions are written, and how far somebody must have moved. */
const POSITION_MS = 5000;
const MOVED_M = 0.5;

export class Truth {
  private readonly world: World;
  private readonly timeline: Timeline | null;
  private readonly macs: ReadonlyMap<string, string>;

  /** `timeline`: what the world's conditions come from; null where nothing goes wrong. */
  constructor(world: World, timeline: Timeline | null) {
    this.world = world;
    this.timeline = timeline;
    const { accessPoints, switches } = world.site;
    this.macs = new Map([...accessPoints, ...switches].map(({ id, mac }) => [id, mac]));
  }

  at(tMs: number): Instant {
    return {
      tMs,
      beings: this.world.beings.map((being) => this.of(being, tMs)),
      causes: this.timeline?.occurrences(tMs, tMs + 1) ?? [],
      neighbours: this.neighbours(tMs),
    };
  }

  of(being: Being, tMs: number): BeingTruth {
    const track = this.world.trackOf(being);
    const position = track.presentAt(tMs) ? track.positionAt(tMs) : null;
    const attendance = new Attendance();
    for (const { fact, timeUs } of this.world.factsOf(being, tMs, tMs)) attendance.apply(fact, timeUs);
    return { being, position, connected: attendance.connected()[0] ?? null };
  }

  private end(device: string, port: string): LinkEnd | null {
    const mac = this.macs.get(device);
    return mac === undefined ? null : { device, mac, port };
  }

  /** Wires between devices whose ends both work at this time. */
  neighbours(tMs: number): { a: LinkEnd; b: LinkEnd }[] {
    return this.world.site.wires.flatMap((wire) => {
      const [a, b] = [wire.a, wire.b].map(({ device, port }) => this.end(device, port));
      if (!a || !b || this.world.isCutAt([wire.a, wire.b], tMs)) return [];
      return [{ a, b }];
    });
  }

  private *links(): Generator<TruthLine> {
    const { site, beings } = this.world;
    for (const wire of site.wires) {
      const [a, b] = [wire.a, wire.b].map(({ device, port }) => this.end(device, port));
      if (a && b) yield { type: 'link', a, b, wired: false };
    }
    for (const { wired, id, mac } of beings) {
      const a = wired && this.end(wired.device, wired.port);
      if (a) yield { type: 'link', a, b: { device: id, mac, port: 'eth0' }, wired: true };
    }
  }

  private bleAddresses(being: Being, fromMs: number, toMs: number): string[] {
    const { ble } = being;
    if (ble === null) return [];
    const { seed } = this.world.site;
    const step = ble.rotatesMs ?? toMs - fromMs;
    const addresses = new Set<string>();
    for (let tMs = fromMs; tMs < toMs + step; tMs += step) {
      addresses.add(bleAddress(seed, being, ble, Math.min(tMs, toMs) * 1000));
    }
    return [...addresses];
  }

  /** What stands above the lines of a run. */
  *head(fromMs: number, toMs: number): Generator<TruthLine> {
    const { site, beings } = this.world;
    yield { type: 'site', format: TRUTH_FORMAT, name: site.name, seed: site.seed, fromMs, toMs };
    for (const { id, name, mac, at, radios } of site.accessPoints) {
      const heard = radios.map(({ band, channel, bssids }) => ({ band, channel, bssids }));
      yield { type: 'device', id, kind: 'access-point', name, mac, at, radios: heard };
    }
    for (const { id, name, mac, at } of site.switches) {
      yield { type: 'device', id, kind: 'switch', name, mac, at, radios: [] };
    }
    yield* this.links();
    for (const being of beings) {
      const { id, kind, manufacturer, model, os, osVersion, mac } = being;
      const ble = this.bleAddresses(being, fromMs, toMs);
      yield { type: 'being', being: id, kind, manufacturer, model, os, osVersion, mac, ble };
    }
    for (const occurrence of this.timeline?.occurrences(fromMs, toMs) ?? []) {
      yield { type: 'cause', ...occurrence };
    }
  }

  /** Positions of everybody, every five seconds those who have moved. */
  *positions(fromMs: number, toMs: number): Generator<TruthLine & { timeMs: number }> {
    const { beings } = this.world;
    const last = new Map<string, Position | null>();
    for (let timeMs = fromMs; timeMs < toMs; timeMs += POSITION_MS) {
      for (const being of beings) {
        const track = this.world.trackOf(being);
        const now = track.presentAt(timeMs) ? track.positionAt(timeMs) : null;
        const before = last.get(being.id);
        if (now === null) {
          if (before) yield { type: 'gone', timeMs, being: being.id };
          last.set(being.id, null);
        } else if (!before || hasMoved(before, now)) {
          const { floor, x, y } = now;
          yield { type: 'position', timeMs, being: being.id, floor, x, y };
          last.set(being.id, now);
        }
      }
    }
  }
}

/** The lines of one run, in order: `head`, then `fact` for each, then `rest`. */
export class TruthLines {
  private readonly truth: Truth;
  private readonly fromMs: number;
  private readonly toMs: number;
  private readonly positions: Generator<TruthLine & { timeMs: number }>;
  private next: IteratorResult<TruthLine & { timeMs: number }>;

  constructor(truth: Truth, fromMs: number, toMs: number) {
    this.truth = truth;
    this.fromMs = fromMs;
    this.toMs = toMs;
    this.positions = truth.positions(fromMs, toMs);
    this.next = this.positions.next();
  }

  head(): Generator<TruthLine> {
    return this.truth.head(this.fromMs, this.toMs);
  }

  *fact({ fact, timeUs }: WorldFact): Generator<TruthLine> {
    const timeMs = timeUs / 1000;
    yield* this.until(timeMs);
    yield { timeMs, ...fact };
  }

  rest(): Generator<TruthLine> {
    return this.until(Number.POSITIVE_INFINITY);
  }

  private *until(timeMs: number): Generator<TruthLine> {
    for (; !this.next.done && this.next.value.timeMs <= timeMs; this.next = this.positions.next()) {
      yield this.next.value;
    }
  }
}

const hasMoved = (a: Position, b: Position): boolean =>
  a.floor !== b.floor || (a.x - b.x) ** 2 + (a.y - b.y) ** 2 >= MOVED_M ** 2;
