import type { Clock, Timer } from '../../platform/ports/clock.ts';
import { AirherdError, CATALOGUE, type ErrorCode } from '../../protocol/errors.ts';
import type { Machine } from '../report/report.ts';
import type { Bus } from './bus.ts';
import { ClockOffset } from './clock-offset.ts';
import {
  type Order,
  orderTopic,
  parseMessage,
  type Report,
  report,
  reportFilter,
  workerOf,
} from './messages.ts';
import { RemoteShard } from './remote-shard.ts';

export interface PoolOptions {
  run: string;
  /** As `parseFleetConfig` takes it; workers parse it themselves. */
  config: Record<string, unknown>;
  shards: number;
  bus: Bus;
  clock: Clock;
  /** For people: who came, who went, what was moved. */
  onNews(text: string): void;
}

/** A worker says every second that it is there; without a word for so long it is gone, and its shares move. */
export const LOST_MS = 7_000;
const PINGS = 8;
const PING_MS = 200;
const WATCH_MS = 500;

interface Member {
  name: string;
  session: string;
  heardMs: number;
  lost: boolean;
  offset: ClockOffset;
  pinged: number;
  /** Sent and not answered. */
  pings: Map<number, { wallMs: number; monoMs: number }>;
}

/**
 * The workers of a run, and which of them has which share.
 *
 *   member  | event                          | next  | does
 *   --------|--------------------------------|-------|------------------------------------------------
 *   (none)  | alive                          | there | measures its clock
 *   there   | nothing for 7 s, or its will   | lost  | its unfinished shares go to those that have least
 *   there   | alive of another session       | there | it was restarted: as lost, then as new
 *   lost    | alive                          | there | is given shares of whoever is lost next
 *
 *   share   | event                          | next    | does
 *   --------|--------------------------------|---------|-----------------------------------------------
 *   given   | ready                          | ready   | begins at once when the run has begun
 *   ready   | begin                          | running |
 *   running | final                          | done    |
 *   any     | its worker is lost             | given   | prepared anew by another, which resumes the schedule
 */
export class Pool {
  readonly shards: readonly RemoteShard[];
  readonly #options: PoolOptions;
  readonly #members = new Map<string, Member>();
  /** Which worker has a share. */
  readonly #holder = new Map<number, string>();
  readonly #resumed = new Set<number>();
  #serials: string | null = null;
  #startWallMs: number | null = null;
  #stopped = false;
  #watch: Timer | null = null;
  #pinging: Timer | null = null;
  #joined: () => void = () => {};

  constructor(options: PoolOptions) {
    this.#options = options;
    const host = {
      begin: (shard: number, startWallMs: number) => this.#begin(shard, startWallMs),
      stop: (shard: number) => this.#stop(shard),
    };
    this.shards = Array.from({ length: options.shards }, (_, number) => new RemoteShard(number, host));
  }

