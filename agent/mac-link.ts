import type { Clock, Timer } from '../platform/ports/clock.ts';
import { ANEW } from '../protocol/challenge.ts';
import { AirherdError } from '../protocol/errors.ts';
import { FrameOpener, FrameSealer, type SessionKeys } from '../protocol/session-mac.ts';
import type { DownTopic, UpStream } from '../protocol/topics.ts';
import type { DeviceLink, DownHandler } from './device-link.ts';
import type { Link } from './link.ts';

/**
 * A broker stays when the cloud behind it dies: then nothing tells the device but that no `ack` comes. It proves
 * itself anew, and sends again what was not acknowledged.
 */
export const ACK_TIMEOUT_MS = 20_000;

export interface MacLinkOptions {
  keys: SessionKeys;
  clock: Clock;
  host: string;
  port: number;
  onRefused(topic: DownTopic, why: string): void;
}

/**
 * A link through a broker that nobody trusts: what goes up is sealed, what comes down is taken only when the
 * cloud made it for this session, and in order. What a broker makes up is dropped: it must not end a session.
 */
export class MacLink implements DeviceLink {
  readonly closed: Promise<AirherdError>;
  private readonly link: Link;
  private readonly options: MacLinkOptions;
  private readonly sealer: FrameSealer;
  private readonly opener: FrameOpener;
  private handler: DownHandler | null = null;
  private early: [DownTopic, Buffer][] = [];
  private ackTimer: Timer | null = null;

  constructor(link: Link, options: MacLinkOptions) {
    this.link = link;
    this.options = options;
    this.sealer = new FrameSealer(options.keys.up);
    this.opener = new FrameOpener(options.keys.down);
    this.closed = link.closed;
    void link.closed.then(() => this.ackTimer?.cancel());
    link.receiveWith((topic, payload) => this.receive(topic, payload));
  }

  publish(stream: UpStream, payload: Buffer): void {
    this.link.publish(stream, this.sealer.seal(stream, payload));
    this.ackTimer ??= this.options.clock.timer(ACK_TIMEOUT_MS, () => {
      const { host, port } = this.options;
      const detail = 'the cloud behind the broker acknowledged nothing';
      this.fail(new AirherdError('connection-lost', { host, port, detail }));
    });
  }

  receiveWith(handler: DownHandler): void {
    this.handler = handler;
    for (const [topic, payload] of this.early.splice(0)) handler(topic, payload);
  }

  /** Until the next `receiveWith`, what arrives is kept. */
  holdMessages(): void {
    this.handler = null;
  }

  fail(reason: AirherdError): void {
    this.ackTimer?.cancel();
    this.link.fail(reason);
  }

  close(): Promise<void> {
    this.ackTimer?.cancel();
    return this.link.close();
  }

  destroy(): void {
    this.ackTimer?.cancel();
    this.link.destroy();
  }

  private receive(topic: DownTopic, payload: Buffer): void {
    if (topic === 'auth') {
      if (!payload.equals(ANEW)) {
        this.options.onRefused(topic, 'not due');
        return;
      }
      const { host, port } = this.options;
      const detail = 'the cloud behind the broker asks for a new proof';
      this.fail(new AirherdError('connection-lost', { host, port, detail }));
      return;
    }
    const opened = this.opener.open(topic, payload);
    if (!opened.ok) {
      this.options.onRefused(topic, opened.why);
      return;
    }
    if (topic === 'ack') {
      this.ackTimer?.cancel();
      this.ackTimer = null;
    }
    if (this.handler) this.handler(topic, opened.body);
    else this.early.push([topic, opened.body]);
  }
}
