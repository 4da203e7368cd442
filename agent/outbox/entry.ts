import type { GAP_REASONS } from '../../protocol/messages/envelope.ts';
import type { PrivacyClass } from '../../protocol/privacy.ts';
import type { UpStream } from '../../protocol/topics.ts';

export type GapReason = (typeof GAP_REASONS)[number];

/** A message that the cloud has not acknowledged, encoded once and for all. */
export interface Entry {
  /** 32 hexadecimal digits. */
  readonly boot: string;
  readonly stream: UpStream;
  readonly seq: number;
  /** Last seq that the message stands for: `seq`, but for a gap. */
  readonly to: number;
  /** Null for data; else why `seq` to `to` were dropped. */
  readonly gap: GapReason | null;
  readonly class: PrivacyClass;
  readonly bytes: Buffer;
  /** Was handed to a connection once, so that the cloud may have it. */
  sent: boolean;
  /** Segment of the journal that holds it; 0 for none. */
  segment: number;
}

export interface GapRange {
  boot: string;
  stream: UpStream;
  seq: number;
  to: number;
}

/** Encodes the message with this seq. */
export type EncodeMessage = (seq: number) => Buffer;
/** Encodes the gap that stands for a range. */
export type EncodeGap = (range: GapRange & { reason: GapReason }) => Buffer;

/** What a full outbox does with a new message of a stream. */
export type FullPolicy = 'drop-oldest' | 'hold-back' | 'exempt';

/**
 * RSSI is worth most when new. A session's own messages are few, and the session cannot go on without them.
 * All else waits, which holds its source back.
 */
export function fullPolicy(stream: UpStream): FullPolicy {
  if (stream === 'rssi') return 'drop-oldest';
  return stream === 'hello' || stream === 'reply' || stream === 'configuration' ? 'exempt' : 'hold-back';
}
