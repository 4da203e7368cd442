import type { Clock } from '../platform/ports/clock.ts';
import type { Dialer, DialOptions, SecureChannel } from '../platform/ports/transport.ts';

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
  private channel: SecureChannel | null = null;
  /** Ends the dialling that is under way. */
  private dialling: AbortController | null = null;
  private restoredAtMs: number;
  /** When the device's own backoff ends. */
  private dueAtMs = Number.NEGATIVE_INFINITY;
  private gate: { opened: Promise<void>; open(): void } | null = null;

  constructor(
    inner: Dialer,
    clock: Clock,
    options: UplinkEvents & { startAtMs: number; localAddress: string | undefined },
  ) {
    this.inner = inner;
    this.clock = clock;
    this.events = options;
    this.restoredAtMs = options.startAtMs;
    this.localAddress = options.localAddress;
  }

  get isCut(): boolean {
    return this.gate !== null;
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
    const dialling = new AbortController();
    this.dialling = dialling;
    const onAbort = () => dialling.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.inner.dial(
        { ...options, localAddress: this.localAddress, onConnected: () => this.events.onConnected() },
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

function unlessAborted(wait: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    void wait.then(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
  });
}
