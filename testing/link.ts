/** The cable between a device and its cloud: it can be cut, slowed and broken. */
import type { Duplex } from 'node:stream';
import { nodeDialer } from '../platform/node/dial.ts';
import { startLinkProxy } from '../platform/node/link-proxy.ts';
import type { Clock } from '../platform/ports/clock.ts';
import { CLEAR_LINK, LINK_BREAKS, type LinkBreak, type LinkProxy } from '../platform/ports/link.ts';
import type { Dialer, DialOptions, SecureChannel } from '../platform/ports/transport.ts';
import { seededRandom } from '../platform/sim/random.ts';
import { AirherdError } from '../protocol/errors.ts';
import { type Duration, durationMs } from './duration.ts';

export interface LinkHandle {
  /** Ends the connection; whoever dials gets no answer until `restore`. */
  cut(): void;
  restore(): void;
  /** One way, and up to `jitter` more. */
  delay(by: Duration, jitter?: Duration): void;
  /** Bytes a second in each direction. */
  limit(bytesPerS: { up?: number; down?: number }): void;
  /** Nothing passes, and nobody is told. */
  blackHole(on?: boolean): void;
  /** Ends the connection in this way; the next one is good. */
  break(how: LinkBreak): void;
  /** As it was at the start. */
  clear(): void;
}

/** With what a device dials through it. */
export interface DeviceLink extends LinkHandle {
  readonly dialer: Dialer;
}

export interface LinkPort {
  host: string;
  port: number;
}

/** All links of a lab. */
export class Links {
  private readonly proxies = new Map<string, Promise<LinkProxy>>();
  private readonly channels = new Set<SecureChannel>();
  private readonly spoiled = new Set<string>();
  private readonly clock: Clock;
  private readonly seed: number;
  private passed = 0;
  private dials = 0;

  constructor(clock: Clock, seed: number) {
    this.clock = clock;
    this.seed = seed;
  }

  /** Bytes that went over all connections, and connections that were begun. */
  activity(): number {
    let sum = this.passed + this.dials;
    for (const { stream } of this.channels) sum += bytesOf(stream);
    return sum;
  }

  /** A connection is being made, over a link on which nothing waits for a timer. */
  get isDialling(): boolean {
    return this.dialling > 0 && this.spoiled.size === 0;
  }
  private dialling = 0;

  /** One target's proxy, made when it is first dialled. */
  private proxyTo({ host, port }: LinkPort): Promise<LinkProxy> {
    const key = `${host}:${port}`;
    const known = this.proxies.get(key);
    if (known !== undefined) return known;
    const made = startLinkProxy({
      target: { host, port },
      clock: this.clock,
      claimed: true,
      randomOf: (name) => seededRandom(`${this.seed} link ${name}`),
    });
    this.proxies.set(key, made);
    return made;
  }

  of(device: string, record: (step: Record<string, unknown>) => void): DeviceLink {
    let isCut = false;
    /** Who dials while the cable is out waits for it, as a radio does without its network. */
    const gate = new Set<() => void>();
    const open = () => {
      for (const resolve of gate) resolve();
    };
    const restored = (signal: AbortSignal): Promise<void> =>
      new Promise((resolve, reject) => {
        const settle = (end: () => void) => {
          gate.delete(onOpen);
          signal.removeEventListener('abort', onAbort);
          end();
        };
        const onOpen = () => settle(resolve);
        const onAbort = () => settle(() => reject(signal.reason));
        if (signal.aborted) return reject(signal.reason);
        gate.add(onOpen);
        signal.addEventListener('abort', onAbort, { once: true });
      });
    const conditions = { ...CLEAR_LINK };
    const each = (what: (proxy: LinkProxy) => void) => {
      for (const proxy of this.proxies.values()) void proxy.then(what);
    };
    const apply = (proxy: LinkProxy) => proxy.set(device, conditions);
    const changed = (step: Record<string, unknown>, change: Partial<typeof CLEAR_LINK>) => {
      record({ do: 'link', device, ...step });
      Object.assign(conditions, change);
      const isClear = !isCut && conditions.delayMs === 0 && !conditions.blackHole;
      if (isClear && conditions.upBytesPerS === Infinity && conditions.downBytesPerS === Infinity) {
        this.spoiled.delete(device);
      } else this.spoiled.add(device);
      each(apply);
    };
    return {
      cut: () => {
        isCut = true;
        changed({ cut: true }, {});
        each((proxy) => proxy.break(device, 'cut'));
      },
      restore: () => {
        isCut = false;
        changed({ cut: false }, {});
        open();
      },
      delay: (by, jitter = 0) =>
        changed(
          { delay: durationMs(by), jitter: durationMs(jitter) },
          { delayMs: durationMs(by), jitterMs: durationMs(jitter) },
        ),
      limit: ({ up = Infinity, down = Infinity }) =>
        changed(
          { ...(up !== Infinity && { up }), ...(down !== Infinity && { down }) },
          { upBytesPerS: up, downBytesPerS: down },
        ),
      blackHole: (on = true) => changed({ blackHole: on }, { blackHole: on }),
      break: (how) => {
        if (!LINK_BREAKS.includes(how)) {
          throw new AirherdError('usage-invalid', {
            detail: `no break ${how}; there are ${LINK_BREAKS.join(', ')}`,
          });
        }
        record({ do: 'link', device, break: how });
        each((proxy) => proxy.break(device, how));
      },
      clear: () => {
        isCut = false;
        changed({ clear: true }, { ...CLEAR_LINK });
        open();
      },
      dialer: {
        dial: async (options: DialOptions, signal: AbortSignal) => {
          this.dials++;
          while (isCut) await restored(signal);
          this.dialling++;
          try {
            const proxy = await this.proxyTo(options);
            apply(proxy);
            const { host, port } = proxy;
            const channel = await nodeDialer.dial(
              { ...options, host, port, onConnected: (local) => proxy.claim(local, device) },
              signal,
            );
            this.watch(channel);
            return channel;
          } finally {
            this.dialling--;
          }
        },
      },
    };
  }

  private watch(channel: SecureChannel): void {
    this.channels.add(channel);
    channel.stream.once('close', () => {
      this.passed += bytesOf(channel.stream) + 1;
      this.channels.delete(channel);
    });
  }

  async close(): Promise<void> {
    for (const proxy of this.proxies.values()) await (await proxy).close();
  }
}

/** Of a socket: read and written. */
function bytesOf(stream: Duplex): number {
  const read = 'bytesRead' in stream ? Number(stream.bytesRead) : 0;
  return read + ('bytesWritten' in stream ? Number(stream.bytesWritten) : 0);
}
