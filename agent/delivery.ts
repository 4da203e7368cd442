import { FRAME_OVERHEAD } from '../protocol/session-mac.ts';
import type { UpStream } from '../protocol/topics.ts';
import type { DeviceLink } from './device-link.ts';
import type { Entry } from './outbox/entry.ts';
import type { Outbox } from './outbox/outbox.ts';

/** Fixed header, topic and packet id of a PUBLISH (MQTT 3.1.1 clause 3.3), and counter and MAC, at most. */
const PUBLISH_OVERHEAD_BYTES = 5 + 2 + 192 + 2 + FRAME_OVERHEAD;

export interface DeliveryOptions {
  link: DeviceLink;
  outbox: Outbox;
  /** `welcome.window` and `welcome.maxPacket`. */
  window: number;
  maxPacketBytes: number;
  mayLeave(entry: Entry): boolean;
  onSent?(stream: UpStream, seq: number, bytes: number): void;
}

/**
 * Sends the outbox over one link: at most a window of messages that the cloud has not acknowledged, this boot's
 * hello before anything else.
 */
export class Delivery {
  private readonly options: DeliveryOptions;
  private helloSent = false;
  private readonly stopListening: () => void;

  constructor(options: DeliveryOptions) {
    this.options = options;
    options.outbox.rewind();
    this.stopListening = options.outbox.onChange(() => this.pump());
  }

  pump(): void {
    const { link, outbox, window, maxPacketBytes } = this.options;
    while (outbox.inFlight < window) {
      const entry = outbox.nextToSend((candidate) => this.may(candidate));
      if (!entry) return;
      if (entry.bytes.length + PUBLISH_OVERHEAD_BYTES > maxPacketBytes && entry.gap === null) {
        void outbox.dropUnsendable(entry);
        continue;
      }
      if (entry.stream === 'hello' && entry.boot === outbox.boot) this.helloSent = true;
      link.publish(entry.stream, entry.bytes);
      this.options.onSent?.(entry.stream, entry.seq, entry.bytes.length);
    }
  }

  stop(): void {
    this.stopListening();
  }

  private may(entry: Entry): boolean {
    const isHello = entry.stream === 'hello' && entry.boot === this.options.outbox.boot;
    return (this.helloSent || isHello) && this.options.mayLeave(entry);
  }
}
