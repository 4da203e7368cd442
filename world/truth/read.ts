/** Truth as it was written, to be asked about. */
import { z } from 'zod';
import type { Fact, Joined } from '../engine/emission.ts';
import { type LinkEnd, TRUTH_FORMAT, type TruthLine } from './lines.ts';
import { macKey } from './mac-key.ts';

export interface TrueClient {
  being: string;
  mac: string;
  hostName: string | null;
  userName: string | null;
  ssid: string | null;
  ipv4: string | null;
  /** Id of the access point or switch that it was on last. */
  device: string | null;
}

/** A network of a radio: id of the access point, and BSSID as `macKey` writes it. */
export interface TrueCell {
  device: string;
  bssid: string;
}

/** From one access point to another, or from band to band of one. */
export interface TrueRoam {
  timeMs: number;
  mac: string;
  from: TrueCell;
  to: TrueCell;
}

export type TrueCause = Extract<TruthLine, { type: 'cause' }>;
type Position = Extract<TruthLine, { type: 'position' | 'gone' }>;

export class TruthRecord {
  fromMs = 0;
  toMs = 0;
  /** By MAC, as `macKey` writes it. */
  readonly clients = new Map<string, TrueClient>();
  readonly links: { a: LinkEnd; b: LinkEnd }[] = [];
  readonly roams: TrueRoam[] = [];
  readonly causes: TrueCause[] = [];
  /** Id of a device by its id, name, MAC and BSSIDs. */
  private readonly devices = new Map<string, string>();
  private readonly beings = new Map<string, string>();
  private readonly tracks = new Map<string, Position[]>();
  private readonly cells = new Map<string, TrueCell>();
  private readonly ports = new Map<string, string>();

  add(line: TruthLine): void {
    switch (line.type) {
      case 'site':
        this.fromMs = line.fromMs;
        this.toMs = line.toMs;
        return;
      case 'device':
        for (const name of [line.id, line.name]) this.devices.set(name, line.id);
        for (const mac of [line.mac, ...line.radios.flatMap(({ bssids }) => bssids)]) {
          this.devices.set(macKey(mac), line.id);
        }
        return;
      case 'link':
        this.links.push({ a: line.a, b: line.b });
        if (line.wired) this.ports.set(line.b.device, line.a.device);
        return;
      case 'being':
        for (const mac of [line.mac, ...line.ble]) this.beings.set(macKey(mac), line.being);
        return;
      case 'cause':
        this.causes.push(line);
        return;
      case 'position':
      case 'gone': {
        const track = this.tracks.get(line.being) ?? [];
        this.tracks.set(line.being, track);
        track.push(line);
        return;
      }
      default:
        this.fact(line);
    }
  }

  private fact(line: { timeMs: number } & Fact): void {
    this.beings.set(macKey(line.mac), line.being);
    switch (line.type) {
      case 'connected':
        this.client(line.being, line.mac, {
          hostName: line.hostName,
          ipv4: line.ipv4,
          userName: line.wifi?.userName ?? null,
          ssid: line.wifi?.ssid ?? null,
          device: line.wifi?.accessPoint ?? this.ports.get(line.being) ?? null,
        });
        if (line.wifi) this.cells.set(line.being, cellOf(line.wifi));
        return;
      case 'join':
      case 'roam':
        if (line.outcome === 'joined') this.joined(line);
        return;
      case 'address':
        if (line.outcome !== 'bound') return;
        this.client(line.being, line.mac, { hostName: line.hostName, ipv4: line.ipv4 });
        return;
      case 'leave':
        this.cells.delete(line.being);
    }
  }

  private joined(line: { timeMs: number; type: string } & Joined): void {
    const { being, mac, userName, ssid, accessPoint, timeMs } = line;
    const from = this.cells.get(being);
    const to = cellOf(line);
    if (line.type === 'roam' && from !== undefined) {
      this.roams.push({ timeMs, mac: macKey(mac), from, to });
    }
    this.cells.set(being, to);
    this.client(being, mac, { userName, ssid, device: accessPoint });
  }

  private client(being: string, mac: string, told: Partial<TrueClient>): void {
    const nothing = { hostName: null, userName: null, ssid: null, ipv4: null };
    const device = this.ports.get(being) ?? null;
    const known = this.clients.get(macKey(mac)) ?? { being, mac: macKey(mac), ...nothing, device };
    this.clients.set(macKey(mac), { ...known, ...told });
  }

  /** Id of the device that is meant, by whatever name it is called; undefined for a stranger. */
  deviceOf(name: string): string | undefined {
    return this.devices.get(name) ?? this.devices.get(macKey(name));
  }

  /** Where whoever had this address was at a time; null where nobody had it, or was away. */
  positionOf(mac: string, timeMs: number): { floor: string; x: number; y: number } | null {
    const track = this.tracks.get(this.beings.get(macKey(mac)) ?? '') ?? [];
    let [low, high] = [-1, track.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (track[middle].timeMs <= timeMs) low = middle;
      else high = middle - 1;
    }
    const at = track[low];
    return at === undefined || at.type === 'gone' ? null : at;
  }
}

const cellOf = ({ accessPoint, bssid }: { accessPoint: string; bssid: string }): TrueCell => ({
  device: accessPoint,
  bssid: macKey(bssid),
});

export interface TruthProblem {
  line: number;
  message: string;
}

/** All lines, one after the other; problems instead of a throw where some are no truth. */
export class TruthReader {
  readonly record = new TruthRecord();
  readonly problems: TruthProblem[] = [];
  private count = 0;

  line(text: string): void {
    this.count++;
    if (text.trim() === '') return;
    const line = parse(text);
    if (line === null) this.problem('this is no line of truth: write those of docs/world-truth.md');
    else if (this.count === 1 && !(line.type === 'site' && line.format === TRUTH_FORMAT)) {
      this.problem(
        `begin with {"type":"site","format":"${TRUTH_FORMAT}"}, as airherd world run --truth does`,
      );
    } else this.record.add(line);
  }

  private problem(message: string): void {
    this.problems.push({ line: this.count, message });
  }
}

function parse(text: string): TruthLine | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isLine(value) ? value : null;
}

/** What must be there for a line to be read; what else stands in it is taken as it is. */
const end = z.looseObject({ device: z.string(), mac: z.string(), port: z.string() });
const being = { being: z.string() };
const fact = z.looseObject({
  type: z.enum(['scan', 'join', 'roam', 'address', 'trouble', 'leave', 'connected']),
  timeMs: z.number(),
  mac: z.string(),
  ...being,
});
const shape = z.union([
  z.looseObject({ type: z.literal('site'), format: z.string(), fromMs: z.number(), toMs: z.number() }),
  z.looseObject({
    type: z.literal('device'),
    id: z.string(),
    name: z.string(),
    mac: z.string(),
    radios: z.array(z.looseObject({ bssids: z.array(z.string()) })),
  }),
  z.looseObject({ type: z.literal('link'), a: end, b: end, wired: z.boolean() }),
  z.looseObject({ type: z.literal('being'), mac: z.string(), ble: z.array(z.string()), ...being }),
  z.looseObject({
    type: z.literal('cause'),
    kind: z.string(),
    fromMs: z.number(),
    toMs: z.number(),
    concerns: z.array(z.string()),
  }),
  z.looseObject({
    type: z.literal('position'),
    timeMs: z.number(),
    floor: z.string(),
    x: z.number(),
    y: z.number(),
    ...being,
  }),
  z.looseObject({ type: z.literal('gone'), timeMs: z.number(), ...being }),
  fact,
]);

const isLine = (value: unknown): value is TruthLine => shape.safeParse(value).success;
