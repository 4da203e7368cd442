import type { Gap } from '../../protocol/messages/envelope.ts';
import type { UpMessage } from '../../protocol/messages/registry.ts';
import type { UpStream } from '../../protocol/topics.ts';

/** How long a message is kept, as the number that rests beside it. Entries are appended, never changed. */
export const KEPT = { device: 0, packets: 1, location: 2 } as const;
export type Kept = keyof typeof KEPT;

/** A message as it rests: who sent it, its place in the stream, and the CBOR that came. */
export interface MessageRecord {
  serial: string;
  siteId: string | null;
  bootId: Uint8Array;
  stream: UpStream;
  seq: number;
  receivedMs: number;
  payload: Uint8Array;
}

export interface StoredMessage extends Omit<MessageRecord, 'payload'> {
  id: number;
  message: UpMessage | Gap;
}
