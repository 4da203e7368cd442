import type { Dissection } from '../dissection.ts';
import { Proto } from '../protocols.ts';
import type { SliceOptions } from '../slice/options.ts';
import { Slicer } from '../slice/slicer.ts';
import { type Client, Clients, isWireless, macBytes, macNumber } from './client.ts';
import type { Detector, Scene } from './detect.ts';
import { detectArp } from './detect-arp.ts';
import { detectDhcp } from './detect-dhcp.ts';
import { detectDns } from './detect-dns.ts';
import { detectEap, detectEapol } from './detect-eapol.ts';
import { detectIeee80211 } from './detect-ieee80211.ts';
import { type PcapTriggerName, TIMEOUTS, type Timeouts } from './names.ts';
import { RateLimit, type RateLimitOptions } from './rate-limit.ts';
import { type KeptFrame, type SeenFrame, SliceBuffer } from './ring.ts';

/** Frames of one client around one failure. */
export interface Capture {
  trigger: PcapTriggerName;
  /** MAC address. */
  client: Uint8Array;
  /** When the failure was known, and the window around it that was asked for; Unix nanoseconds. */
  atNs: bigint;
  fromNs: bigint;
  toNs: bigint;
  frames: KeptFrame[];
}

export interface TrackerOptions {
  /** How the frames in the rings are sliced. */
  slice?: SliceOptions;
  maxClients?: number;
  /** Of each client: bytes and number of the frames that are remembered. */
  ringBytes?: number;
  ringFrames?: number;
  /** Window around a failure, milliseconds of capture time. */
  beforeMs?: number;
  afterMs?: number;
  timeouts?: Partial<Timeouts>;
  limit?: Partial<RateLimitOptions>;
}

interface Pending {
  client: Client;
  trigger: PcapTriggerName;
  atMs: number;
}

const DETECTORS: readonly (readonly [proto: number, detector: Detector])[] = [
  [Proto.ieee80211, detectIeee80211],
  [Proto.eapol, detectEapol],
  [Proto.eap, detectEap],
  [Proto.dhcpv4, detectDhcp],
  [Proto.arp, detectArp],
  [Proto.udp, detectDns],
];
const detectorOf: (Detector | undefined)[] = [];
for (const [proto, detector] of DETECTORS) detectorOf[proto] = detector;

/** Nothing is kept in it from one frame to the next: all trackers of a thread have one. */
const strictSlicer = new Slicer();

/** Deadlines are looked at when so much capture time has passed, not for each frame. */
const TICK_MS = 100;
/** Frames of several queues may come a little out of order; more than this, and the clock was set back. */
const MAX_DISORDER_MS = 1000;
/** A client's failure and what comes of it may overlap; more than this at once is one and the same trouble. */
const MAX_PENDING = 64;
const MAX_INTERFACES = 256;

/**
 * Dynamic capture: keeps the last sliced frames of each client, and when one of its connections fails, gives
 * out the window around it. Pure: time is the frames' own, and passes without frames by `tick`.
 */
export class TriggerTracker {
  /** Captures that the rate limit did not allow. */
  suppressed = 0;
  private readonly clients: Clients;
  private readonly slicer: Slicer;
  private readonly slice = new SliceBuffer();
  private readonly limit: RateLimit;
  private readonly beforeMs: number;
  private readonly afterMs: number;
  private readonly scene: Scene & { timeMs: number };
  private readonly touched: Client[] = [];
  private pending: Pending[] = [];
  private ready: Capture[] = [];
  private tickedMs = 0;
  private interfaceName = '';
  /** By interface, the MAC address that last spoke 802.1X there. */
  private readonly supplicants = new Map<string, number>();

  constructor(options: TrackerOptions = {}) {
    const { maxClients = 256, ringBytes = 16 * 1024, ringFrames = 128 } = options;
    this.slicer = options.slice === undefined ? strictSlicer : new Slicer(options.slice);
    this.limit = new RateLimit(options.limit);
    this.beforeMs = options.beforeMs ?? 10_000;
    this.afterMs = options.afterMs ?? 3000;
    // A window that is still open began so long ago at most: an earlier one is given out before the next frame.
    const keepNs = toNs(this.beforeMs + this.afterMs + MAX_DISORDER_MS);
    this.clients = new Clients(maxClients, { bytes: ringBytes, frames: ringFrames, keepNs }, (client) =>
      this.finish(client),
    );
    this.scene = {
      timeouts: { ...TIMEOUTS, ...options.timeouts },
      timeMs: 0,
      client: (b, at) => this.touch(macNumber(b, at)),
      supplicant: () => this.supplicant(),
      isSupplicant: (client) => {
        if (this.supplicants.size < MAX_INTERFACES || this.supplicants.has(this.interfaceName)) {
          this.supplicants.set(this.interfaceName, client.mac);
        }
      },
      fire: (client, trigger) => this.fire(client, trigger),
    };
  }