  /** Resolves when `count` workers are there and their clocks are measured; rejects after `timeoutMs`. */
  async gather(count: number, timeoutMs: number): Promise<void> {
    const { bus, clock, run } = this.#options;
    await bus.subscribe(reportFilter(run), (topic, payload) => {
      const message = parseMessage(report, payload);
      if (message) this.#take(workerOf(topic), message);
    });
    this.#watch = clock.every(WATCH_MS, () => this.#lookForLost());
    this.#pinging = clock.every(PING_MS, () => this.#ping());
    await new Promise<void>((resolve, reject) => {
      const timer = clock.timer(timeoutMs, () => {
        reject(new AirherdError('fleet-workers', { have: this.#here().length, wanted: count }));
      });
      this.#joined = () => {
        const measured = this.#here().filter(({ offset }) => offset.isKnown);
        if (measured.length < count) return;
        timer.cancel();
        resolve();
      };
      this.#joined();
    });
    for (const { number } of this.shards) this.#give(number);
  }

  /** Who took part, and how their clocks were. */
  machines(): Machine[] {
    return [...this.#members.values()].map(({ name, lost, offset }) => ({
      name,
      shards: [...this.#holder].filter(([, holder]) => holder === name).map(([shard]) => shard),
      clockOffsetMs: offset.offsetMs,
      state: lost ? ('lost' as const) : ('finished' as const),
    }));
  }

  /** Tells all workers that the run is over. */
  close(): void {
    this.#watch?.cancel();
    this.#pinging?.cancel();
    for (const { name } of this.#members.values()) this.#say(name, { type: 'done' });
  }

  #here(): Member[] {
    return [...this.#members.values()].filter(({ lost }) => !lost);
  }

  #say(worker: string, message: Order): void {
    this.#options.bus.publish(orderTopic(this.#options.run, worker), message);
  }

  #take(name: string, message: Report): void {
    if (message.type === 'alive') return void this.#alive(name, message.session);
    const member = this.#members.get(name);
    if (!member || member.lost) return;
    if (message.type === 'gone') {
      if (message.session === member.session) this.#lose(member, 'its connection ended');
      return;
    }
    const { clock } = this.#options;
    member.heardMs = clock.monoMs();
    if (message.type === 'pong') {
      const sent = member.pings.get(message.id);
      if (sent) member.offset.add(sent, clock.monoMs(), message.wallMs);
      member.pings.delete(message.id);
      this.#joined();
      return;
    }
    const { shard: number } = message;
    const shard = this.shards[number];
    // What a worker says of a share that was moved away from it is of no use any more.
    if (!shard || this.#holder.get(number) !== name) return;
    switch (message.type) {
      case 'ready':
        return void this.#ready(member, shard, message.serials);
      case 'failed': {
        const code: ErrorCode = message.code in CATALOGUE ? (message.code as ErrorCode) : 'internal';
        return void shard.fail(new AirherdError(code, message.parameters));
      }
      case 'snapshot':
        return void shard.take(message.snapshot);
      case 'final':
        return void shard.finish(message.snapshot);
    }
  }

  #alive(name: string, session: string): void {
    const known = this.#members.get(name);
    const heardMs = this.#options.clock.monoMs();
    if (known && known.session === session && !known.lost) {
      known.heardMs = heardMs;
      return;
    }
    if (known && !known.lost) this.#lose(known, 'it was restarted');
    // It was out of reach and went on all the same: what others have now, it must let go.
    for (const { number } of known?.session === session ? this.shards : []) {
      this.#say(name, { type: 'stop', shard: number });
    }
    this.#members.set(name, {
      name,
      session,
      heardMs,
      lost: false,
      offset: new ClockOffset(),
      pinged: 0,
      pings: new Map(),
    });
    this.#options.onNews(`worker ${name} is there`);
  }

  #ping(): void {
    const { clock } = this.#options;
    for (const member of this.#here()) {
      if (member.pinged >= PINGS) continue;
      const id = member.pinged++;
      member.pings.set(id, { wallMs: clock.wallMs(), monoMs: clock.monoMs() });
      this.#say(member.name, { type: 'ping', id });
    }
  }

  #lookForLost(): void {
    const nowMs = this.#options.clock.monoMs();
    for (const member of this.#here()) {
      if (nowMs - member.heardMs >= LOST_MS)
        this.#lose(member, `nothing was heard of it for ${LOST_MS / 1000} s`);
    }
  }

  #lose(member: Member, why: string): void {
    member.lost = true;
    const its = [...this.#holder].filter(
      ([shard, holder]) => holder === member.name && !this.shards[shard].isFinished,
    );
    this.#options.onNews(`worker ${member.name} is lost (${why}); ${its.length} shares move to others`);
    for (const [number] of its) {
      this.shards[number].lose();
      this.#holder.delete(number);
      this.#give(number);
    }
  }

  /** To the worker that has least. */
  #give(number: number): void {
    const { config, shards } = this.#options;
    const shares = (name: string) => [...this.#holder.values()].filter((holder) => holder === name).length;
    const [least] = this.#here().sort((a, b) => shares(a.name) - shares(b.name));
    if (!least) {
      this.shards[number].fail(new Error('no worker is left'));
      return;
    }
    this.#holder.set(number, least.name);
    if (this.#startWallMs !== null) this.#resumed.add(number);
    this.#say(least.name, { type: 'prepare', shard: number, shards, config });
  }

  #ready(member: Member, shard: RemoteShard, serials: string): void {
    this.#serials ??= serials;
    if (this.#serials !== serials) {
      const detail = `worker ${member.name} has other identities than the first; give all the same pack`;
      shard.fail(new AirherdError('config-invalid', { source: 'identities', detail }));
      return;
    }
    shard.markReady();
    if (this.#startWallMs !== null && this.#resumed.has(shard.number)) {
      this.#begin(shard.number, this.#startWallMs);
    }
  }

  #begin(number: number, startWallMs: number): void {
    this.#startWallMs = startWallMs;
    const member = this.#members.get(this.#holder.get(number) ?? '');
    if (!member) return;
    if (this.#stopped) return void this.#stop(number);
    const { offsetMs } = member.offset;
    const resumes = this.#resumed.has(number);
    this.#say(member.name, {
      type: 'begin',
      shard: number,
      startWallMs: startWallMs + offsetMs,
      ...(resumes && { resumeWallMs: this.#options.clock.wallMs() + offsetMs }),
    });
  }

  #stop(number: number): void {
    this.#stopped = true;
    const holder = this.#holder.get(number);
    if (holder !== undefined && !this.shards[number].isFinished)
      this.#say(holder, { type: 'stop', shard: number });
  }
}
