import type { Gap } from '../../protocol/messages/envelope.ts';
import type { UpMessage } from '../../protocol/messages/registry.ts';
import type { UpStream } from '../../protocol/topics.ts';
import type { Session } from '../broker/session.ts';

/** A message on its way to the store, with the standing that its sender had when it came. */
export interface Incoming {
  session: Session;
  orgId: string;
  siteId: string | null;
  stream: UpStream;
  message: UpMessage | Gap;
  payload: Uint8Array;
  receivedMs: number;
}

export interface IngestCounts {
  stored: number;
  duplicates: number;
  /** Acknowledged and not stored: the organisation does not want it, or somebody was erased or restricted. */
  withheld: number;
  batches: number;
}