  /** Takes a frame and its dissection. Captures that are complete are waiting in `take`. */
  frame(d: Dissection, frame: SeenFrame): void {
    const timeMs = Number(frame.timeNs) / 1e6;
    this.scene.timeMs = timeMs;
    if (timeMs < this.tickedMs - MAX_DISORDER_MS) this.rewind(timeMs);
    else if (timeMs - this.tickedMs >= TICK_MS) this.pass(timeMs);
    this.scene.timeMs = timeMs;
    this.interfaceName = frame.interfaceName;
    this.touched.length = 0;
    this.touchEnds(d);
    for (let i = 0; i < d.count; i++) detectorOf[d.proto[i]]?.(d, i, this.scene);
    if (this.touched.length === 0) return;
    this.slice.fill(this.slicer, frame);
    for (const client of this.touched) client.ring.add(frame, this.slice);
  }

  /** Lets capture time pass without a frame. */
  tick(timeNs: bigint): void {
    this.pass(Number(timeNs) / 1e6);
  }

  /** Captures whose window is complete, and forgets them. */
  take(): Capture[] {
    const { ready } = this;
    this.ready = [];
    return ready;
  }

  /** Completes all windows as they are: no more frames will come. */
  end(): Capture[] {
    const all = this.pending;
    this.pending = [];
    for (const pending of all) this.emit(pending);
    return this.take();
  }

  /** Stations of 802.11 frames are told by the detector; of Ethernet frames both ends may be clients. */
  private touchEnds(d: Dissection): void {
    if (d.count === 0 || isWireless(d.linkType) || d.proto[0] !== Proto.ethernet) return;
    const b = d.frame;
    const start = d.start[0];
    if ((b[start + 6] & 1) === 0) this.touch(macNumber(b, start + 6));
    if ((b[start] & 1) === 0) this.touch(macNumber(b, start));
  }

  private supplicant(): Client | null {
    const mac = this.supplicants.get(this.interfaceName);
    return mac === undefined || this.clients.known(mac) === undefined ? null : this.touch(mac);
  }

  private touch(mac: number): Client {
    for (const client of this.touched) if (client.mac === mac) return client;
    const client = this.clients.seen(mac);
    this.touched.push(client);
    return client;
  }

  private fire(client: Client, trigger: PcapTriggerName): void {
    const atMs = this.scene.timeMs;
    if (this.pending.length >= MAX_PENDING || !this.limit.allows(client.mac, trigger, atMs)) {
      this.suppressed++;
      return;
    }
    this.pending.push({ client, trigger, atMs });
  }

  private pass(timeMs: number): void {
    this.tickedMs = timeMs;
    for (const client of this.clients.all()) {
      for (const { trigger, deadlineMs } of client.overdue(timeMs)) {
        // The failure is known when the deadline passes, however late we come to look.
        this.scene.timeMs = deadlineMs;
        this.fire(client, trigger);
      }
    }
    const due = this.pending.filter(({ atMs }) => atMs + this.afterMs <= timeMs);
    if (due.length === 0) return;
    this.pending = this.pending.filter((pending) => !due.includes(pending));
    for (const pending of due) this.emit(pending);
  }

  /** The clock was set back: deadlines of before mean nothing, and windows are given out as they are. */
  private rewind(timeMs: number): void {
    this.tickedMs = timeMs;
    for (const client of this.clients.all()) client.expectNothing();
    const all = this.pending;
    this.pending = [];
    for (const pending of all) this.emit(pending);
  }

  /** Before a client is forgotten, its windows are given out as far as they got. */
  private finish(client: Client): void {
    const [of, others] = [true, false].map((own) =>
      this.pending.filter((p) => (p.client === client) === own),
    );
    this.pending = others;
    for (const pending of of) this.emit(pending);
  }

  private emit({ client, trigger, atMs }: Pending): void {
    const fromNs = toNs(atMs - this.beforeMs);
    const until = toNs(atMs + this.afterMs);
    this.ready.push({
      trigger,
      client: macBytes(client.mac),
      atNs: toNs(atMs),
      fromNs,
      toNs: until,
      frames: client.ring.between(fromNs, until),
    });
  }
}

/** To the microsecond, which is as much as the double holds of a time of today. */
const toNs = (ms: number): bigint => BigInt(Math.round(ms * 1000)) * 1000n;
