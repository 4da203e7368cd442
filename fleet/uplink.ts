import { unlessAborted } from '../platform/ports/abort.ts';
import type { Clock } from '../platform/ports/clock.ts';
import type { LinkProxy } from '../platform/ports/link.ts';
import type { Dialer, DialOptions, SecureChannel } from '../platform/ports/transport.ts';

/** The link that can be spoiled between a device and its target. */
export interface UplinkLink {
  proxy: LinkProxy;
  name: string;
  target: { host: string; port: number };
}

export interface UplinkEvents {
  /** Dialling begins; the attempt was due at `intendedAtMs` (monotonic). */
  onDial(intendedAtMs: number): void;
  onConnected(): void;
  onSecured(): void;
}

/**
 * A device's way to its cloud, which the schedule can cut and restore. While it is cut, whoever dials waits as a
 * radio without its network does; what dials when it is restored was due at the instant of the schedule, or when
 * the device itself wanted to try again, if that is later. Late timers of ours thus count against the target's
 * latency, and not for it.
 */
export class Uplink implements Dialer {
  private readonly inner: Dialer;
  private readonly clock: Clock;
  private readonly localAddress: string | undefined;
  private readonly events: UplinkEvents;
  private readonly link: UplinkLink | null;
  private channel: SecureChannel | null = null;
  /** Ends the dialling that is under way. */
  private dialling: AbortController | null = null;
  private restoredAtMs: number;
  /** When the device's own backoff ends. */
  private dueAtMs = Number.NEGATIVE_INFINITY;
  /** The schedule has ended the connection, and nobody has noticed yet. */
  private endAsked = false;
  private gate: { opened: Promise<void>; open(): void } | null = null;

  constructor(
    inner: Dialer,
    clock: Clock,
    options: UplinkEvents & { startAtMs: number; localAddress: string | undefined; link?: UplinkLink | null },
  ) {
    this.inner = inner;
    this.clock = clock;
    this.events = options;
    this.restoredAtMs = options.startAtMs;
    this.localAddress = options.localAddress;
    this.link = options.link ?? null;
  }

  get isCut(): boolean {
    return this.gate !== null;
  }

  /** The schedule ends the connection in another way. */
  endIsAsked(): void {
    this.endAsked = true;
  }

  /** Whether the end that was just noticed is what the schedule asked for. */
  takeAsked(): boolean {
    const asked = this.endAsked;
    this.endAsked = false;
    return asked || this.isCut;
  }

  /** Monotonic: the next attempt is due then. */
  retryAt(dueAtMs: number): void {
    this.dueAtMs = dueAtMs;
  }

  /** True when there was a connection to cut. */
  cut(): boolean {
    if (this.gate === null) {
      let open = () => {};
      const opened = new Promise<void>((resolve) => {
        open = resolve;
      });
      this.gate = { opened, open };
    }
    const was = this.channel !== null && !this.channel.stream.destroyed;
    if (was) this.endAsked = true;
    this.channel?.destroy();
    this.channel = null;
    this.dialling?.abort(new Error('cut'));
    return was;
  }

  /** `atMs` is the instant of the schedule, monotonic. */
  restore(atMs: number): void {
    this.restoredAtMs = atMs;
    this.gate?.open();
    this.gate = null;
  }

  async dial(options: DialOptions, signal: AbortSignal): Promise<SecureChannel> {
    for (;;) {
      while (this.gate !== null) await unlessAborted(this.gate.opened, signal);
      this.events.onDial(Math.max(this.restoredAtMs, Math.min(this.dueAtMs, this.clock.monoMs())));
      const channel = await this.dialOnce(options, signal);
      if (channel === null) continue;
      this.channel = channel;
      this.events.onSecured();
      return channel;
    }
  }

  /** Null when it was cut meanwhile: the cable is out, and nothing comes of it. */
  private async dialOnce(options: DialOptions, signal: AbortSignal): Promise<SecureChannel | null> {
    signal.throwIfAborted();
    // Where it is redirected to, no link of ours leads.
    const isTarget = this.link?.target.host === options.host && this.link.target.port === options.port;
    const link = isTarget ? this.link : null;
    const dialling = new AbortController();
    this.dialling = dialling;
    const onAbort = () => dialling.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.inner.dial(
        {
          ...options,
          ...(link && { host: link.proxy.host, port: link.proxy.port }),
          localAddress: this.localAddress,
          onConnected: (local) => {
            link?.proxy.claim(local, link.name);
            this.events.onConnected();
          },
        },
        dialling.signal,
      );
    } catch (error) {
      if (dialling.signal.aborted && !signal.aborted) return null;
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.dialling = null;
    }
  }
}
