import type { Clock } from '../../platform/ports/clock.ts';
import { decodeUp } from '../../protocol/codec.ts';
import { AirherdError } from '../../protocol/errors.ts';
import type { Ack } from '../../protocol/messages/down.ts';
import type { Gap } from '../../protocol/messages/envelope.ts';
import type { UpMessage } from '../../protocol/messages/registry.ts';
import type { PrivacyClass } from '../../protocol/privacy.ts';
import type { UpStream } from '../../protocol/topics.ts';
import { isUnclaimed, type Session } from '../broker/session.ts';
import type { Stores } from '../store/stores.ts';
import { Batch, type Outcome } from './batch.ts';
import { Committer, type MayStorePayload } from './commit.ts';
import type { Incoming, IngestCounts } from './incoming.ts';

/** All that a device may say before it is claimed. */
const UNCLAIMED_STREAMS: readonly UpStream[] = ['hello', 'stats'];

export interface IngestOptions {
  clock: Clock;
  stores: Stores;
  window: number;
  /** Whether a capture with payload is one that the customer consented to. */
  mayStorePayload: MayStorePayload;
  /** How long a message waits for others to share its commit. */
  commitDelayMs: number;
  mostPerCommit: number;
  /** After the commit and before the `ack`, also for what had been committed before: then the `ack` was lost. */
  onCommitted(session: Session, message: UpMessage | Gap): void;
  /** After the commit, for messages that were new. */
  onStored(session: Session, stream: UpStream, message: UpMessage | Gap): void;
}

/** Validates what devices send, commits it, and only then acknowledges. */
export class Ingest {
  readonly #clock: Clock;
  readonly #batch: Batch<Incoming>;
  readonly #committer: Committer;
  readonly #onStored: IngestOptions['onStored'];
  readonly #onCommitted: IngestOptions['onCommitted'];

  constructor(options: IngestOptions) {
    this.#clock = options.clock;
    this.#onStored = options.onStored;
    this.#onCommitted = options.onCommitted;
    this.#committer = new Committer(options.stores, options.window, options.mayStorePayload);
    this.#batch = new Batch({
      clock: options.clock,
      delayMs: options.commitDelayMs,
      most: options.mostPerCommit,
      commit: (items) => this.#commit(items),
    });
  }

  get counts(): Readonly<IngestCounts> {
    return this.#committer.counts;
  }

  /** Resolves when the message is committed. Rejects with an AirherdError when it is refused. */
  async take(session: Session, stream: UpStream, payload: Uint8Array): Promise<void> {
    const { serial, standing } = session;
    const refuse = (detail: string) => new AirherdError('message-refused', { serial, stream, detail });
    if (isUnclaimed(standing) && !UNCLAIMED_STREAMS.includes(stream)) {
      throw refuse('the device is not claimed');
    }
    const decoded = decodeUp(stream, payload);
    if (!decoded.ok) throw refuse(decoded.reason);
    const { message } = decoded;
    if (message.kind === 'gap' ? message.to < message.seq : !this.#mayCome(session, message.class)) {
      throw refuse(
        message.kind === 'gap' ? 'a gap that ends before it begins' : `class ${message.class} is off`,
      );
    }
    const { orgId, siteId } = standing;
    const receivedMs = this.#clock.wallMs();
    await this.#batch.submit({ session, orgId, siteId, stream, message, payload, receivedMs });
  }

  /** What was on its way when its class was switched off is taken, acknowledged and not stored (admit.ts). */
  #mayCome({ standing, lately }: Session, privacyClass: PrivacyClass): boolean {
    if (standing.privacyClasses.includes(privacyClass)) return true;
    return lately !== null && this.#clock.monoMs() < lately.untilMs && lately.classes.includes(privacyClass);
  }

  /** Commits what waits. */
  flush(): void {
    this.#batch.flush();
  }

  #commit(items: Incoming[]): Outcome[] {
    const results = this.#committer.commit(items);
    const acks = new Map<Session, Map<string, Ack['acks'][number]>>();
    items.forEach((item, i) => {
      const result = results[i];
      if (!result.ok) return;
      this.#onCommitted(item.session, item.message);
      if (result.stored) this.#onStored(item.session, item.stream, result.stored);
      if (result.highest === 0) return;
      const ofSession = acks.get(item.session) ?? new Map();
      acks.set(item.session, ofSession);
      const { bootId } = item.message;
      const key = `${Buffer.from(bootId).toString('hex')} ${item.stream}`;
      ofSession.set(key, { bootId, stream: item.stream, seq: result.highest });
    });
    for (const [session, ofSession] of acks) session.acknowledge([...ofSession.values()]);
    return results;
  }
}
