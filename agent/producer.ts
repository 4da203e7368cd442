import { encode } from '../protocol/codec.ts';
import type { Envelope } from '../protocol/messages/envelope.ts';
import type { UpMessage } from '../protocol/messages/registry.ts';
import type { UpStream } from '../protocol/topics.ts';
import type { DeviceTime } from './device-time.ts';
import type { EncodeGap } from './outbox/entry.ts';
import type { Outbox } from './outbox/outbox.ts';
import type { Settings } from './settings.ts';

/** What a feature says; the envelope is the producer's. */
export type MessageBody<S extends UpStream> = Omit<UpMessage<S>, Exclude<keyof Envelope, 'class'> | 'kind'>;

export interface Producer {
  /**
   * Puts one message into the outbox, waiting for room where its stream holds back. Resolves to its seq, or to
   * null when its privacy class is off: then it was never made.
   */
  produce<S extends UpStream>(stream: S, body: MessageBody<S>): Promise<number | null>;
}

/** The streams that a device may use before somebody owns it. */
export const UNCLAIMED_STREAMS: readonly UpStream[] = ['hello', 'stats'];

export function createProducer(
  outbox: Outbox,
  time: DeviceTime,
  settings: Settings,
  signal: AbortSignal,
  /** `wantedAtMs`, monotonic: when the feature had it to say, before any wait for room. */
  onProduced: (stream: UpStream, seq: number, wantedAtMs: number) => void = () => {},
): Producer {
  const { bootId } = outbox;
  return {
    async produce(stream, body) {
      if (!settings.claimed && !UNCLAIMED_STREAMS.includes(stream)) return null;
      if (!settings.allows(body.class)) return null;
      const wantedAtMs = time.monoMs();
      const made = {
        v: 1,
        bootId,
        monoMs: time.sinceBootMs(),
        timeMs: time.nowMs(),
        clock: time.quality,
        kind: 'data',
      };
      const seq = await outbox.append(
        stream,
        body.class,
        (given) => encode({ ...made, seq: given, ...body }),
        signal,
      );
      onProduced(stream, seq, wantedAtMs);
      return seq;
    },
  };
}

/** A gap is about messages, not about people: it is of class `device` whatever it stands for. */
export function gapEncoder(time: DeviceTime): EncodeGap {
  return ({ boot, seq, to, reason }) =>
    encode({
      v: 1,
      bootId: Buffer.from(boot, 'hex'),
      seq,
      monoMs: time.sinceBootMs(),
      timeMs: time.nowMs(),
      clock: time.quality,
      class: 'device',
      kind: 'gap',
      to,
      reason,
    });
}
